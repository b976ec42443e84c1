// Plays an HLS address in headless Chromium with hls.js: `listen.mjs FOLDER RATE ORIGIN...`. The page comes from the first
// of these loopback origins whose port is free. Writes `ready` into the folder and waits for a file `address` there.
// Prints one line: what was played, where it had to wait, and every error.
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import puppeteer from "puppeteer-core";

// Says to the package that the system has none of the libraries that Chromium needs, so that it takes those it brings.
process.env.CODEBUILD_BUILD_IMAGE = "nodejs20";
const { default: chromium } = await import("@sparticuz/chromium");

const [folder, rate, ...origins] = process.argv.slice(2);
const library = await readFile(createRequire(import.meta.url).resolve("hls.js/dist/hls.min.js"), "utf8");

const { server, origin } = await serve("<!doctype html><title>Cadenza</title><audio></audio>");
const browser = await puppeteer.launch({
  executablePath: await chromium.executablePath(),
  args: [...chromium.args.filter((each) => each !== "--disable-web-security"), "--autoplay-policy=no-user-gesture-required"],
  headless: "shell",
});
const page = await browser.newPage();
await page.goto(`${origin}/`);
await page.addScriptTag({ content: library });

await writeFile(join(folder, "ready"), "");
const heard = await page.evaluate(listen, await address(), Number(rate));
await browser.close();
server.close();
process.stdout.write(`${JSON.stringify(heard)}\n`);

async function address() {
  for (;;) {
    const found = await readFile(join(folder, "address"), "utf8").catch(() => "");
    if (found) return found;
    await sleep(20);
  }
}

async function serve(text) {
  for (const origin of origins) {
    const server = createServer((_, answer) => answer.writeHead(200, { "Content-Type": "text/html" }).end(text));
    const isServing = await new Promise((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(Number(new URL(origin).port), "127.0.0.1", () => resolve(true));
    });
    if (isServing) return { server, origin };
  }
  throw new Error(`no port is free among ${origins}`);
}

function listen(address, speed) {
  return new Promise((resolve) => {
    const audio = document.querySelector("audio");
    const player = new Hls();
    const told = { waits: [], errors: [], beganAt: null, playlists: [], ranges: 0, seconds: 0 };
    const end = () => resolve({ ...told, seconds: audio.duration, position: audio.currentTime });
    audio.playbackRate = speed;
    audio.addEventListener("playing", () => (told.beganAt ??= audio.currentTime), { once: true });
    audio.addEventListener("waiting", () => told.beganAt !== null && told.waits.push(audio.currentTime));
    audio.addEventListener("ended", end);
    player.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => told.playlists.push([details.live, details.totalduration]));
    player.on(Hls.Events.FRAG_LOADED, (_, { frag }) => (told.ranges += frag.byteRange.length ? 1 : 0));
    player.on(Hls.Events.ERROR, (_, { type, details, fatal }) => {
      told.errors.push([type, details]);
      if (fatal) end();
    });
    player.loadSource(address);
    player.attachMedia(audio);
    audio.play();
  });
}
