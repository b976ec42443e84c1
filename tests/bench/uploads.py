"""`make bench-uploads`: a song of three minutes is brought as a file, and hostile files are refused. Judges nothing.

It starts a stack of its own in a temporary folder and lets it make the song first, because encoders and analysis take
other times for real music than for tones.
"""

import asyncio
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bootstrap.cli import documents
from bootstrap.cli.client import CadenzaClient, success
from bootstrap.cli.home import Home, Person
from bootstrap.cli.stack import running_stack
from bootstrap.cli.uploads import open_upload, send_parts, size_of
from domain.kit.ids import new_id
from tests.uploads.hostile import MAX_SECONDS, corpus

SECONDS = 180.0
RUNS = 3
PROMPT = "driving funk with drums, slap bass, brass and organ"


@dataclass(frozen=True)
class Times:
    """Seconds from `completeUpload` to the first playable event, and to the end."""

    playable: float
    finished: float


async def song(client: CadenzaClient, folder: Path) -> Sequence[Path]:
    """A rendered song as FLAC, and as an MP3 with another encoder's settings."""
    job = await client.generate({"prompt": PROMPT, "durationSeconds": SECONDS, "seed": 1})
    async for _ in client.progress(job["id"]):
        pass
    result = await client.result(job["id"], job["trackId"])
    urls = {each["kind"]: each["url"] for each in result["playback"]["downloads"]}
    paths = [folder / "song.flac", folder / "song.mp3"]
    await client.download(urls["MASTER"], paths[0])
    await client.download(urls["DOWNLOAD"], paths[1])
    return paths


async def bring(client: CadenzaClient, path: Path) -> Times:
    quiet = Console(file=io.StringIO())
    upload = await open_upload(client, path, size_of(path))
    await send_parts(client, upload, path, quiet)
    started, playable = time.monotonic(), 0.0
    answer = await client.execute(documents.COMPLETE_UPLOAD, {"input": {"uploadId": upload["id"]}})
    job = success(answer["completeUpload"])["job"]
    async for event in client.progress(job["id"]):
        if event["isPlayable"] and not playable:
            playable = time.monotonic() - started
    return Times(playable, time.monotonic() - started)


def refuse(folder: Path) -> Table:
    """What it takes to refuse each file that means no good."""
    files = folder / "files"
    files.mkdir()
    for hostile in corpus(1):
        (files / hostile.name).write_bytes(hostile.data)
    command = [sys.executable, "-m", "tests.uploads.measure", str(files), str(MAX_SECONDS)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    outcomes = [json.loads(line) for line in run.stdout.splitlines() if line.startswith('{"name"')]
    table = Table("hostile file", "problem", "seconds")
    for outcome in outcomes:
        table.add_row(outcome["name"], outcome["code"], f"{outcome['seconds']:.2f}")
    longest = max(outcome["seconds"] for outcome in outcomes)
    table.add_row("all", f"at most {outcomes[-1]['peak_mebibytes']} MiB (reach 256)", f"{longest:.2f} (reach 5)")
    return table


async def measure(folder: Path) -> Table:
    table = Table(
        "a song of three minutes as", "playable in s (reach 2)", "processed in s (reach 8)", "times real time"
    )
    async with running_stack(Home(folder / "home"), Console(quiet=True)) as running:
        client = CadenzaClient(running.programs.api_url)
        await client.sign_in_or_up(Person(f"{new_id()}@cadenza.example", "a good password", "Ada Lovelace"))
        for path in await song(client, folder):
            for _ in range(RUNS):
                times = await bring(client, path)
                speed = SECONDS / times.finished
                table.add_row(path.suffix, f"{times.playable:.2f}", f"{times.finished:.2f}", f"{speed:.0f}")
    return table


def main() -> None:
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as folder:
        console.print(asyncio.run(measure(Path(folder))))
        console.print(refuse(Path(folder)))


if __name__ == "__main__":
    main()
