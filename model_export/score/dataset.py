"""Batches for training: examples of all tasks packed into windows, each determined by a seed and its number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_export.score.tasks import choose_task, make_example
from model_export.score.wishing import instrument, wishes_of_piece, with_drops
from triton_models.score_language.conditioning import (
    TEXT_SIZE,
    Instrument,
    prefix_tokens,
)
from triton_models.score_language.encoding import Encoded, encode
from triton_models.score_language.music import Piece
from triton_models.score_language.tokenizer import ScoreTokenizer
from triton_models.score_language.vocabulary import TASKS, Vocabulary

IGNORED: Final = -100
_LEAST_ROOM: Final = 160  # tokens of a window for which no further example is begun
_MOST_WISHES: Final = 24
# A plan is 3 % of a window, and decides whether the song keeps its wishes.
_PLAN_WEIGHT: Final = 5.0

Ints = NDArray[np.int64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Described:
    """The facts of a piece, its tokens, and the sentence embedding [384] of its description or None."""

    piece: Piece
    encoded: Encoded
    vector: Vectors | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Arrays [rows, length]: `pieces` numbers the examples of a row from 0 and is -1 behind the last one.

    `targets` are the next tokens, IGNORED for wishes and padding. `tasks` is the index of the task where the target is
    what it asks for, otherwise -1. `weights` say how much a target counts in training. `texts` are sentence embeddings
    [rows, length, 384].
    """

    tokens: Ints
    positions: Ints
    pieces: Ints
    targets: Ints
    tasks: Ints
    weights: Vectors
    texts: Vectors

    def rows(self, start: int, end: int) -> "Batch":
        """Some of the rows."""
        return Batch(
            self.tokens[start:end],
            self.positions[start:end],
            self.pieces[start:end],
            self.targets[start:end],
            self.tasks[start:end],
            self.weights[start:end],
            self.texts[start:end],
        )


class Dataset:
    """Draws from described pieces; equal seeds and numbers give equal batches, whatever was drawn before."""

    def __init__(self, rows: Sequence[Described], vocabulary: Vocabulary, seed: int) -> None:
        self._rows = rows
        self._vocabulary = vocabulary
        self._seed = seed
        self._instruments: tuple[Instrument, ...] = tuple(
            sorted({instrument(track) for row in rows for track in row.piece.tracks})
        )

    def __len__(self) -> int:
        return len(self._rows)

    def batch(self, number: int, rows: int, length: int) -> Batch:
        """The batch of a step."""
        batch = _empty(rows, length, self._vocabulary.id("Pad"))
        for row in range(rows):
            self._fill(batch, row, np.random.default_rng([self._seed, number, row]))
        return batch

    def _fill(self, batch: Batch, row: int, rng: np.random.Generator) -> None:
        length = batch.tokens.shape[1]
        start = count = 0
        while start == 0 or length - start >= _LEAST_ROOM:
            start = self._add(batch, row, start, count, rng)
            count += 1

    def _add(self, batch: Batch, row: int, start: int, count: int, rng: np.random.Generator) -> int:
        """Write one example behind `start`; returns where it ends."""
        chosen = self._rows[int(rng.integers(len(self._rows)))]
        task = choose_task(chosen.encoded, rng)
        wishes = with_drops(wishes_of_piece(chosen.piece, rng, self._instruments), rng)
        prefix = prefix_tokens(wishes, task, self._vocabulary)[:_MOST_WISHES]
        room = batch.tokens.shape[1] - start - len(prefix)
        example = make_example(chosen.encoded, task, room, self._vocabulary, rng)
        tokens = np.array([*prefix, *example.tokens])
        end = start + len(tokens)
        batch.tokens[row, start:end] = tokens
        batch.positions[row, start:end] = np.arange(len(tokens))
        batch.pieces[row, start:end] = count
        batch.targets[row, start + len(prefix) - 1 : end - 1] = tokens[len(prefix) :]
        batch.weights[row, start + len(prefix) - 1 :][: len(chosen.encoded.plan)] = _PLAN_WEIGHT
        batch.tasks[row, start + len(prefix) + example.written - 1 : end - 1] = TASKS.index(task)
        if wishes.text and chosen.vector is not None:
            batch.texts[row, start] = chosen.vector
        return end


def described(piece: Piece, vector: Vectors, vocabulary: Vocabulary, tokenizer: ScoreTokenizer) -> Described:
    """A piece ready for training; `vector` [384] is zeros where there is no description."""
    return Described(replace(piece, bars=()), encode(piece, vocabulary, tokenizer), vector if vector.any() else None)


def _empty(rows: int, length: int, pad: int) -> Batch:
    shape = (rows, length)
    return Batch(
        tokens=np.full(shape, pad, dtype=np.int64),
        positions=np.zeros(shape, dtype=np.int64),
        pieces=np.full(shape, -1, dtype=np.int64),
        targets=np.full(shape, IGNORED, dtype=np.int64),
        tasks=np.full(shape, -1, dtype=np.int64),
        weights=np.ones(shape, dtype=np.float32),
        texts=np.zeros((*shape, TEXT_SIZE), dtype=np.float32),
    )
