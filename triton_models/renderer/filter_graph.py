"""A chain of FFmpeg audio filters that is fed block by block, with loudness measured where the chain asks."""

from collections.abc import Sequence
from typing import Final

import av
import av.filter
import numpy as np

from triton_models.renderer.audio import CHANNELS, SAMPLE_RATE, Audio

# ITU-R BS.1770-4 integrated loudness, written into the frames' metadata; -70 LUFS is its silence gate.
LOUDNESS_METER: Final = ("ebur128", "peak=none:metadata=1:framelog=quiet")
SILENCE_LUFS: Final = -70.0
_LOUDNESS_KEY: Final = "lavfi.r128.I"


class FilterGraph:
    """Stereo float32 at 44.1 kHz in, the same out; `loudness_lufs` is what the chain's meter read last."""

    def __init__(self, steps: Sequence[tuple[str, str]]) -> None:
        """`steps` are (filter, arguments) in FFmpeg's own terms; ValueError when FFmpeg refuses one."""
        self._graph = av.filter.Graph()
        last = self._graph.add_abuffer(sample_rate=SAMPLE_RATE, format="flt", layout="stereo")
        for name, arguments in (*steps, ("aformat", "sample_fmts=flt")):
            step = self._graph.add(name, arguments)
            last.link_to(step)
            last = step
        last.link_to(self._graph.add("abuffersink"))
        self._graph.configure()
        self._pushed = 0
        self.loudness_lufs = SILENCE_LUFS

    def process(self, block: Audio) -> Audio:
        """Feed [frames, 2] and take what is ready, which may be less or more than was fed."""
        samples = np.ascontiguousarray(block, np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="flt", layout="stereo")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._pushed
        self._pushed += len(block)
        self._graph.push(frame)
        return self._pull()

    def finish(self) -> Audio:
        """End the input and take what the filters still hold."""
        self._graph.push(None)
        return self._pull()

    def _pull(self) -> Audio:
        ready = []
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                break
            if not isinstance(frame, av.AudioFrame):
                continue
            ready.append(frame.to_ndarray().reshape(-1, CHANNELS))
            if _LOUDNESS_KEY in frame.metadata:
                self.loudness_lufs = float(frame.metadata[_LOUDNESS_KEY])
        return np.concatenate(ready) if ready else np.zeros((0, CHANNELS), np.float32)
