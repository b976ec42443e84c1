"""Audio on disk instead of in memory: a 10-minute song with stems would need gigabytes otherwise."""

import os
import tempfile
from types import TracebackType
from typing import Final

import numpy as np

from triton_models.renderer.audio import CHANNELS, Audio

_FRAME_BYTES: Final = CHANNELS * np.dtype(np.float32).itemsize


class AudioSpool:
    """Random-access stereo audio in an unlinked temporary file; frames never written read as silence.

    Plain reads and writes rather than a memory map, because mapped pages count as this process's memory.
    """

    def __init__(self) -> None:
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
        """Put [frames, 2] at frame `start`; OSError when the disk is full."""
        if not len(audio):
            return
        left = np.ascontiguousarray(audio, np.float32).data.cast("B")
        offset = start * _FRAME_BYTES
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
