"""Making a song from the terminal: progress bar, files, and what was measured."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bootstrap.cli import documents
from bootstrap.cli.client import ApiProblem, CadenzaClient
from bootstrap.cli.edit_documents import EditDocuments

EXTENSIONS = {".flac": "MASTER", ".mp3": "DOWNLOAD", ".mid": "MIDI", ".json": "SCORE", ".cho": "CHORDS"}


@dataclass(frozen=True)
class MadeSong:
    """What came out, where it lies, and how long it took in seconds."""

    title: str
    audio: Path
    picture: Path
    seconds_to_playable: float | None
    seconds_to_finished: float


async def make_song(
    client: CadenzaClient, wish: Mapping[str, Any], out: Path, console: Console, audio_path: Path | None = None
) -> MadeSong:
    """Sends the wish, follows it, and writes the audio and the picture; raises `ApiProblem`."""
    started = time.monotonic()
    return await _made(client, await client.generate(wish), started, out, console, audio_path)


async def change_song(
    client: CadenzaClient,
    edit: EditDocuments,
    wish: Mapping[str, Any],
    out: Path,
    console: Console,
    audio_path: Path | None = None,
) -> MadeSong:
    """The same for a change of a version."""
    started = time.monotonic()
    job = await client.accepted(edit.make, edit.mutation, wish)
    return await _made(client, job, started, out, console, audio_path)


async def _made(
    client: CadenzaClient,
    job: Mapping[str, Any],
    started: float,
    out: Path,
    console: Console,
    audio_path: Path | None,
) -> MadeSong:
    kind = "MASTER" if audio_path is None else kind_of(audio_path)
    console.print(f"[dim]job {job['id']} · seed {job['seed']}[/dim]")
    playable = await follow(client, job["id"], console, started)
    finished = time.monotonic() - started
    result = await client.result(job["id"], job["trackId"], job["versionId"])
    track = result["job"]["track"]
    stem = f"{_slug(track['title'])}-{job['seed']}"
    audio = audio_path or out / f"{stem}.flac"
    picture = audio.with_suffix(".png")
    downloads = {item["kind"]: item for item in result["playback"]["downloads"]}
    if kind not in downloads:
        raise ApiProblem(
            f"The song is there, but has no {audio.suffix}. Fetch it as .flac or .mp3 from {track['title']!r}."
        )
    await client.download(downloads[kind]["url"], audio)
    await client.download(downloads["PICTURE"]["url"], picture)
    _show(console, result["job"], audio, picture)
    console.print(f"[dim]version {job['versionId']}[/dim]", soft_wrap=True)
    return MadeSong(track["title"], audio, picture, playable, finished)


async def show_quote(client: CadenzaClient, wish: Mapping[str, Any], console: Console) -> None:
    """Says what the wish would cost and how long it would take; raises `ApiProblem`."""
    _say((await client.execute(documents.QUOTE, {"input": dict(wish)}))["quoteGeneration"], console)


async def show_edit_quote(
    client: CadenzaClient, edit: EditDocuments, wish: Mapping[str, Any], console: Console
) -> None:
    """The same for a change of a version."""
    _say((await client.execute(edit.price, {"input": dict(wish)}))[edit.quote], console)


def _say(quote: Mapping[str, Any], console: Console) -> None:
    enough = "" if quote["isAffordable"] else " [red](too few)[/red]"
    console.print(f"{quote['credits']} credits of {quote['availableCredits']}{enough}, ready in about ", end="")
    console.print(f"{quote['expectedSeconds']:.0f} s")


async def follow(client: CadenzaClient, job_id: str, console: Console, started: float) -> float | None:
    """Shows the job until its end; returns after how many seconds it could be played."""
    playable = None
    columns = [
        TextColumn("[bold]{task.description:<14}"),
        BarColumn(bar_width=40),
        TaskProgressColumn(),
        TextColumn("{task.fields[eta]}"),
        TimeElapsedColumn(),
    ]
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("waiting", total=1.0, eta="")
        async for event in client.progress(job_id):
            eta = event["etaSeconds"]
            progress.update(
                bar,
                completed=event["progress"],
                description=event["stage"].lower(),
                eta="" if eta is None else f"about {eta:.0f} s left",
            )
            if event["isPlayable"] and playable is None:
                playable = time.monotonic() - started
            if event["problem"] is not None:
                raise ApiProblem(event["problem"]["message"])
    return playable


def kind_of(audio: Path) -> str:
    """Which file of a song is meant by a path's extension; raises `ApiProblem` for others."""
    kind = EXTENSIONS.get(audio.suffix.lower())
    if kind is None:
        raise ApiProblem(f"{audio.name}: write to a file that ends with {', '.join(EXTENSIONS)}.")
    return kind


def section_of(text: str) -> dict[str, Any]:
    """`8 only drums` as the API takes it; raises `ApiProblem` for text without seconds."""
    seconds, _, prompt = text.strip().partition(" ")
    try:
        return {"seconds": float(seconds), "prompt": prompt.strip()}
    except ValueError:
        raise ApiProblem(f"{text!r} is no section. Begin with its seconds, such as '8 only drums'.") from None


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "song"


def _show(console: Console, job: Mapping[str, Any], audio: Path, picture: Path) -> None:
    track, version = job["track"], job["version"]
    measured = version["analysis"]
    table = Table(title=f"{track['title']} — {track['genre']}", title_justify="left", show_header=False)
    table.add_row("understood", _understood(job["brief"]))
    if version["bpm"] is not None:
        table.add_row("composed", f"{version['bpm']:g} bpm · {version['keyScale']} · {version['meter']}")
    table.add_row("measured tempo", f"{measured['tempoBpm']:.1f} bpm (confidence {measured['tempoConfidence']:.2f})")
    table.add_row("measured key", f"{measured['key']} (confidence {measured['keyConfidence']:.2f})")
    table.add_row("loudness", f"{measured['loudnessLufs']:.1f} LUFS, true peak {measured['truePeakDbtp']:.1f} dBTP")
    table.add_row("time per stage", _times(job["stageTimes"]))
    table.add_row("audio", str(audio))
    table.add_row("picture", str(picture))
    console.print(table)


def _understood(brief: Mapping[str, Any]) -> str:
    sources = {item["field"]: item["source"] for item in brief["sources"]}
    known = (
        ("genre", brief["genre"]),
        ("mood", brief["mood"]),
        ("bpm", brief["bpm"]),
        ("key", brief["keyScale"]),
        ("meter", brief["meter"]),
        ("with", ", ".join(brief["instruments"])),
        ("without", ", ".join(brief["excludedInstruments"])),
    )
    words = [f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in known if value]
    guessed = [name for name, source in sources.items() if source == "similarity"]
    return " · ".join(words) + (f"  (by meaning: {', '.join(guessed)})" if guessed else "")


def _times(stages: Sequence[Mapping[str, Any]]) -> str:
    return " · ".join(f"{item['stage'].lower()} {item['seconds']:.2f} s" for item in stages if item["stage"] != "DONE")
