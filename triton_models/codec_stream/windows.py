"""Which frames a window takes and which of them are kept, and what stands beyond a song's ends. Pure.

A net that looks `before` and `after` frames around each frame gives in a window what it gives in the whole song, but
for the outermost frames; unless the window ends where the song ends.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triton_models.codec_stream.shape import Context


@dataclass(frozen=True)
class Window:
    """Frames `start` to `stop` go in; of what comes out, `first` to `until` are new and right."""

    start: int
    stop: int
    first: int
    until: int


def next_window(context: Context, width: int, kept: int, first: int, known: int, finished: bool) -> Window | None:
    """The window that tells the frames from `first` on; None while too little is known, or when all is told.

    It is `width` frames wide, unless the song is shorter; `width` may be another each time. Frames from `kept` on can
    still be had, among them `context.before` before `first`; those up to `known` exist, and no more if `finished`.
    """
    if width < context.fewest:
        raise ValueError(f"a window has {context.fewest} frames at least, not {width}")
    start = max(0, first - context.before)
    stop = start + width
    if stop < known or (stop == known and not finished):
        return Window(start, stop, first, stop - context.after)
    if not finished or first == known:
        return None
    # The last window lies further back, so that it is as wide as the others.
    return Window(max(kept, known - width), known, first, known)


def with_ends(start: int, stop: int, length: int, padding: str, mirrored: int) -> NDArray[np.int64]:
    """Which frames stand at the places `start` to `stop`, of which some lie beyond the ends; `length` means none.

    A mirror needs `mirrored` frames: a shorter song is first lengthened by frames that are none.
    """
    places = np.arange(start, stop)
    if padding == "edge":
        return places.clip(0, length - 1)
    if padding == "constant":
        return np.where((places >= 0) & (places < length), places, length)
    last = max(length, mirrored) - 1
    inside: NDArray[np.int64] = last - np.abs(last - np.abs(places))
    return np.minimum(inside, length)
