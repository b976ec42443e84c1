"""A song of a model of sound as the platform takes it: 44.1 kHz, stereo, levelled, faded out, as long as was asked."""

from typing import Final

import numpy as np
import soxr

from adapters.media.levelling import TARGET_LUFS, Leveller
from adapters.media.loudness import Loudness, LoudnessMeter
from adapters.media.spectrum import SAMPLE_RATE
from domain.kit.audio.media import Audio

# A model stops where its length is reached, in the middle of the music.
FADE_SECONDS: Final = 2.0
FADED_SHARE: Final = 0.1


class SongSound:
    """Takes [n, channels] at `rate` Hz while a song is made; `frames` of it at 44.1 kHz are told in all.

    What `goes_on` with another recording is as loud as that, and does not fade.
    """

    def __init__(self, rate: int, channels: int, frames: int, *, goes_on: bool = False) -> None:
        self._rate = rate
        self._frames = frames
        self._channels = channels
        self._fade = 0 if goes_on else min(round(FADE_SECONDS * SAMPLE_RATE), round(FADED_SHARE * frames))
        self._resampler = soxr.ResampleStream(rate, SAMPLE_RATE, channels, "float32", "HQ")
        self._leveller = Leveller(None if goes_on else TARGET_LUFS)
        self._meter = LoudnessMeter()
        self._pushed = self._taken = self._told = 0

    @property
    def missing_seconds(self) -> float:
        """What the model has not made yet; below zero when it made more."""
        return self._frames / SAMPLE_RATE - self._pushed / self._rate

    def push(self, samples: Audio) -> Audio:
        """The next samples; gives back those that are ready, [m, 2], often fewer."""
        self._pushed += len(samples)
        return self._faded(self._leveller.push(self._taken_of(self._resampler.resample_chunk(samples))))

    def finish(self) -> Audio:
        """The rest [m, 2]; what is missing is silence."""
        nothing = np.zeros((0, self._channels), np.float32)
        last = self._taken_of(self._resampler.resample_chunk(nothing, last=True))
        silence = np.zeros((self._frames - self._taken, 2), np.float32)
        parts = [self._leveller.push(last), self._leveller.push(silence), self._leveller.finish()]
        return self._faded(np.concatenate(parts))

    def loudness(self) -> Loudness:
        """Of all that was told; asked for once, at the end."""
        return self._meter.finish()

    def _taken_of(self, samples: Audio) -> Audio:
        """In stereo, and no more than the song is long."""
        kept = samples[: self._frames - self._taken]
        self._taken += len(kept)
        return np.repeat(kept, 2, axis=1) if self._channels == 1 else kept

    def _faded(self, samples: Audio) -> Audio:
        if not len(samples):
            return samples
        places = self._frames - self._told - np.arange(len(samples))
        self._told += len(samples)
        if self._fade and places[-1] < self._fade:
            gain = np.sin(np.clip(places / self._fade, 0, 1) * np.pi / 2)
            samples = samples * gain.astype(np.float32)[:, None]
        self._meter.push(samples)
        return samples
