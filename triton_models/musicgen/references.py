"""Samples that a song goes on with: checked, brought to the model's channels, and encoded by EnCodec."""

from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from triton_models.codec_stream.channels import song_of
from triton_models.codec_stream.decoding import Codes, Floats
from triton_models.codec_stream.encoding import encode
from triton_models.codec_stream.shape import CodecShape
from triton_models.musicgen.given_samples import check_finite, check_shape
from triton_models.musicgen.requests import AudioRequestError
from triton_models.musicgen.songs import Reference
from triton_models.step_graph.devices import CPU, Device
from triton_models.step_graph.sessions import open_session

NAME: Final = "REFERENCE"
FEATURES: Final = "encodec_features.float32.onnx"
CODES: Final = "encodec_codes.float32.onnx"
# Frames of a window of the wide part: two seconds of the published codec.
WINDOW: Final = 100


def reference_samples(given: Floats, channels: int, shape: CodecShape, frames: int) -> Floats:
    """[channels, n] of the last whole `frames` at most of [1 or 2, samples].

    Channels that are too many are mixed, one that is too few stands twice. Raises AudioRequestError.
    """
    check_shape(NAME, given)
    whole = min(frames, given.shape[1] // shape.hop)
    if whole < shape.samples.shortest:
        seconds = shape.samples.shortest * shape.hop / shape.sampling_rate
        raise AudioRequestError(NAME, f"must last at least {seconds:g} seconds")
    last = given[:, given.shape[1] - whole * shape.hop :]
    check_finite(NAME, last)
    mixed = last if len(last) == channels else last.mean(axis=0, keepdims=True, dtype=np.float32)
    return np.repeat(mixed, channels // len(mixed), axis=0)


class ReferenceEncoder:
    """Used by one thread."""

    def __init__(
        self, shape: CodecShape, features: onnxruntime.InferenceSession, codes: onnxruntime.InferenceSession
    ) -> None:
        self._shape = shape
        self._features = features
        self._codes = codes

    def reference(self, samples: Floats) -> Reference:
        """Of [channels, n]; a channel is a row of the codec."""
        width = max(WINDOW, self._shape.samples.fewest)
        found = encode(self._shape, self, samples[:, None], width)
        return Reference(song_of(found.codes).astype(np.min_scalar_type(self._shape.book_size)), found.loudness)

    def features(self, samples: Floats) -> Floats:
        """See EncodingGraphs."""
        found: Floats = self._features.run(["features"], {"samples": samples})[0]
        return found

    def codes(self, features: Floats) -> Codes:
        """See EncodingGraphs."""
        found: Codes = self._codes.run(["codes"], {"features": features})[0]
        return found


def open_reference_encoder(folder: Path, shape: CodecShape, threads: int, device: Device = CPU) -> ReferenceEncoder:
    """Load the two graphs of a folder."""
    return ReferenceEncoder(shape, *(open_session(folder / name, threads, device) for name in (FEATURES, CODES)))
