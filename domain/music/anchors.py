"""Phrases that stand for genres and moods, and their vectors, which a prompt's vector is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from domain.music.anchor_phrases import GENRE_PHRASES
from domain.music.moods import MOODS

# How many of a name's phrases count: its nearest ones.
NEAREST: Final = 3


def mood_phrases(name: str) -> tuple[str, ...]:
    """Two phrases for a mood: its name in a sentence, and the words people use for it."""
    return (f"{name} music", f"this feels {name}: {', '.join((name, *MOODS[name].words[:2]))}")


def anchor_texts() -> list[str]:
    """Every phrase to be embedded once, in the order that Anchors.from_vectors expects the vectors."""
    genres = [phrase for phrases in GENRE_PHRASES.values() for phrase in phrases]
    return genres + [phrase for name in MOODS for phrase in mood_phrases(name)]


def _owners() -> tuple[list[str], list[str]]:
    """The genre of every genre phrase and the mood of every mood phrase, in order."""
    genres = [name for name, phrases in GENRE_PHRASES.items() for _ in phrases]
    return genres, [name for name in MOODS for _ in mood_phrases(name)]


@dataclass(frozen=True, eq=False)
class PhraseSpace:
    """Phrases around their common centre: what all of them share (that they are about music) does not count.

    `names` [phrases] says what each stands for, `directions` [phrases, size] are unit vectors from `centre`.
    """

    names: tuple[str, ...]
    centre: NDArray[np.float32]
    directions: NDArray[np.float32]

    @classmethod
    def around(cls, names: Sequence[str], vectors: NDArray[np.float32]) -> "PhraseSpace":
        """The space of unit vectors [phrases, size]."""
        centre = vectors.mean(axis=0)
        return cls(tuple(names), centre, _unit(vectors - centre))

    def scores(self, embedding: ArrayLike) -> dict[str, float]:
        """Likeness of a vector [size] to every name, -1 to 1: the mean cosine of its nearest phrases.

        One lucky phrase counts for less than several.
        """
        cosines = self.directions @ _unit(_unit(np.asarray(embedding, dtype=np.float32)) - self.centre)
        found: dict[str, list[float]] = {}
        for name, cosine in zip(self.names, cosines, strict=True):
            found.setdefault(name, []).append(float(cosine))
        nearest = {name: sorted(values)[-NEAREST:] for name, values in found.items()}
        return {name: sum(values) / len(values) for name, values in nearest.items()}


@dataclass(frozen=True, eq=False)
class Anchors:
    """The phrases of all genres and of all moods as vectors."""

    genres: PhraseSpace
    moods: PhraseSpace

    @classmethod
    def from_vectors(cls, vectors: ArrayLike) -> "Anchors":
        """Anchors from the vectors of anchor_texts(), [phrases, size]; raises ValueError on another count."""
        array = np.asarray(vectors, dtype=np.float32)
        genres = [name for name, phrases in GENRE_PHRASES.items() for _ in phrases]
        moods = [name for name in MOODS for _ in mood_phrases(name)]
        if array.ndim != 2 or len(array) != len(genres) + len(moods):
            raise ValueError(f"expected {len(genres) + len(moods)} vectors, got shape {array.shape}")
        unit = _unit(array)
        return cls(PhraseSpace.around(genres, unit[: len(genres)]), PhraseSpace.around(moods, unit[len(genres) :]))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors of length 1 along the last axis; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-12)
    return unit
