"""The delay pattern (Copet et al. 2023): book k of a frame is written k positions after its first. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
# Stands in a pattern where the model has still to choose.
OPEN = -1


@dataclass(frozen=True)
class DelayPattern:
    """Position 0 holds nothing but `start_token`, frame f of book k stands at position f + 1 + the delay of k.

    With two channels their books take turns, left first, and a pair has one delay. Where a book has no frame it has
    `start_token`, before and behind.
    """

    books: int
    channels: int
    start_token: int

    @property
    def delays(self) -> Codes:
        """Of each book, in positions."""
        return np.arange(self.books) // self.channels

    @property
    def longest(self) -> int:
        """Delay of the last book: a frame is complete so many positions after its first code."""
        return (self.books - 1) // self.channels

    def positions(self, frames: int) -> int:
        """How many positions `frames` take, the first included."""
        return frames + 1 + self.longest

    def stands(self, positions: Codes, frames: Codes | int) -> NDArray[np.bool_]:
        """[n, books]: whether a book has a frame at each of `positions` [n], in songs of `frames` [n] frames."""
        frame = np.asarray(positions)[:, None] - 1 - self.delays
        found: NDArray[np.bool_] = (frame >= 0) & (frame < np.reshape(frames, (-1, 1)))
        return found

    def spread(self, prompt: Codes, frames: int) -> Codes:
        """[books, positions] for `frames`, of which `prompt` [books, n] has the first; the others are OPEN.

        Raises ValueError when the prompt has more frames than that, or other books.
        """
        given = prompt.shape[1]
        if prompt.shape[0] != self.books or given > frames:
            raise ValueError(f"a prompt of {prompt.shape} does not begin {frames} frames of {self.books} books")
        stands = self.stands(np.arange(self.positions(frames)), frames).T
        pattern = np.where(stands, OPEN, self.start_token)
        for book, delay in enumerate(self.delays):
            pattern[book, 1 + delay : 1 + delay + given] = prompt[book]
        return pattern

    def gather(self, tokens: Codes) -> Codes:
        """[..., books, frames] of tokens [..., books, positions]: the frames that are complete."""
        frames = tokens.shape[-1] - 1 - self.longest
        if frames <= 0:
            return tokens[..., :0]
        return np.stack([tokens[..., book, 1 + d : 1 + d + frames] for book, d in enumerate(self.delays)], axis=-2)


def settled(pattern: Codes, chosen: Codes) -> Codes:
    """What the pattern says, and what was chosen where it says nothing; both of one shape."""
    return np.where(pattern == OPEN, chosen, pattern)
