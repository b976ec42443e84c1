"""`make bench`: starts stacks of its own in a temporary folder, measures, and prints a table. Judges nothing."""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bootstrap.cli.client import CadenzaClient
from bootstrap.cli.home import Home
from bootstrap.cli.stack import RunningStack, running_stack
from tests.bench.memory import proportional_mebibytes

STARTS = 5
SONGS = 5
LONG_SONGS = 5
PICK_UPS = 20
PROMPTS = (
    "dreamy lofi hip hop, 82 bpm, rhodes",
    "driving techno in F minor",
    "calm classical piano in D major",
    "funk with slap bass and brass",
    "epic orchestral with choir",
)


@dataclass(frozen=True)
class Figure:
    """One row: what was measured (all runs), and what is to be reached, if anything is; smaller is better."""

    name: str
    runs: list[float]
    reach: float | None
    unit: str

    @property
    def median(self) -> float:
        return statistics.median(self.runs)


@dataclass(frozen=True)
class SongTimes:
    """Seconds from sending the mutation to the first playable event and to the end; pick-up from the record."""

    playable: float
    finished: float
    waiting: float


@asynccontextmanager
async def quiet_stack(root: Path) -> AsyncGenerator[RunningStack, None]:
    async with running_stack(Home(root), Console(quiet=True)) as running:
        yield running


async def song(client: CadenzaClient, prompt: str, seconds: float, seed: int) -> SongTimes:
    started = time.monotonic()
    job = await client.generate({"prompt": prompt, "durationSeconds": seconds, "seed": seed})
    playable = None
    async for event in client.progress(job["id"]):
        if event["problem"] is not None:
            raise RuntimeError(event["problem"]["message"])
        if event["isPlayable"] and playable is None:
            playable = time.monotonic() - started
    finished = time.monotonic() - started
    if playable is None:
        raise RuntimeError("the song never became playable")
    result = await client.result(job["id"], job["trackId"])
    waits = {item["stage"]: item["seconds"] for item in result["job"]["stageTimes"]}
    return SongTimes(playable, finished, waits["WAITING"])


async def measure_starts(root: Path) -> Figure:
    """Processes started until the API says that everything is ready, on data of an earlier run."""
    runs = []
    for _ in range(STARTS + 1):
        started = time.monotonic()
        async with quiet_stack(root):
            runs.append(time.monotonic() - started)
    return Figure("stack ready when installed", runs[1:], 15.0, "s")


async def measure_songs(client: CadenzaClient, say: Callable[[str], None]) -> list[Figure]:
    await song(client, PROMPTS[0], 5.0, 0)
    say(f"{SONGS} songs of 30 s")
    short = [await song(client, PROMPTS[index % len(PROMPTS)], 30.0, index) for index in range(SONGS)]
    say(f"{LONG_SONGS} songs of 3 minutes")
    long = [await song(client, PROMPTS[index % len(PROMPTS)], 180.0, index) for index in range(LONG_SONGS)]
    say(f"{PICK_UPS} pick-ups")
    small = [await song(client, PROMPTS[0], 5.0, index) for index in range(PICK_UPS)]
    return [
        Figure("mutation to first playable chunk, 30 s track", [run.playable for run in short], 2.5, "s"),
        Figure("mutation to finished, 30 s track", [run.finished for run in short], 10.0, "s"),
        Figure("mutation to first playable chunk, 3-minute song", [run.playable for run in long], None, "s"),
        Figure("mutation to finished, 3-minute song", [run.finished for run in long], 45.0, "s"),
        Figure("accepted to picked up", [run.waiting * 1000 for run in small], 50.0, "ms"),
    ]


async def measure() -> list[Figure]:
    console = Console()
    with tempfile.TemporaryDirectory(prefix="cadenza-bench-") as folder:
        root = Path(folder) / "home"
        console.print(f"{STARTS} starts of the stack …")
        figures = [await measure_starts(root)]
        async with quiet_stack(root) as running:
            await asyncio.sleep(5)
            idle = proportional_mebibytes(os.getpid())
            client = CadenzaClient(running.programs.api_url)
            await client.sign_in_or_up(Home(root).person())
            figures += await measure_songs(client, lambda text: console.print(f"{text} …"))
        figures.append(Figure("memory of the whole idle stack", [idle], 1536.0, "MiB"))
    return figures


def show(figures: list[Figure]) -> None:
    table = Table("what", "median", "min", "max", "runs", "reach", "ratio to reach")
    for figure in figures:
        table.add_row(
            figure.name,
            f"{figure.median:.3g} {figure.unit}" if figure.median < 100 else f"{figure.median:.0f} {figure.unit}",
            f"{min(figure.runs):.4g}",
            f"{max(figure.runs):.4g}",
            str(len(figure.runs)),
            "" if figure.reach is None else f"{figure.reach:g} {figure.unit}",
            "" if figure.reach is None else f"{figure.median / figure.reach:.2f}",
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    show(asyncio.run(measure()))
