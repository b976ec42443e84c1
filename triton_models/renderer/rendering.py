"""A finished rendering: mastered mix and stems on disk, read slice by slice."""

from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Final

import numpy as np
import numpy.typing as npt

from triton_models.renderer.audio import CHANNELS, SAMPLE_RATE, Audio
from triton_models.renderer.mastering import Master
from triton_models.renderer.spool import AudioSpool

FADE_OUT_FRAMES: Final = round(0.02 * SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class Rendering:
    """Exactly `frames` of mix, and one stem per track when stems were asked for; close it to free the disk."""

    frames: int
    track_ids: list[str]
    master: Master
    mix_spool: AudioSpool
    stem_spools: list[AudioSpool]
    opened: ExitStack

    def __enter__(self) -> "Rendering":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.opened.close()

    def mix(self, start: int, frames: int) -> Audio:
        """Mastered [frames, 2] from frame `start`."""
        return self._read(self.mix_spool, self.master.trim, start, frames)

    def stems(self, start: int, frames: int) -> npt.NDArray[np.float32]:
        """[tracks, frames, 2] after fader and pan, before reverb and master, at the master's gain.

        Stems may exceed full scale; there are no tracks when the job asked for none.
        """
        stems = np.zeros((len(self.stem_spools), frames, CHANNELS), np.float32)
        for index, spool in enumerate(self.stem_spools):
            stems[index] = self._read(spool, self.master.stem_gain, start, frames)
        return stems

    def _read(self, spool: AudioSpool, gain: float, start: int, frames: int) -> Audio:
        audio = spool.read(start, frames)
        audio *= np.float32(gain)
        remaining = self.frames - 1 - np.arange(start, start + frames)
        fading = remaining < FADE_OUT_FRAMES
        audio[fading] *= (remaining[fading, None] / FADE_OUT_FRAMES).astype(np.float32)
        return audio
