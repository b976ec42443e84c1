"""Comparing acoustic fingerprints: by which codes to look one up, and how well two fit at which offset. Pure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.kit.audio.fingerprints import HOP_SECONDS, Codes

KEYS = 100
"""How many codes a recording is looked up by, whatever its length."""

FEWEST_SHARED = 3
"""So many keys in common make a candidate."""

_FEWEST_CODES, _LEAST_SHARE = 80, 0.5
_MOST_DIFFERENT = 0.2
_UNRELATED = 0.5
_OFFSETS = 8
# Knuth's multiplicative hash (The Art of Computer Programming, 6.4) puts codes in an order that means nothing.
_SHUFFLE = np.uint32(2_654_435_761)
# What silence, of which recordings may share much, is answered with.
_SILENCE = np.uint32(627_964_279)


@dataclass(frozen=True)
class Fit:
    """Two recordings laid over each other.

    `similarity` is 1 for the same and 0 for unrelated sound; `offset_seconds` is where in the second the first begins,
    negative when it begins earlier; `overlap_seconds` is how long both sound.
    """

    similarity: float
    offset_seconds: float
    overlap_seconds: float


def keys_of(codes: Codes) -> list[int]:
    """The codes that come first in a fixed random order, as signed 32-bit numbers, each once.

    Two recordings of the same sound choose mostly the same ones, wherever they begin (minwise hashing: Broder, On the
    Resemblance and Containment of Documents, 1997).
    """
    distinct = np.unique(codes)
    distinct = distinct[distinct != _SILENCE]
    order = np.argsort(distinct * _SHUFFLE, kind="stable")
    return [int(code) for code in distinct[order[:KEYS]].view(np.int32)]


def fit(first: Codes, second: Codes) -> Fit | None:
    """The best of the offsets at which most codes agree; None when the sound differs there, or too little overlaps.

    At least 10 s, and half of the shorter one, must overlap, and no more than a fifth of the bits differ.
    """
    found = [each for offset in _likely_offsets(first, second) if (each := _at(first, second, offset)) is not None]
    return max(found, key=lambda each: (each.similarity, each.overlap_seconds), default=None)


def _likely_offsets(first: Codes, second: Codes) -> list[int]:
    """Where in the second the first may begin, in codes: the commonest distances between equal codes."""
    order = np.argsort(second, kind="stable")
    ascending = second[order]
    distances: list[npt.NDArray[np.int64]] = []
    for turn in range(_OFFSETS):
        # of a code that comes often, only the first occurrences are tried
        place = np.searchsorted(ascending, first) + turn
        inside = place < len(ascending)
        equal = np.zeros(len(first), bool)
        equal[inside] = ascending[place[inside]] == first[inside]
        equal &= first != _SILENCE
        distances.append(order[place[equal]] - np.nonzero(equal)[0])
    values, counts = np.unique(np.concatenate(distances), return_counts=True)
    return [int(value) for value in values[np.argsort(-counts, kind="stable")][:_OFFSETS]]


def _at(first: Codes, second: Codes, offset: int) -> Fit | None:
    start, end = max(0, -offset), min(len(first), len(second) - offset)
    if end - start < max(_FEWEST_CODES, _LEAST_SHARE * min(len(first), len(second))):
        return None
    different = np.unpackbits((first[start:end] ^ second[start + offset : end + offset]).view(np.uint8)).mean()
    if different > _MOST_DIFFERENT:
        return None
    return Fit(
        similarity=round(1.0 - float(different) / _UNRELATED, 3),
        offset_seconds=round(offset * HOP_SECONDS, 2),
        overlap_seconds=round((end - start) * HOP_SECONDS, 2),
    )
