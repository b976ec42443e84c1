"""The codes of one song as its windows are drawn: what is decided, what waits for a join, and what comes next."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from triton_models.code_books.delay_pattern import Codes, DelayPattern
from triton_models.code_books.frames import FrameReader
from triton_models.generation_core.model import Tokens
from triton_models.musicgen.songs import Wish
from triton_models.musicgen.window_plan import Window, WindowPlan, WindowSizes

SmallCodes = NDArray[np.unsignedinteger[Any]]


class WindowedSong:
    """`begin` a window, `take` what is drawn in it, `join` it at its end, and so on until none begins."""

    def __init__(self, wish: Wish, sizes: WindowSizes, pattern: DelayPattern) -> None:
        self.wish = wish
        self._pattern = pattern
        given = np.empty((pattern.books, 0)) if wish.reference is None else wish.reference.codes
        self._before: Codes = given.astype(np.int64)
        self._plan = WindowPlan(sizes, [section.frames for section in wish.sections], self._before.shape[1])
        # A long song is mostly these, so they are as small as can be: two bytes for a book of 2,048.
        self._decided = np.empty((pattern.books, 0), np.min_scalar_type(pattern.start_token))
        self._window: Window | None = None
        self._reader = FrameReader(pattern)
        self._drawn = 0
        self.held: Codes = self._before[:, :0]

    @property
    def codes(self) -> SmallCodes:
        """[books, frames]: all that is decided."""
        return self._decided

    def begin(self) -> tuple[Window, Codes] | None:
        """The next window and the codes [books, window.context] that it begins with; None when the song is whole."""
        self._window = self._plan.begin()
        if self._window is None:
            return None
        # The last position of the context is the one behind which frames are read, as in a song that begins.
        self._reader, self._drawn, self.held = FrameReader(self._pattern), 0, self._before[:, :0]
        known = np.concatenate([self._before, self._decided.astype(np.int64)], axis=1)
        return self._window, known[:, known.shape[1] - self._window.context :]

    def take(self, tokens: Tokens) -> Codes:
        """The next positions of the window; returns the frames that they decide. The others are `held`."""
        frames = self._reader.take(tokens)
        if self._window is None:
            return frames[:, :0]
        open_until = max(0, self._window.fresh - self._window.tail - self._drawn)
        self._drawn += frames.shape[1]
        self.held = np.concatenate([self.held, frames[:, open_until:]], axis=1)
        return self._decide(frames[:, :open_until])

    def join(self, kept: int) -> Codes:
        """Of the frames that are held, so many are the song's; returns them."""
        decided, self.held = self.held[:, :kept], self.held[:, :0]
        if self._window is not None:
            self._plan.join(self._window, self._window.fresh - self._window.tail + kept)
        return self._decide(decided)

    def _decide(self, frames: Codes) -> Codes:
        self._decided = np.concatenate([self._decided, frames.astype(self._decided.dtype)], axis=1)
        return frames
