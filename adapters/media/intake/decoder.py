"""The trusted side: starts the locked process, takes samples from its pipe, and believes nothing else of it."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import structlog
from PIL import Image

from adapters.media.cover import as_jpeg
from adapters.media.intake.faults import TOO_LONG
from adapters.media.intake.frames import (
    COVER,
    COVER_SIDE,
    FAULT,
    FRAME_BYTES,
    LIMITS,
    LOCKED,
    LYRICS,
    MAX_TEXTS,
    SAMPLES,
    ProtocolBroken,
    pieces,
)
from adapters.media.intake.process import started
from adapters.media.intake.sniff import CONTAINERS
from adapters.media.storage import room_for
from adapters.media.tags import single_line
from domain.kit.audio.audio_decoding import DecodedAudio, EmbeddedLyrics, EmbeddedTags
from domain.kit.audio.media import SEGMENT_RATE
from domain.kit.audio.unusable_audio import FAULTS, AudioTooLong, DamagedAudio, DecompressionBomb, SilentAudio

log = structlog.get_logger()

CHILD = "adapters.media.intake.child"
# Processor time is what bounds a file; this bounds a machine that is too busy.
WALL_SECONDS = 100.0
# From the end of its pipe to the end of the process.
FAREWELL_SECONDS = 2.0
# Below this nobody hears anything: 70 dB under full scale.
SILENT_PEAK = 10 ** (-70 / 20)
# Sums of broken floats; sound is never near it.
IMPOSSIBLE_PEAK = 1e4
MAX_TAG = 200
COVER_QUALITY = 90


class DecoderFailed(Exception):
    """The process, and not the file, is the trouble: it did not start, was killed, or had to wait for too long."""


@dataclass
class _Received:
    """What has come through the pipe so far."""

    frames: int = 0
    peak: float = 0.0
    pixels: bytes | None = None
    locks: Mapping[str, Any] | None = None
    texts: list[Mapping[str, Any]] = field(default_factory=list)
    report: Mapping[str, Any] | None = None
    fault: Mapping[str, Any] | None = None


class SandboxedDecoder:
    """`AudioDecoder` with one process for each file. It gets an open file and an environment without secrets."""

    def __init__(self, wall_seconds: float = WALL_SECONDS) -> None:
        self._wall_seconds = wall_seconds

    async def decode(
        self, source: Path, samples: Path, max_seconds: float, arrived: asyncio.Event | None = None
    ) -> DecodedAudio:
        """Beside what the port says it raises `DecoderFailed`, after which another attempt may do better."""
        # Not in a thread, whose result a cancellation would drop, and the process with it: it takes 1 to 12 ms.
        child, word = _started(source, max_seconds)
        try:
            await _told(word, arrived)
        except BaseException:
            _forget(child)
            raise
        # No sooner: a file that is on its way may need the thread. What the process says before fits its pipe.
        receiving = asyncio.ensure_future(asyncio.to_thread(_receive, child, samples, max_seconds))
        try:
            async with asyncio.timeout(self._wall_seconds):
                received = await asyncio.shield(receiving)
        except TimeoutError:
            raise DecoderFailed("it had to wait for too long") from None
        finally:
            child.kill()
            await asyncio.wait({receiving})
            # Whoever is on the way out has a reason already.
            receiving.exception()
        return _judged(received, child.returncode, max_seconds)


def _started(source: Path, max_seconds: float) -> tuple[subprocess.Popen[bytes], int]:
    """The process, and the descriptor through which it is told that the file is whole. It may be empty until then."""
    heard, word = os.pipe()
    try:
        source.touch()
        return started(CHILD, source, str(max_seconds), str(heard), inherited=[heard]), word
    except BaseException:
        os.close(word)
        raise
    finally:
        os.close(heard)


async def _told(word: int, arrived: asyncio.Event | None) -> None:
    """Tells the process that its file is whole, once it is. One that has died by then is told apart later."""
    with os.fdopen(word, "wb", buffering=0) as pipe:
        if arrived is not None:
            await arrived.wait()
        with suppress(BrokenPipeError):
            pipe.write(b".")


def _forget(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()
    if child.stdout is not None:
        child.stdout.close()


def _receive(child: subprocess.Popen[bytes], samples: Path, max_seconds: float) -> _Received:
    """Reads to the end of the pipe; raises `StorageFull`. A process that breaks the form is killed."""
    received = _Received()
    pipe = child.stdout
    if pipe is None:
        raise RuntimeError("the process has no pipe")
    with pipe, room_for(samples.name), samples.open("wb", buffering=1 << 20) as file:
        try:
            for kind, payload in pieces(pipe):
                _take(received, kind, payload, file, max_seconds)
        except ProtocolBroken as error:
            log.warning("decoder_broke_the_form", reason=str(error))
            received.fault = received.fault or {"code": DamagedAudio.code}
            child.kill()
    with suppress(subprocess.TimeoutExpired):
        child.wait(FAREWELL_SECONDS)
    return received


def _take(received: _Received, kind: bytes, payload: bytes, file: BinaryIO, max_seconds: float) -> None:
    if kind == SAMPLES:
        if len(payload) % FRAME_BYTES:
            raise ProtocolBroken("half a frame")
        block = np.frombuffer(payload, "<f4")
        received.frames += len(block) // 2
        # NaN wins against every number here.
        received.peak = float(np.maximum(received.peak, np.abs(block).max(initial=0.0)))
        if received.frames > (max_seconds + 1) * SEGMENT_RATE:
            received.fault = {"code": TOO_LONG}
            raise ProtocolBroken("more samples than allowed")
        file.write(payload)
    elif kind == COVER:
        if len(payload) != LIMITS[COVER]:
            raise ProtocolBroken("a cover of another size")
        received.pixels = payload
    else:
        _take_word(received, kind, payload)


def _take_word(received: _Received, kind: bytes, payload: bytes) -> None:
    try:
        word = json.loads(payload)
    except ValueError as error:
        raise ProtocolBroken("no JSON") from error
    if not isinstance(word, dict):
        raise ProtocolBroken("no object")
    if kind == FAULT:
        received.fault = word
    elif kind == LOCKED:
        received.locks = word
    elif kind == LYRICS:
        if len(received.texts) == MAX_TEXTS:
            raise ProtocolBroken("more lyrics than allowed")
        received.texts.append(word)
    else:
        received.report = word


def _judged(received: _Received, status: int | None, max_seconds: float) -> DecodedAudio:
    """What the file is; raises the kinds of `UnusableAudio`, and `DecoderFailed`."""
    if received.locks is None:
        raise DecoderFailed(f"it ended with status {status} before it began")
    if not all(received.locks.values()):
        log.warning("decoder_not_fully_locked", locks=received.locks)
    if received.fault is not None:
        raise _unusable(received.fault, max_seconds)
    report = received.report
    if report is None:
        raise _died(status)
    if not received.peak < IMPOSSIBLE_PEAK:
        raise DamagedAudio("It holds values that are no sound.")
    if received.peak < SILENT_PEAK:
        raise SilentAudio()
    try:
        return _described(received, report)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.warning("decoder_broke_the_form", reason=repr(error)[:300])
        raise DamagedAudio() from error


def _described(received: _Received, report: Mapping[str, Any]) -> DecodedAudio:
    container = str(report["container"])
    if container not in CONTAINERS:
        raise ValueError(container)
    return DecodedAudio(
        frames=received.frames,
        peak=received.peak,
        container=container,
        codec=str(report["codec"]),
        sample_rate=int(report["sample_rate"]),
        channels=int(report["channels"]),
        tags=EmbeddedTags(**{name: single_line(str(text))[:MAX_TAG] for name, text in report["tags"].items()}),
        cover=None if received.pixels is None else _jpeg(received.pixels),
        lyrics=tuple(EmbeddedLyrics(str(text["text"]), str(text["language"])) for text in received.texts),
    )


def _died(status: int | None) -> Exception:
    """Without a word: by its file, by the clock, or by somebody's hand, which the kernel's may be."""
    log.warning("decoder_died", status=status)
    if status == -signal.SIGXCPU:
        return DecompressionBomb()
    if status == -signal.SIGKILL:
        return DecoderFailed("it was killed")
    return DamagedAudio()


def _unusable(fault: Mapping[str, Any], max_seconds: float) -> Exception:
    if "error" in fault:
        log.warning("decoder_failed", error=str(fault["error"])[:300])
    if fault.get("code") == TOO_LONG:
        return AudioTooLong(limit_seconds=max_seconds)
    kind = FAULTS.get(str(fault.get("code")), DamagedAudio)
    return kind(single_line(str(fault.get("detail", "")))[:MAX_TAG])


def _jpeg(pixels: bytes) -> bytes:
    return as_jpeg(Image.frombytes("RGB", (COVER_SIDE, COVER_SIDE), pixels), COVER_QUALITY)
