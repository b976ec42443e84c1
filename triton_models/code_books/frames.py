"""From tokens as they are drawn to whole frames: a frame is there when its last book is."""

import numpy as np

from triton_models.code_books.delay_pattern import Codes, DelayPattern


class FrameReader:
    """Of one song, behind the first position, which holds start tokens alone."""

    def __init__(self, pattern: DelayPattern) -> None:
        self._pattern = pattern
        self._tokens: Codes = np.full((pattern.books, 1), pattern.start_token, np.int64)

    def take(self, tokens: Codes) -> Codes:
        """The next positions [n, books] complete the frames [books, m] that come back, often as many."""
        self._tokens = np.concatenate([self._tokens, tokens.T], axis=1)
        frames = self._pattern.gather(self._tokens)
        # The next frame begins where the last one that is complete ended.
        self._tokens = self._tokens[:, frames.shape[1] :]
        return frames
