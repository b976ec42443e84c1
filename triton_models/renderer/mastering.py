"""Mastering: tone, glue compression and a true-peak limiter, driven until the whole piece measures -14 LUFS."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from triton_models.renderer.audio import SAMPLE_RATE, Audio, blocks, decibels_to_gain, gain_to_decibels
from triton_models.renderer.cancellation import IsCancelled, raise_if
from triton_models.renderer.errors import InvalidScoreError
from triton_models.renderer.filter_graph import LOUDNESS_METER, SILENCE_LUFS, FilterGraph
from triton_models.renderer.loudness_search import find_drive
from triton_models.renderer.mix import BusLevel
from triton_models.renderer.profiles import tilt_of
from triton_models.renderer.spool import AudioSpool
from triton_models.renderer.true_peak import TruePeakMeter

TARGET_LUFS: Final = -14.0
CEILING_DBTP: Final = -1.0
# The limiter aims a little lower: coming down from 4x oversampling raises peaks again by some tenths of a dB.
_LIMITER_DB: Final = -1.3
_SAFE_DBTP: Final = -1.05
# Level at which the glue compressor is set; its threshold is meant for music of this loudness.
_GLUE_LUFS: Final = -18.0
_GLUE: Final = "threshold=0.16:ratio=2:attack=20:release=250:knee=6:detection=rms:link=maximum"
_SILENCE_PEAK: Final = 1e-7
_LAST_PASS_TOLERANCE: Final = 0.2
_MOST_PASSES: Final = 3

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Master:
    """What came out: multiply the spooled master by `trim` on reading, and stems by `stem_gain`."""

    loudness_lufs: float
    true_peak_dbtp: float
    trim: float
    stem_gain: float


@dataclass(frozen=True, slots=True)
class Desk:
    """One mastering job: how many frames, who may cancel it, and whom it tells how far it is."""

    frames: int
    genre: str
    cancelled: IsCancelled
    progress: Progress


def master(bus: AudioSpool, level: BusLevel, glued: AudioSpool, out: AudioSpool, desk: Desk) -> Master:
    """Master the mix in `bus` into `out`, with `glued` as the spool between the two stages.

    Raises InvalidScoreError for digital silence and CancelledError between blocks.
    """
    if level.peak < _SILENCE_PEAK:
        raise InvalidScoreError("nothing sounds: every track is empty, muted or out of its instrument's range")
    input_db = _input_gain_db(level)
    loudness = _glue(bus, input_db, glued, desk)
    desk.progress(0.3)
    drive_db = find_drive(lambda drive: _measure(glued, drive, desk), TARGET_LUFS, TARGET_LUFS - loudness)
    desk.progress(0.6)
    return _finish(glued, out, input_db, drive_db, desk)


def _input_gain_db(level: BusLevel) -> float:
    """Gain to the glue compressor's working level; by peak where the loudness meter's gate sees nothing."""
    if level.loudness_lufs > SILENCE_LUFS + 10.0:
        return _GLUE_LUFS - level.loudness_lufs
    return _GLUE_LUFS + 12.0 - gain_to_decibels(level.peak)


def _glue(bus: AudioSpool, input_db: float, glued: AudioSpool, desk: Desk) -> float:
    tilt = tilt_of(desk.genre)
    graph = FilterGraph(
        [
            _volume(input_db),
            ("highpass", "frequency=25:poles=2"),
            ("bass", f"gain={tilt.low_db}:frequency=100"),
            ("treble", f"gain={tilt.high_db}:frequency=8000"),
            ("acompressor", _GLUE),
            LOUDNESS_METER,
        ]
    )
    position = 0
    for block in _through(graph, bus, desk):
        glued.write(position, block)
        position += len(block)
    return graph.loudness_lufs


def _measure(glued: AudioSpool, drive_db: float, desk: Desk) -> float:
    """Loudness behind the limiter without oversampling, which costs a quarter and differs by hundredths."""
    graph = FilterGraph([_volume(drive_db), _limiter(), LOUDNESS_METER])
    for _ in _through(graph, glued, desk):
        pass
    return graph.loudness_lufs


def _finish(glued: AudioSpool, out: AudioSpool, input_db: float, drive_db: float, desk: Desk) -> Master:
    """The real limiter pass; repeated with a corrected drive when the result is off, which is rare."""
    for attempt in range(_MOST_PASSES):
        loudness, peak_db = _limit(glued, drive_db, out, desk)
        trim_db = min(0.0, _SAFE_DBTP - peak_db)
        missing = TARGET_LUFS - (loudness + trim_db)
        if abs(missing) <= _LAST_PASS_TOLERANCE or attempt == _MOST_PASSES - 1:
            break
        drive_db += missing
    desk.progress(1.0)
    return Master(
        loudness + trim_db,
        peak_db + trim_db,
        decibels_to_gain(trim_db),
        decibels_to_gain(input_db + drive_db + trim_db),
    )


def _limit(glued: AudioSpool, drive_db: float, out: AudioSpool, desk: Desk) -> tuple[float, float]:
    """Limit at four times the sample rate into `out`; returns loudness in LUFS and true peak in dBTP."""
    graph = FilterGraph(
        [
            _volume(drive_db),
            ("aresample", str(4 * SAMPLE_RATE)),
            _limiter(),
            ("aresample", str(SAMPLE_RATE)),
            LOUDNESS_METER,
        ]
    )
    meter = TruePeakMeter()
    position = 0
    # One thread keeps the blocks in order; it measures while the limiter works on the next block.
    with ThreadPoolExecutor(1) as measuring:
        for block in _through(graph, glued, desk):
            out.write(position, block)
            measuring.submit(meter.add, block)
            position += len(block)
        peak = measuring.submit(meter.finish).result()
    return graph.loudness_lufs, gain_to_decibels(peak)


def _through(graph: FilterGraph, source: AudioSpool, desk: Desk) -> Iterator[Audio]:
    for start, length in blocks(desk.frames):
        raise_if(desk.cancelled)
        yield graph.process(source.read(start, length))
    yield graph.finish()


def _volume(decibels: float) -> tuple[str, str]:
    return "volume", f"volume={decibels:.4f}dB:precision=float"


def _limiter() -> tuple[str, str]:
    limit = decibels_to_gain(_LIMITER_DB)
    return "alimiter", f"limit={limit:.6f}:attack=5:release=60:level=0:latency=1"
