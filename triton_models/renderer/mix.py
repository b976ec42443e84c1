"""The mix: gain staging, equaliser, fader and reverb send per track, one shared reverb, one stereo bus."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from pedalboard import HighpassFilter, LowpassFilter, Pedalboard, Reverb

from triton_models.renderer.audio import (
    CHANNELS,
    SAMPLE_RATE,
    Audio,
    blocks,
    decibels_to_gain,
    gain_to_decibels,
)
from triton_models.renderer.cancellation import IsCancelled, raise_if
from triton_models.renderer.filter_graph import LOUDNESS_METER, FilterGraph
from triton_models.renderer.profiles import ROLE_LEVEL_DB, equaliser
from triton_models.renderer.spool import AudioSpool
from triton_models.score.model import Track

# How far gain staging may move a track: instruments of a font differ this much, and mistakes stay bounded.
_WIDEST_CORRECTION_DB: Final = 15.0
# The level that gain staging compares: the upper quartile of the sounding blocks within 30 dB of the loudest.
_SOUNDING_RANGE: Final = 1e-3
_LEVEL_QUANTILE: Final = 0.75
# The reverberator's own gain, measured with noise, is about 7 dB; filtered, a send of 1 returns the dry level.
_REVERB_RETURN: Final = 0.6
# The effects work outside Python's global lock, so the strips of a block share the cores.
_EQUALISER_THREADS: Final = 2
_LOW_END_ROLES: Final = frozenset({"bass", "drums"})


@dataclass
class Strip:
    """One channel of the mixer: the track's dry audio, and the power of each of its blocks."""

    track: Track
    audio: AudioSpool
    block_powers: list[float] = field(default_factory=list)

    def add_level(self, block: Audio) -> None:
        self.block_powers.append(float(np.mean(np.square(block))))


@dataclass(frozen=True, slots=True)
class BusLevel:
    """What was measured on the mix: integrated loudness and sample peak (1.0 is full scale)."""

    loudness_lufs: float
    peak: float


def fader_gain(strip: Strip) -> float:
    """Gain staging to the role's level, then the fader, whose `volume` is a plain factor; 0 for silence."""
    powers = np.array(strip.block_powers)
    sounding = powers[powers > max(powers.max(initial=0.0) * _SOUNDING_RANGE, 1e-14)]
    if not len(sounding):
        return 0.0
    level = gain_to_decibels(float(np.sqrt(np.quantile(sounding, _LEVEL_QUANTILE))))
    wanted = ROLE_LEVEL_DB[strip.track.role] - level
    correction = float(np.clip(wanted, -_WIDEST_CORRECTION_DB, _WIDEST_CORRECTION_DB))
    return decibels_to_gain(correction) * strip.track.volume


class Mixer:
    """Sums strips to a bus in one pass; with `keep_stems` each strip's audio becomes its post-fader stem."""

    def __init__(self, strips: Sequence[Strip], keep_stems: bool) -> None:
        self._strips = strips
        self._keep_stems = keep_stems
        self._gains = [np.float32(fader_gain(strip)) for strip in strips]
        self._sends = [np.float32(strip.track.reverb * _REVERB_RETURN) for strip in strips]
        has_bass = any(strip.track.role in _LOW_END_ROLES for strip in strips)
        self._equalisers = [equaliser(strip.track.role, has_bass) for strip in strips]
        self._reverb = Pedalboard(
            [
                HighpassFilter(250.0),
                Reverb(room_size=0.6, damping=0.45, wet_level=1.0, dry_level=0.0, width=1.0),
                LowpassFilter(7_500.0),
            ]
        )
        self._meter = FilterGraph([LOUDNESS_METER])
        self._peak = 0.0

    def run(self, frames: int, bus: AudioSpool, cancelled: IsCancelled, progress: Callable[[float], None]) -> BusLevel:
        """Write the mix of `frames` to `bus`; CancelledError between two blocks."""
        with ThreadPoolExecutor(_EQUALISER_THREADS) as pool:
            for start, length in blocks(frames):
                raise_if(cancelled)
                block = self._mix_block(start, length, pool)
                self._meter.process(block)
                self._peak = max(self._peak, float(np.abs(block).max()))
                bus.write(start, block)
                progress((start + length) / frames)
        self._meter.finish()
        return BusLevel(self._meter.loudness_lufs, self._peak)

    def _mix_block(self, start: int, length: int, pool: ThreadPoolExecutor) -> Audio:
        stems = list(pool.map(lambda index: self._stem(index, start, length), range(len(self._strips))))
        dry: Audio = np.zeros((CHANNELS, length), np.float32)
        send: Audio = np.zeros((CHANNELS, length), np.float32)
        for stem, send_gain in zip(stems, self._sends, strict=True):
            dry += stem
            send += stem * send_gain
        dry += self._reverb.process(send, SAMPLE_RATE, reset=False)
        return np.ascontiguousarray(dry.T)

    def _stem(self, index: int, start: int, length: int) -> Audio:
        """One strip's next block behind gain and equaliser, [2, frames]; kept as the stem when wanted."""
        strip = self._strips[index]
        raw = strip.audio.read(start, length).T * self._gains[index]
        stem: Audio = self._equalisers[index].process(raw, SAMPLE_RATE, reset=False)
        if self._keep_stems:
            strip.audio.write(start, stem.T)
        return stem
