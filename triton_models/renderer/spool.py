"""Audio on disk instead of in memory: a 10-minute song with stems would need gigabytes otherwise."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final

import numpy as np

from triton_models.renderer.audio import CHANNELS, Audio
from triton_models.renderer.errors import StorageFullError

_FRAME_BYTES: Final = CHANNELS * np.dtype(np.float32).itemsize
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class AudioSpool:
    """Random-access stereo audio in an unlinked temporary file; frames never written read as silence.

    Plain reads and writes rather than a memory map, because mapped pages count as this process's memory.
    StorageFullError on making or writing one when the disk is full.
    """

    def __init__(self) -> None:
        with _telling_a_full_disk():
            self._descriptor, path = tempfile.mkstemp(prefix="cadenza-spool-")
        os.unlink(path)

    def __enter__(self) -> "AudioSpool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the disk space back; the spool is of no use afterwards."""
        os.close(self._descriptor)

    def write(self, start: int, audio: Audio) -> None:
        """Put [frames, 2] at frame `start`."""
        if not len(audio):
            return
        left = np.ascontiguousarray(audio, np.float32).data.cast("B")
        offset = start * _FRAME_BYTES
        with _telling_a_full_disk():
            while left:
                written = os.pwrite(self._descriptor, left, offset)
                left, offset = left[written:], offset + written

    def read(self, start: int, frames: int) -> Audio:
        """A new [frames, 2] array from frame `start`."""
        audio: Audio = np.zeros((frames, CHANNELS), np.float32)
        left = audio.data.cast("B")
        offset = start * _FRAME_BYTES
        while left:
            count = os.preadv(self._descriptor, [left], offset)
            if count == 0:
                break
            left, offset = left[count:], offset + count
        return audio


@contextmanager
def _telling_a_full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise StorageFullError("there is no room left on the disk for the rendering") from error
