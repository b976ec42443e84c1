"""Bringing a song that is still being made to the loudness of the others, and its peaks under the ceiling.

A song that is whole can be measured first (docs/decisions/0010); of this one only what was heard so far is known.
"""

import math
from collections import deque
from fractions import Fraction
from typing import Final

import av
import av.filter
import numpy as np

from adapters.media.encoders import audio_frame
from adapters.media.spectrum import SAMPLE_RATE
from domain.kit.audio.media import Audio

TARGET_LUFS: Final = -14.0
CEILING_DBTP: Final = -1.5
MOST_GAIN_DB: Final = 12.0
# What is heard ahead, before the first block is told; and how fast the gain follows later: too slow to be heard.
AHEAD_BLOCKS: Final = 15
BLOCK: Final = SAMPLE_RATE // 10
STEP_DB: Final = 0.05
SILENCE_LUFS: Final = -70.0


class Leveller:
    """Blocks of 100 ms, so that the parts in which a song arrives do not matter.

    The gain leads to the integrated loudness (ITU-R BS.1770-4) of what was heard so far, 1.5 s ahead of what is told,
    by at most 0.5 dB a second; without a `target` there is none. FFmpeg's limiter looks 5 ms ahead.
    """

    def __init__(self, target: float | None = TARGET_LUFS) -> None:
        self._target = target
        self._meter = _graph("ebur128=metadata=1:framelog=quiet")
        limit = 10 ** (CEILING_DBTP / 20)
        self._limiter = _graph(f"alimiter=limit={limit:.6f}:attack=5:release=80:level=0:latency=1")
        self._begun: Audio = np.zeros((0, 2), np.float32)
        self._waiting: deque[Audio] = deque()
        self._heard = self._told = 0
        self._loudness = SILENCE_LUFS
        self._gain: float | None = None

    def push(self, audio: Audio) -> Audio:
        """The next samples [frames, 2]; gives back those that are ready, [frames, 2], often fewer."""
        audio = np.concatenate([self._begun, audio])
        whole = len(audio) // BLOCK * BLOCK
        self._begun, parts = audio[whole:], []
        for start in range(0, whole, BLOCK):
            self._hear(audio[start : start + BLOCK])
            # At once: the gain may not know more of the song than it would if the song came slowly.
            if len(self._waiting) > AHEAD_BLOCKS:
                parts += self._limited(self._levelled())
        return _joined(parts)

    def finish(self) -> Audio:
        """The rest; all of it together is as long as what came."""
        if len(self._begun):
            self._hear(self._begun)
        parts = [part for _ in range(len(self._waiting)) for part in self._limited(self._levelled())]
        if self._told:
            self._limiter.push(None)
            parts += _pulled(self._limiter)
        return _joined(parts)

    def _hear(self, block: Audio) -> None:
        self._meter.push(audio_frame(block, "flt", self._heard))
        self._heard += len(block)
        self._waiting.append(block)
        while (frame := _next(self._meter)) is not None:
            found = float(frame.metadata.get("lavfi.r128.I", SILENCE_LUFS))
            self._loudness = found if math.isfinite(found) else SILENCE_LUFS

    def _levelled(self) -> Audio:
        """The first block that waits, with its gain."""
        block, wanted = self._waiting.popleft(), self._wanted()
        before = wanted if self._gain is None else self._gain
        self._gain = before + max(-STEP_DB, min(STEP_DB, wanted - before))
        decibels = np.linspace(before, self._gain, len(block), dtype=np.float32)[:, None]
        levelled: Audio = block * np.power(np.float32(10), decibels / np.float32(20))
        return levelled

    def _wanted(self) -> float:
        if self._target is None or self._loudness <= SILENCE_LUFS:
            return 0.0 if self._gain is None else self._gain
        return max(-MOST_GAIN_DB, min(MOST_GAIN_DB, self._target - self._loudness))

    def _limited(self, block: Audio) -> list[Audio]:
        self._limiter.push(audio_frame(block, "flt", self._told))
        self._told += len(block)
        return _pulled(self._limiter)


def _graph(filters: str) -> av.filter.Graph:
    """From and to stereo in float32."""
    graph = av.filter.Graph()
    name, _, options = filters.partition("=")
    nodes = [
        graph.add_abuffer(format="flt", sample_rate=SAMPLE_RATE, layout="stereo", time_base=Fraction(1, SAMPLE_RATE)),
        graph.add(name, options),
        graph.add("aformat", "sample_fmts=flt:channel_layouts=stereo"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    return graph


def _pulled(graph: av.filter.Graph) -> list[Audio]:
    parts: list[Audio] = []
    while (frame := _next(graph)) is not None:
        parts.append(frame.to_ndarray().astype(np.float32, copy=False).reshape(-1, 2))
    return parts


def _next(graph: av.filter.Graph) -> av.AudioFrame | None:
    try:
        frame = graph.pull()
    except (av.BlockingIOError, av.EOFError):
        return None
    assert isinstance(frame, av.AudioFrame)
    return frame


def _joined(parts: list[Audio]) -> Audio:
    return np.concatenate(parts) if parts else np.zeros((0, 2), np.float32)
