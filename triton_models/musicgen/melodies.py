"""Samples whose melody a song is to follow: checked, mixed, and brought to what the model hears of them."""

from typing import Final

import numpy as np

from triton_models.codec_stream.decoding import Floats
from triton_models.musicgen.chroma import ChromaShape, one_hot_chroma
from triton_models.musicgen.requests import AudioRequestError
from triton_models.musicgen.songs import Melody

NAME: Final = "MELODY"
MOST_CHANNELS: Final = 2


class Melodies:
    """Of one model; `shape` is None where it hears none. A frame of its codes is `hop` samples long."""

    def __init__(self, shape: ChromaShape | None, hop: int) -> None:
        self._shape = shape
        self._hop = hop

    def samples(self, given: Floats | None, seconds: float) -> Floats | None:
        """[1, n] of [1 or 2, samples] for a song of so many seconds; raises AudioRequestError.

        What is longer than the song and than what a window hears is cut.
        """
        if given is None:
            return None
        if self._shape is None:
            raise AudioRequestError(NAME, "must not be given: this model hears no melodies")
        if given.ndim != 2 or not 1 <= given.shape[0] <= MOST_CHANNELS or given.dtype != np.float32:
            wanted = f"must be FP32 with a shape of [1 or {MOST_CHANNELS}, samples]"
            raise AudioRequestError(NAME, f"{wanted}, not {given.dtype} of {list(given.shape)}")
        most = round(max(seconds, self._shape.seconds) * self._shape.sampling_rate)
        mixed: Floats = given[:, :most].mean(axis=0, keepdims=True, dtype=np.float32)
        if not mixed.size:
            raise AudioRequestError(NAME, "must have samples")
        if not np.isfinite(mixed).all():
            raise AudioRequestError(NAME, "must hold finite numbers only")
        return mixed

    def melody(self, samples: Floats | None) -> Melody | None:
        """Of what `samples` gave; a model that hears melodies is told, too, that there is none."""
        if self._shape is None:
            return None
        chroma = None if samples is None else one_hot_chroma(samples, self._shape)
        return Melody(self._shape.length, chroma, self._hop / self._shape.hop)
