"""The trusted side of reading a picture: starts the locked process and takes plain pixels from its pipe."""

import asyncio
import json
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from PIL import Image

from adapters.media.cover import as_jpeg
from adapters.media.intake.frames import COVER, COVER_SIDE, FAULT, LIMITS, LOCKED, ProtocolBroken, pieces
from adapters.media.intake.process import started
from domain.kit.errors import DependencyUnavailable
from domain.kit.pictures import PictureFault, UnusablePicture

log = structlog.get_logger()

CHILD = "adapters.media.intake.picture_child"
WALL_SECONDS = 30.0
FAREWELL_SECONDS = 2.0
AT_ONCE = 2
QUALITY = 90


@dataclass
class _Received:
    is_locked: bool = False
    pixels: bytes | None = None
    fault: PictureFault | None = None


class SandboxedPictures:
    """`PictureReader` with one process for each picture, and no more than two at once."""

    def __init__(self, wall_seconds: float = WALL_SECONDS) -> None:
        self._wall_seconds = wall_seconds
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def square(self, source: Path) -> bytes:
        async with self._turns:
            received, status = await self._read(source)
        if not received.is_locked:
            raise _failed(f"it ended with status {status} before it began")
        if received.fault is not None:
            raise UnusablePicture(received.fault)
        if received.pixels is None:
            raise _died(status)
        return await asyncio.to_thread(_jpeg, received.pixels)

    async def _read(self, source: Path) -> tuple[_Received, int | None]:
        child = await asyncio.to_thread(started, CHILD, source)
        receiving = asyncio.ensure_future(asyncio.to_thread(_receive, child))
        try:
            async with asyncio.timeout(self._wall_seconds):
                return await asyncio.shield(receiving), child.returncode
        except TimeoutError:
            raise _failed("it had to wait for too long") from None
        finally:
            child.kill()
            await asyncio.wait({receiving})
            # Whoever is on the way out has a reason already.
            receiving.exception()


def _receive(child: subprocess.Popen[bytes]) -> _Received:
    """Reads to the end of the pipe; a process that breaks the form is killed."""
    received = _Received()
    if child.stdout is None:
        raise RuntimeError("the process has no pipe")
    with child.stdout as pipe:
        try:
            for kind, payload in pieces(pipe):
                _take(received, kind, payload)
        except (ProtocolBroken, ValueError, KeyError, TypeError) as error:
            log.warning("picture_reader_broke_the_form", reason=repr(error)[:300])
            received.fault = received.fault or PictureFault.DAMAGED
            child.kill()
    with suppress(subprocess.TimeoutExpired):
        child.wait(FAREWELL_SECONDS)
    return received


def _take(received: _Received, kind: bytes, payload: bytes) -> None:
    if kind == LOCKED:
        locks = json.loads(payload)
        received.is_locked = True
        if not all(locks.values()):
            log.warning("picture_reader_not_fully_locked", locks=locks)
    elif kind == COVER and len(payload) == LIMITS[COVER]:
        received.pixels = payload
    elif kind == FAULT:
        received.fault = PictureFault(json.loads(payload)["code"])
    else:
        raise ProtocolBroken(f"{kind!r} of {len(payload)} bytes")


def _died(status: int | None) -> Exception:
    """Without a word: out of processor time it is the picture's fault, and killed it is somebody else's."""
    log.warning("picture_reader_died", status=status)
    if status == -signal.SIGKILL:
        return _failed("it was killed")
    return UnusablePicture(PictureFault.TOO_LARGE if status == -signal.SIGXCPU else PictureFault.DAMAGED)


def _failed(reason: str) -> DependencyUnavailable:
    return DependencyUnavailable("The picture reader", reason)


def _jpeg(pixels: bytes) -> bytes:
    return as_jpeg(Image.frombytes("RGB", (COVER_SIDE, COVER_SIDE), pixels), QUALITY)
