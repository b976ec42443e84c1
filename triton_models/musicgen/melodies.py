"""Samples whose melody a song is to follow: checked, mixed, and brought to what the model hears of them."""

from typing import Final

import numpy as np

from triton_models.codec_stream.decoding import Floats
from triton_models.musicgen.chroma import ChromaShape, one_hot_chroma
from triton_models.musicgen.given_samples import check_finite, check_shape
from triton_models.musicgen.requests import AudioRequestError
from triton_models.musicgen.songs import Melody

NAME: Final = "MELODY"


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
        check_shape(NAME, given)
        most = round(max(seconds, self._shape.seconds) * self._shape.sampling_rate)
        mixed: Floats = given[:, :most].mean(axis=0, keepdims=True, dtype=np.float32)
        if not mixed.size:
            raise AudioRequestError(NAME, "must have samples")
        check_finite(NAME, mixed)
        return mixed

    def melody(self, samples: Floats | None) -> Melody | None:
        """Of what `samples` gave; a model that hears melodies is told, too, that there is none."""
        if self._shape is None:
            return None
        chroma = None if samples is None else one_hot_chroma(samples, self._shape)
        return Melody(self._shape.length, chroma, self._hop / self._shape.hop)
