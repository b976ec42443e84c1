"""Loudness and true peak of a stereo stream, by FFmpeg's ebur128 filter and soxr."""

import math
from dataclasses import dataclass
from fractions import Fraction

import av
import av.filter
import numpy as np
import soxr

from adapters.media.encoders import audio_frame
from adapters.media.spectrum import SAMPLE_RATE
from domain.kit.audio.media import Audio

SILENCE_LUFS = -70.0
_SILENCE_DB = -120.0
_OVERSAMPLING = 4


@dataclass(frozen=True)
class Loudness:
    """Integrated loudness in LUFS, loudness range in LU, true peak in dBTP."""

    integrated_lufs: float
    range_lu: float
    true_peak_dbtp: float


class LoudnessMeter:
    """ITU-R BS.1770-4 integrated loudness (gated, -70 below 0.4 s), EBU Tech 3342 range, peak at 176.4 kHz."""

    def __init__(self) -> None:
        self._graph = av.filter.Graph()
        source = self._graph.add_abuffer(
            format="flt", sample_rate=SAMPLE_RATE, layout="stereo", time_base=Fraction(1, SAMPLE_RATE)
        )
        meter = self._graph.add("ebur128", "metadata=1:framelog=quiet")
        sink = self._graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        self._graph.configure()
        self._oversampler = soxr.ResampleStream(SAMPLE_RATE, SAMPLE_RATE * _OVERSAMPLING, 2, "float32", "MQ")
        self._readings: dict[str, str] = {}
        self._peak = 0.0
        self._frames = 0

    def push(self, audio: Audio) -> None:
        """Takes [frames, 2]."""
        self._graph.push(audio_frame(audio, "flt", self._frames))
        self._frames += len(audio)
        self._pull()
        self._hold_peak(audio)
        self._hold_peak(self._oversampler.resample_chunk(audio))

    def finish(self) -> Loudness:
        """The readings over everything pushed."""
        self._hold_peak(self._oversampler.resample_chunk(np.zeros((0, 2), np.float32), last=True))
        integrated = self._reading("I", SILENCE_LUFS)
        peak = 20.0 * math.log10(self._peak) if self._peak > 0.0 else _SILENCE_DB
        return Loudness(max(SILENCE_LUFS, integrated), self._reading("LRA", 0.0), max(_SILENCE_DB, peak))

    def _pull(self) -> None:
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            self._readings = dict(frame.metadata)

    def _hold_peak(self, audio: Audio) -> None:
        if audio.size:
            self._peak = max(self._peak, float(audio.max()), -float(audio.min()))

    def _reading(self, name: str, otherwise: float) -> float:
        value = float(self._readings.get(f"lavfi.r128.{name}", otherwise))
        return value if math.isfinite(value) else otherwise
