"""The model's half of the shared-memory ring: finished chunks go in, the worker on this host takes them out."""

import mmap
import os
import struct
import time
from pathlib import Path
from types import TracebackType
from typing import Final

import numpy as np
import numpy.typing as npt

from triton_models.renderer.cancellation import IsCancelled, raise_if
from triton_models.renderer.errors import CancelledError, InvalidOptionsError
from triton_models.renderer.options import RingOptions

MAGIC: Final = 0x43444E5A52494E47
LAYOUT_VERSION: Final = 1
HEADER_BYTES: Final = 64
# A worker that retries the object storage reads nothing for up to 40 s and is not gone.
PATIENCE_SECONDS: Final = 60.0

# Plain files rather than multiprocessing.shared_memory: under Python 3.11 that registers a segment on attaching
# too, and its resource tracker would unlink the worker's memory when this process ends.
_DIRECTORY: Final = Path("/dev", "shm")
_COUNTER: Final = struct.Struct("<Q")
_WRITTEN_AT: Final = 4 * _COUNTER.size
_READ_AT: Final = 5 * _COUNTER.size
_POLL_SECONDS: Final = 0.002


class RingWriter:
    """An attached ring; the model is its only writer and owns the `written` counter."""

    def __init__(self, options: RingOptions, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Attach; InvalidOptionsError when there is no such ring or its header says something else.

        A full ring may stay unread for `patience_seconds` before its reader counts as gone.
        """
        self._memory = _attach(options)
        self._slots = options.slots
        self._slot_bytes = options.slot_bytes
        self._patience = patience_seconds

    def __enter__(self) -> "RingWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._memory.close()

    def put(self, parts: list[npt.NDArray[np.float32]], cancelled: IsCancelled) -> int:
        """Copy the arrays one after the other into the next slot and return its number.

        An array of no elements takes no room. Waits while all slots are full;
        CancelledError when cancelled or when the reader stands still.
        """
        written = self._counter(_WRITTEN_AT)
        self._wait_for_slot(written, cancelled)
        slot = written % self._slots
        at = HEADER_BYTES + slot * self._slot_bytes
        for part in parts:
            raw = np.ascontiguousarray(part, "<f4").reshape(-1).view(np.uint8).data
            self._memory[at : at + len(raw)] = raw
            at += len(raw)
        _COUNTER.pack_into(self._memory, _WRITTEN_AT, written + 1)
        return slot

    def _wait_for_slot(self, written: int, cancelled: IsCancelled) -> None:
        read = self._counter(_READ_AT)
        deadline = time.monotonic() + self._patience
        while written - read >= self._slots:
            raise_if(cancelled)
            if time.monotonic() > deadline:
                raise CancelledError(f"nobody has read from the ring for {self._patience:g} s")
            time.sleep(_POLL_SECONDS)
            previous, read = read, self._counter(_READ_AT)
            if read != previous:
                deadline = time.monotonic() + self._patience

    def _counter(self, at: int) -> int:
        return int(_COUNTER.unpack_from(self._memory, at)[0])


def check_slot_size(options: RingOptions, chunk_bytes: int) -> None:
    """InvalidOptionsError when a chunk of `chunk_bytes` does not fit into one slot."""
    if chunk_bytes > options.slot_bytes:
        raise InvalidOptionsError(
            f"ring.slot_bytes must be at least {chunk_bytes} for these chunks, not {options.slot_bytes}"
        )


def _attach(options: RingOptions) -> mmap.mmap:
    size = HEADER_BYTES + options.slots * options.slot_bytes
    try:
        descriptor = os.open(_DIRECTORY / options.name, os.O_RDWR | os.O_NOFOLLOW)
    except OSError as error:
        raise InvalidOptionsError(f"ring.name: there is no shared memory {options.name!r}") from error
    try:
        if os.fstat(descriptor).st_size < size:
            raise InvalidOptionsError(f"the ring {options.name!r} is smaller than {size} bytes")
        memory = mmap.mmap(descriptor, size)
    finally:
        os.close(descriptor)
    expected = (MAGIC, LAYOUT_VERSION, options.slots, options.slot_bytes)
    found = struct.unpack_from("<4Q", memory)
    if found != expected:
        memory.close()
        raise InvalidOptionsError(f"the ring {options.name!r} has header {found}, not {expected}")
    return memory
