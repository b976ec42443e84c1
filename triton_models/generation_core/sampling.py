"""Draws one token per row of logits. Every row's arithmetic is its own, so its token does not depend on the others."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triton_models.generation_core.model import Logits

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]
# A nucleus is looked for among so many values, which need no full sort, and only then among all.
USUAL_NUCLEUS: Final = 256


@dataclass(frozen=True)
class Settings:
    """How each row is drawn; all [rows]. The fields mean what they mean in `Sampling`."""

    temperature: NDArray[np.float32]
    top_k: Counts
    top_p: Numbers

    def of(self, rows: Counts) -> "Settings":
        """The settings of some rows."""
        return Settings(self.temperature[rows], self.top_k[rows], self.top_p[rows])


def draw(logits: Logits, settings: Settings, uniforms: Numbers) -> Counts:
    """Tokens [rows] from logits [rows, vocabulary] and uniforms [rows] in [0, 1).

    Logits are finite or -inf, and the largest of each row is finite.
    """
    greedy = settings.temperature == 0.0
    if not greedy.any():
        return _by_chance(logits, settings, uniforms)
    tokens: Counts = logits.argmax(axis=1)
    warm = np.flatnonzero(~greedy)
    if len(warm):
        tokens[warm] = _by_chance(logits[warm], settings.of(warm), uniforms[warm])
    return tokens


def _by_chance(logits: Logits, settings: Settings, uniforms: Numbers) -> Counts:
    scaled: Logits = logits / settings.temperature[:, None]
    scaled -= scaled.max(axis=1, keepdims=True)
    floor = _floor(scaled, settings)
    if floor is None:
        return _inverse(np.exp(scaled), uniforms)
    rows, tokens = np.divmod(np.flatnonzero(scaled >= floor[:, None]), scaled.shape[1])
    kept = np.bincount(rows, minlength=len(scaled))
    places = np.arange(len(rows)) - np.repeat(np.cumsum(kept) - kept, kept)
    weights = np.zeros((len(scaled), int(kept.max())), dtype=np.float32)
    numbers = np.zeros(weights.shape, dtype=np.int64)
    weights[rows, places] = np.exp(scaled[rows, tokens])
    numbers[rows, places] = tokens
    chosen: Counts = numbers[np.arange(len(scaled)), _inverse(weights, uniforms)]
    return chosen


def _inverse(weights: Logits, uniforms: Numbers) -> Counts:
    """The place in each row where the cumulative distribution first exceeds the uniform number.

    Sums run from left to right, so zeros at the end of a row change nothing.
    """
    edges = np.cumsum(weights.astype(np.float64), axis=1)
    # Rounding must not lift the target onto the last edge, behind which there is nothing.
    target = np.minimum(uniforms * edges[:, -1], np.nextafter(edges[:, -1], 0.0))
    places: Counts = (edges > target[:, None]).argmax(axis=1)
    return places


def _floor(scaled: Logits, settings: Settings) -> Logits | None:
    """The lowest value that each row keeps by top-k and top-p (Holtzman et al. 2020); None when all keep everything."""
    vocabulary = scaled.shape[1]
    limited = (settings.top_k > 0) & (settings.top_k < vocabulary)
    nucleus = settings.top_p < 1.0
    if not (limited.any() or nucleus.any()):
        return None
    counts = np.where(limited, settings.top_k, vocabulary)
    width = int(counts[limited].max(initial=1))
    open_nucleus = nucleus & ~limited
    if open_nucleus.any():
        width = min(vocabulary, max(width, USUAL_NUCLEUS))
    best = _descending(scaled, width)
    last = np.where(limited, counts - 1, vocabulary)
    if nucleus.any():
        inside = _nucleus(scaled, best, np.minimum(counts, width), settings.top_p, limited)
        if (inside[open_nucleus] == width).any() and width < vocabulary:
            best = _descending(scaled, vocabulary)
            inside = _nucleus(scaled, best, counts, settings.top_p, limited)
        last = np.where(nucleus, np.minimum(inside, counts - 1), last)
    floor: Logits = np.full(len(scaled), -np.inf, dtype=np.float32)
    held = np.flatnonzero(last < best.shape[1])
    floor[held] = best[held, last[held]]
    return floor


def _nucleus(scaled: Logits, best: Logits, counts: Counts, top_p: Numbers, limited: NDArray[np.bool_]) -> Counts:
    """How many of `best` come before the one that fills each row's share; its width when they do not fill it."""
    edges = np.cumsum(np.exp(best).astype(np.float64), axis=1)
    total = edges[np.arange(len(best)), counts - 1]
    if not limited.all():
        total = np.where(limited, total, np.exp(scaled).sum(axis=1, dtype=np.float64))
    inside: Counts = (edges < (top_p * total)[:, None]).sum(axis=1)
    return inside


def _descending(values: Logits, count: int) -> Logits:
    """The `count` largest values of each row, the largest first."""
    vocabulary = values.shape[1]
    if count < vocabulary:
        values = np.partition(values, vocabulary - count, axis=1)[:, vocabulary - count :]
    largest: Logits = np.ascontiguousarray(np.sort(values, axis=1)[:, ::-1])
    return largest
