"""Bringing a file from the terminal: its parts, progress, and what came of it."""

import mimetypes
import time
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import anyio
import httpx
from rich.console import Console
from rich.table import Table

from bootstrap.cli import documents
from bootstrap.cli.client import ApiProblem, CadenzaClient, success
from bootstrap.cli.songs import follow
from domain.kit.ids import new_id

ROUNDS = 5
READ_BYTES = 1 << 18
PUT_SECONDS = 120.0
# Python's own table differs between systems.
CONTENT_TYPES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/opus",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
}


async def upload_file(client: CadenzaClient, path: Path, title: str | None, console: Console) -> None:
    """Sends the file, follows its job, and shows the track; raises `ApiProblem`."""
    upload = await open_upload(client, path, size_of(path))
    await send_parts(client, upload, path, console)
    started = time.monotonic()
    wanted = {"uploadId": upload["id"], "title": title}
    job = success((await client.execute(documents.COMPLETE_UPLOAD, {"input": wanted}))["completeUpload"])["job"]
    console.print(f"[dim]job {job['id']}[/dim]")
    playable = await follow(client, job["id"], console, started)
    finished = time.monotonic() - started
    result = await client.execute(documents.UPLOAD_RESULT, {"jobId": job["id"], "trackId": job["trackId"]})
    _show(console, result)
    early = "" if playable is None else f"playable after {playable:.1f} s, "
    console.print(f"{early}finished after {finished:.1f} s")


def size_of(path: Path) -> int:
    """In bytes; raises `ApiProblem` for what is no file."""
    if not path.is_file():
        raise ApiProblem(f"{path} is not a file.")
    return path.stat().st_size


async def open_upload(client: CadenzaClient, path: Path, size: int) -> dict[str, Any]:
    """The upload with its missing parts; raises `ApiProblem`."""
    kind = CONTENT_TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    wish = {
        "fileName": path.name,
        "sizeBytes": size,
        "contentType": kind,
        "idempotencyKey": new_id(),
    }
    found: dict[str, Any] = success((await client.execute(documents.CREATE_UPLOAD, {"input": wish}))["createUpload"])
    upload: dict[str, Any] = found["upload"]
    return upload


async def send_parts(client: CadenzaClient, upload: Mapping[str, Any], path: Path, console: Console) -> None:
    """Sends what storage does not have, and asks again until that is nothing."""
    missing = upload["missingParts"]
    for turn in range(ROUNDS):
        if turn:
            answer = await client.execute(documents.MISSING_PARTS, {"id": upload["id"]})
            missing = answer["upload"]["missingParts"]
        if not missing:
            return
        async with httpx.AsyncClient(timeout=PUT_SECONDS) as http:
            for part in missing:
                console.print(f"[dim]part {part['number']}: {int(part['sizeBytes']):,} bytes[/dim]")
                await _put(http, part, path, console)
    raise ApiProblem("Storage did not take the file. Try again later.")


async def _put(http: httpx.AsyncClient, part: Mapping[str, Any], path: Path, console: Console) -> None:
    """What goes wrong with one part is mended in the next round."""
    size = int(part["sizeBytes"])
    try:
        answer = await http.put(
            part["url"],
            content=_bytes_of(path, int(part["offsetBytes"]), size),
            headers={"Content-Length": str(size)},
        )
        answer.raise_for_status()
    except httpx.HTTPError as error:
        console.print(f"[yellow]part {part['number']} was not taken: {error}[/yellow]", highlight=False)


async def _bytes_of(path: Path, offset: int, size: int) -> AsyncGenerator[bytes, None]:
    async with await anyio.open_file(path, "rb") as file:
        await file.seek(offset)
        while size and (block := await file.read(min(size, READ_BYTES))):
            size -= len(block)
            yield block


def _show(console: Console, result: Mapping[str, Any]) -> None:
    track = result["job"]["track"]
    version = track["currentVersion"]
    measured = version["analysis"]
    table = Table(title=f"{track['title']} — {track['artist']}", title_justify="left", show_header=False)
    table.add_row("length", f"{version['durationSeconds']:.1f} s")
    table.add_row("tempo", f"{measured['tempoBpm']:.1f} bpm (confidence {measured['tempoConfidence']:.2f})")
    table.add_row("key", f"{measured['key']} (confidence {measured['keyConfidence']:.2f})")
    table.add_row("loudness", f"{measured['loudnessLufs']:.1f} LUFS, true peak {measured['truePeakDbtp']:.1f} dBTP")
    table.add_row("plays at", result["playback"]["hlsUrl"])
    console.print(table)
