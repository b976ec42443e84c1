"""Which windows a song is made in that is longer than the model's own, or whose text changes. In frames; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

# Of 30 s, 12 are context: the extend_stride of 18 s that audiocraft's generators have.
CONTEXT_SHARE = 0.4
# Of 30 s, the last two are where a join is looked for.
TAIL_SHARE = 1 / 15
# Of what is new in a window, so much is kept whatever the join.
KEPT_SHARE = 3 / 4


@dataclass(frozen=True)
class WindowSizes:
    """A window has `frames`, of which the first `context` at most were made before; within its last `tail` it may be
    left, as the end of a window sounds like the end of a song.
    """

    frames: int
    context: int
    tail: int


def window_sizes(frames: int, context_share: float = CONTEXT_SHARE) -> WindowSizes:
    """Of a model that makes so many frames at once; every window has room for new ones."""
    context = min(round(context_share * frames), frames - 1)
    return WindowSizes(frames, context, round(TAIL_SHARE * frames))


@dataclass(frozen=True)
class Window:
    """`fresh` frames are drawn behind `context` of the song so far, with the text of `section`. All but the last `tail`
    are kept; how many of those is chosen. The context begins at frame `start` of the song, before 0 in another one.
    """

    number: int
    section: int
    context: int
    fresh: int
    tail: int
    start: int = 0


class WindowPlan:
    """One song's windows, one after the other: `begin` the next, and `join` where it was left."""

    def __init__(self, sizes: WindowSizes, sections: Sequence[int], reference: int = 0) -> None:
        """`sections` are their lengths, `reference` is how much of another song stands before the first."""
        self._sizes = sizes
        self._ends = list(accumulate(sections))
        self._reference = reference
        self._at = 0
        self._section = 0
        self._number = 0

    def begin(self) -> Window | None:
        """The next window, None when the song is whole."""
        left = self._ends[self._section] - self._at
        if not left:
            return None
        context = min(self._sizes.context, self._reference + self._at)
        fresh = min(left, self._sizes.frames - context)
        # How the song ends is not chosen.
        ends = self._at + fresh == self._ends[-1]
        tail = 0 if ends else min(self._sizes.tail, int((1 - KEPT_SHARE) * fresh))
        return Window(self._number, self._section, context, fresh, tail, self._at - context)

    def join(self, window: Window, kept: int) -> None:
        """Of the window's fresh frames, so many are the song's."""
        through = self._at + window.fresh == self._ends[window.section]
        self._at += kept
        self._number += 1
        if through and window.section + 1 < len(self._ends):
            self._section += 1
