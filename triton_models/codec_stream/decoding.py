"""From codes to samples, window by window, exactly as the whole song would be decoded. Used by one thread."""

from copy import copy
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from triton_models.codec_stream.shape import CodecShape
from triton_models.codec_stream.windows import next_window, with_ends

Codes = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Memory:
    """The LSTM's states [rows, layers, width] behind some frame."""

    hidden: Floats
    cell: Floats


class DecodingGraphs(Protocol):
    """The two graphs, wherever they run."""

    def latents(self, codes: Codes, memory: Memory) -> tuple[Floats, Memory]:
        """From [rows, books, frames and their context] to [rows, width, frames], and the memory behind them."""
        ...

    def samples(self, latents: Floats) -> Floats:
        """From [rows, width, frames] to [rows, channels, frames * hop]."""
        ...


class SongTooShortError(ValueError):
    """The song has fewer frames than the codec's paddings mirror."""

    def __init__(self, frames: int, shortest: int) -> None:
        super().__init__(f"a song of {frames} frames is too short for this codec, which needs {shortest}")
        self.frames = frames
        self.shortest = shortest


class DecodeStream:
    """Songs side by side, of which codes arrive at the same pace; a stereo song is two rows."""

    def __init__(self, shape: CodecShape, graphs: DecodingGraphs, rows: int) -> None:
        self._shape = shape
        self._graphs = graphs
        self._codes: Codes = np.empty((rows, shape.books, 0), np.int64)
        # Those of the frames from `kept` on.
        self._latents: Floats = np.empty((rows, shape.width, 0), np.float32)
        zeros = np.zeros((rows, shape.layers, shape.width), np.float32)
        self._memory = Memory(zeros, zeros)
        self._kept = 0
        self._told = 0
        self._finished = False

    @property
    def told(self) -> int:
        """Frames whose samples were given out, or skipped."""
        return self._told

    def take(self, codes: Codes) -> None:
        """The next frames, [rows, books, frames]."""
        self._codes = np.concatenate([self._codes, codes], axis=2)

    def skip(self, frames: int) -> None:
        """The first frames are there to be gone on with: no samples of them are given. Before anything else is."""
        self._told = frames

    def fork(self) -> "DecodeStream":
        """What goes on from here by itself; neither notices the other."""
        # Arrays are replaced, never written to.
        return copy(self)

    def finish(self) -> None:
        """No more frames will come; raises SongTooShortError."""
        frames = self._codes.shape[2]
        if 0 < frames < self._shape.latents.shortest:
            raise SongTooShortError(frames, self._shape.latents.shortest)
        self._finished = True

    def next(self, width: int) -> Floats | None:
        """Samples [rows, channels, n] of the next frames, made in a window of `width`, or of fewer frames at the song's
        end, where fewer are missing.

        None while too few frames are there, or when all was given out.
        """
        context, hop = self._shape.latents, self._shape.hop
        width = self._missing(width) if self._finished else width
        window = next_window(context, width, self._kept, self._told, self._settled(), self._finished)
        if window is None:
            return None
        self._extend(window.stop)
        inside = self._latents[:, :, window.start - self._kept : window.stop - self._kept]
        made = self._graphs.samples(np.ascontiguousarray(inside))
        self._told = window.until
        self._forget()
        return made[:, :, (window.first - window.start) * hop : (window.until - window.start) * hop]

    def _missing(self, width: int) -> int:
        """No wider than what was not told and its context: whoever waits for the end hears it sooner."""
        context = self._shape.latents
        start = max(0, self._told - context.before)
        return min(width, max(context.fewest, self._codes.shape[2] - start))

    def _settled(self) -> int:
        """Frames whose latents can be had."""
        frames = self._codes.shape[2]
        if self._finished:
            return frames
        return frames - self._shape.codes_after if frames >= self._shape.mirrored else 0

    def _extend(self, stop: int) -> None:
        """Each frame passes the memory once, whatever windows it is in later."""
        shape, frames = self._shape, self._codes.shape[2]
        start = self._kept + self._latents.shape[2]
        if start == stop:
            return
        places = with_ends(start - shape.codes_before, stop + shape.codes_after, frames, shape.padding, shape.mirrored)
        none = np.full((*self._codes.shape[:2], 1), shape.book_size)
        codes = np.concatenate([self._codes, none], axis=2)[:, :, places]
        made, self._memory = self._graphs.latents(codes, self._memory)
        self._latents = np.concatenate([self._latents, made], axis=2)

    def _forget(self) -> None:
        """Keep what the next window takes: its context, or as much as a window of one last frame."""
        context = self._shape.latents
        kept = max(self._kept, self._told - max(context.before, context.fewest - 1))
        self._latents = self._latents[:, :, kept - self._kept :]
        self._kept = kept
