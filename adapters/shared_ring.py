"""The reading half of the shared-memory ring that carries audio from the renderer to a worker on the same host.

Layout version 1: a header of eight little-endian uint64 (magic, version, slots, slot bytes, chunks written,
chunks read, two spare), then the slots. The renderer writes "written", the reader writes "read", nobody both.
"""

import os
import secrets
from collections.abc import Sequence
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from domain.kit.audio.media import Audio
from domain.kit.processes import is_alive

MAGIC = 0x43444E5A52494E47
VERSION = 1
HEADER_BYTES = 64
CHANNELS = 2
FLOAT_BYTES = 4
PREFIX = "cadenza-ring-"
SHARED_MEMORY = Path("/dev", "shm")
_READ = 5


def remove_orphans(folder: Path = SHARED_MEMORY) -> int:
    """Frees the rings of processes that were killed; returns how many. A ring's name holds its owner's process id."""
    orphans = [path for path in folder.glob(f"{PREFIX}*-*") if not is_alive(path.name.split("-")[2])]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


class SharedRing:
    """Owns a POSIX shared-memory block for one rendering. Use as a context manager; leaving it frees the memory."""

    def __init__(self, *, slots: int, max_frames: int, stems: int) -> None:
        self.slots = slots
        self.slot_bytes = max_frames * CHANNELS * FLOAT_BYTES * (1 + stems)
        size = HEADER_BYTES + slots * self.slot_bytes
        name = f"{PREFIX}{os.getpid()}-{secrets.token_hex(8)}"
        self._memory = SharedMemory(name, create=True, size=size)
        self._header()[:] = (MAGIC, VERSION, slots, self.slot_bytes, 0, 0, 0, 0)

    @property
    def name(self) -> str:
        return self._memory.name.lstrip("/")

    def __enter__(self) -> "SharedRing":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._memory.close()
        self._memory.unlink()

    def take(self, slot: int, frames: int, stem_names: Sequence[str]) -> tuple[Audio, dict[str, Audio]]:
        """Copies one chunk out and gives its slot back: the mix [frames, 2] and each stem of the same shape."""
        if not 0 <= slot < self.slots or frames * CHANNELS * FLOAT_BYTES * (1 + len(stem_names)) > self.slot_bytes:
            raise ValueError(f"slot {slot} with {frames} frames does not fit this ring")
        offset = HEADER_BYTES + slot * self.slot_bytes
        view: np.ndarray[Any, np.dtype[np.float32]] = np.ndarray(
            (1 + len(stem_names), frames, CHANNELS), dtype="<f4", buffer=self._memory.buf, offset=offset
        )
        copy = view.astype(np.float32, copy=True)
        self._header()[_READ] += np.uint64(1)
        return copy[0], dict(zip(stem_names, copy[1:], strict=True))

    def _header(self) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """A view that must not be kept: memory with views on it cannot be closed."""
        return np.ndarray((HEADER_BYTES // 8,), dtype="<u8", buffer=self._memory.buf)
