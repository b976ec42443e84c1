"""How far EnCodec's graphs are from the published model: samples in windows and whole, codes apart from ties."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model_export.musicgen.codec_reference import CodecReference
from model_export.musicgen.codec_runs import CodecRuns, decode
from model_export.musicgen.codec_weights import Array, CodecWeights
from triton_models.codec_stream.decoding import Codes, Floats
from triton_models.codec_stream.encoding import encode
from triton_models.codec_stream.shape import CodecShape

SEED: Final = 21
ROWS: Final = 2


@dataclass(frozen=True)
class Decoded:
    """Largest distance of a sample from the reference's, of the whole song and of windows; `peak` is the loudest."""

    whole: float
    windows: float
    peak: float


@dataclass(frozen=True)
class Agreement:
    """Of `frames`: how many have the reference's codes, and how many of the rest were a tie for the reference."""

    frames: int
    same: int
    ties: int


def random_codes(shape: CodecShape, frames: int) -> Codes:
    """[ROWS, books, frames]."""
    codes: Codes = np.random.default_rng(SEED).integers(0, shape.book_size, (ROWS, shape.books, frames))
    return codes


def random_samples(shape: CodecShape, samples: int) -> Floats:
    """Noise of a level that changes: [ROWS, channels, samples]."""
    chance = np.random.default_rng(SEED)
    level = 0.5 + 0.4 * np.sin(np.linspace(0.0, 20.0, samples))
    noise: Floats = (level * chance.uniform(-1.0, 1.0, (ROWS, shape.channels, samples))).astype(np.float32)
    return noise


def decoded(
    shape: CodecShape, runs: CodecRuns, reference: CodecReference, codes: Codes, widths: Sequence[int]
) -> Decoded:
    """Of [rows, books, frames]; `widths` are those of windows."""
    wanted = reference.decode(codes)
    away = [float(np.abs(decode(shape, runs, codes, width) - wanted).max()) for width in (None, *widths)]
    return Decoded(away[0], max(away), float(np.abs(wanted).max()))


def agreement(
    shape: CodecShape, runs: CodecRuns, reference: CodecReference, weights: CodecWeights, samples: Floats, tie: float
) -> Agreement:
    """Of [rows, channels, samples]; two codes tie whose distances differ by less than a share `tie` of the vector."""
    wanted, vectors = reference.encode(samples, shape.books)
    found = encode(shape, runs, samples, shape.samples.fewest + 3).codes
    differs = (found != wanted).any(axis=1)
    tables = [weights.table(book) for book in range(shape.books)]
    ties = [
        _ties(vectors[row, frame], found[row, :, frame], wanted[row, :, frame], tables, tie)
        for row, frame in np.argwhere(differs)
    ]
    return Agreement(differs.size, int(differs.size - differs.sum()), sum(ties))


def _ties(vector: Array, found: Codes, wanted: Codes, tables: Sequence[Array], tie: float) -> bool:
    """At the first book that differs; those behind it quantise something else."""
    rest = vector.astype(np.float64)
    for one, other, table in zip(found, wanted, tables, strict=True):
        if one != other:
            near, nearest = (np.square(rest - table[code]).sum() for code in (one, other))
            return bool(abs(near - nearest) <= tie * np.square(vector, dtype=np.float64).sum())
        rest -= table[one]
    return True
