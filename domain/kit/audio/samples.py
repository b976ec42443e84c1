"""Decoded samples: read piece by piece at a level that nothing clips at, and mixed down."""

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from domain.kit.audio.media import Audio

CHANNELS = 2
FRAME_BYTES = 4 * CHANNELS


def mono_of(audio: Audio) -> npt.NDArray[np.float32]:
    """The mean of both channels of [frames, 2]: [frames]. As numpy's mean along that axis, in a tenth of its time."""
    mono: npt.NDArray[np.float32] = audio[:, 0] + audio[:, 1]
    mono *= np.float32(0.5)
    return mono


class SampleReader:
    """A file of float32 stereo. `peak` is its loudest sample: above full scale, all of it is lowered by as much.

    Such samples come from lossy sources and from resampling; the dynamics stay as they were. Use as a context manager.
    """

    def __init__(self, path: Path, peak: float) -> None:
        self._file = path.open("rb")
        self._gain = np.float32(1.0 / peak) if peak > 1.0 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def seek(self, frame: int) -> None:
        """What is read next begins there."""
        self._file.seek(frame * FRAME_BYTES)

    def read(self, frames: int) -> Audio:
        """The next [frames, 2], fewer at the end and none behind it."""
        data = self._file.read(frames * FRAME_BYTES)
        samples: Audio = np.frombuffer(data, "<f4").reshape(-1, CHANNELS)
        return samples if self._gain is None else samples * self._gain
