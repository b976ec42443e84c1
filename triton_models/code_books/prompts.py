"""Frames that a song begins with: what is taken in at once, and what is forced until the last book has caught up."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triton_models.code_books.delay_pattern import OPEN, Codes, DelayPattern


def prompt_of(pattern: DelayPattern, given: Codes) -> Codes:
    """[n + 1, books]: the positions at which no book is open behind the n frames `given` [books, n].

    Zeros stand where no frame does, for the model puts its start token there.
    """
    frames = given.shape[1]
    spread = pattern.spread(given, frames)[:, : frames + 1].T
    return np.where(pattern.stands(np.arange(frames + 1), frames), spread, 0)


class GivenFrames:
    """A grammar that keeps the books to `given` [books, n] where they lag behind the first one.

    As the delay pattern's mask in transformers does: `longest` positions behind the prompt have some books open and
    others told. Behind them everything is legal.
    """

    def __init__(self, pattern: DelayPattern, given: Codes) -> None:
        frames = given.shape[1]
        behind = pattern.spread(given, frames + pattern.longest)[:, frames + 1 : frames + 1 + pattern.longest]
        self._told = np.where(behind == pattern.start_token, OPEN, behind).T
        # The start token is the one behind the last code.
        self._codes = np.arange(pattern.start_token)
        self._taken = 0

    def legal(self) -> NDArray[np.bool_] | None:
        """See Grammar."""
        if self._taken == len(self._told):
            return None
        told = self._told[self._taken][:, None]
        legal: NDArray[np.bool_] = (told == OPEN) | (told == self._codes)
        return legal

    def accept(self, tokens: Sequence[int]) -> None:
        """See Grammar."""
        self._taken = min(self._taken + 1, len(self._told))
