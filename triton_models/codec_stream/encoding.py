"""From samples to codes: the wide part window by window, so that a long song takes no more memory than a short one."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from triton_models.codec_stream.decoding import Codes, Floats, SongTooShortError
from triton_models.codec_stream.shape import CodecShape
from triton_models.codec_stream.windows import next_window

# Added to the loudness of a song, so that silence can be divided by it; as transformers' EncodecModel has it.
QUIETEST = 1e-8


class EncodingGraphs(Protocol):
    """The two graphs, wherever they run."""

    def features(self, samples: Floats) -> Floats:
        """From [rows, channels, samples] to [rows, width, frames]; frames that are begun count."""
        ...

    def codes(self, features: Floats) -> Codes:
        """From [rows, width, frames] of whole songs to [rows, books, frames]."""
        ...


@dataclass(frozen=True)
class Encoded:
    """`codes` [rows, books, frames]; samples that are decoded from them are to be multiplied by `loudness` [rows]."""

    codes: Codes
    loudness: Floats


def encode(shape: CodecShape, graphs: EncodingGraphs, samples: Floats, width: int) -> Encoded:
    """Whole songs [rows, channels, samples] in windows of `width` frames; raises SongTooShortError."""
    hop, context = shape.hop, shape.samples
    frames = -(-samples.shape[2] // hop)
    if frames < context.shortest:
        raise SongTooShortError(frames, context.shortest)
    loudness = _loudness(samples) if shape.normalise else np.ones(len(samples), np.float32)
    level, parts, told = samples / loudness[:, None, None], [], 0
    while window := next_window(context, width, 0, told, frames, finished=True):
        inside = np.ascontiguousarray(level[:, :, window.start * hop : window.stop * hop])
        made = graphs.features(inside)
        parts.append(made[:, :, window.first - window.start : window.until - window.start])
        told = window.until
    return Encoded(graphs.codes(np.concatenate(parts, axis=2)), loudness)


def _loudness(samples: Floats) -> Floats:
    """Root mean square of the mean of the channels, for each row."""
    mono = samples.mean(axis=1, dtype=np.float64)
    found: Floats = (np.sqrt(np.square(mono).mean(axis=1)) + QUIETEST).astype(np.float32)
    return found
