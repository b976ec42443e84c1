"""Measures a mix while it is being written: level, rhythm, key, form, character, and the spectra that are drawn."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adapters.media.beats import beat_onsets, track_beats
from adapters.media.character import describe
from adapters.media.downbeats import find_downbeats
from adapters.media.fingerprint import Fingerprinter
from adapters.media.form import find_sections
from adapters.media.harmony import HarmonicChange
from adapters.media.key import estimate_key
from adapters.media.loudness import LoudnessMeter
from adapters.media.pitch import Chroma, PitchClasses
from adapters.media.spectrum import (
    SAMPLE_RATE,
    Matrix,
    PowerSpectra,
    Vector,
    mel_edges,
    mel_of_hertz,
    triangular_bank,
)
from adapters.media.tempo import estimate_tempo, onset_envelope
from domain.kit.audio.fingerprints import compressed
from domain.kit.audio.media import Audio, AudioAnalysis
from domain.kit.audio.sound import BeatGrid, Structure

LOWEST_HERTZ, HIGHEST_HERTZ, BANDS = 30.0, 16_000.0, 160

_SHORT, _LONG, _SHORT_HOP, _LONG_HOP = 2_048, 8_192, 441, 2_205
_ONSET_BANDS = 40
_LONG_WINDOW_BELOW = 900.0
_FLOOR_POWER = 1e-10
_USUAL_BAR = 4
_PICTURE_FRAMES = 3_000
# Noise lies 6 dB lower under a window four times as long, tones do not: half of that hides the seam.
_LONG_WINDOW_LIFT = np.float32(3.0)


@dataclass(frozen=True)
class MelSpectrogram:
    """Power in dB re a full-scale sine, [frames, bands], float32, frames evenly over the whole duration.

    Bands lie evenly in mel from 30 Hz to 16 kHz.
    """

    decibels: Matrix

    @staticmethod
    def band_of(hertz: float) -> float:
        """Position of a frequency on the band axis, in bands."""
        low, high = mel_of_hertz(LOWEST_HERTZ), mel_of_hertz(HIGHEST_HERTZ)
        return float((mel_of_hertz(hertz) - low) / (high - low) * (BANDS + 1) - 1.0)


class Analyser:
    """Takes the mix as it comes and keeps features only: about 30 kB for a second of music."""

    def __init__(self) -> None:
        edges = mel_edges(BANDS, LOWEST_HERTZ, HIGHEST_HERTZ)
        self._split = int(np.searchsorted(edges[1:-1], _LONG_WINDOW_BELOW))
        self._low_bank = triangular_bank(edges[: self._split + 2], _LONG)
        self._high_bank = triangular_bank(edges[self._split :], _SHORT)
        self._onset_bank = triangular_bank(mel_edges(_ONSET_BANDS, LOWEST_HERTZ, HIGHEST_HERTZ), _SHORT)
        self._short, self._long = PowerSpectra(_SHORT, _SHORT_HOP), PowerSpectra(_LONG, _LONG_HOP)
        self._pitches, self._meter = PitchClasses(_LONG), LoudnessMeter()
        self._fingerprinter = Fingerprinter()
        self._onset_mel: list[Matrix] = []
        self._high: list[npt.NDArray[np.float16]] = []
        self._low: list[npt.NDArray[np.float16]] = []
        self._frames = 0

    def push(self, mix: Audio, mono: Vector) -> None:
        """Takes [frames, 2] and its mono sum [frames]."""
        self._frames += len(mix)
        self._meter.push(mix)
        self._fingerprinter.push(mono)
        self._take(self._short.push(mono), self._long.push(mono))

    def finish(self, expected_bpm: float | None) -> tuple[AudioAnalysis, MelSpectrogram]:
        """Closes the analysis; call it once, after the last `push`."""
        self._take(self._short.flush(), self._long.flush())
        loudness = self._meter.finish()
        mel, seconds = np.concatenate(self._onset_mel), self._frames / SAMPLE_RATE
        bass, full = self._pitches.chroma()
        tempo = estimate_tempo(onset_envelope(mel), expected_bpm)
        key = estimate_key(bass, full)
        grid, bars = _find_grid(mel, tempo.bpm, bass, full)
        analysis = AudioAnalysis(
            duration_seconds=seconds,
            loudness_lufs=loudness.integrated_lufs,
            loudness_range_lu=loudness.range_lu,
            true_peak_dbtp=loudness.true_peak_dbtp,
            tempo_bpm=tempo.bpm,
            tempo_confidence=tempo.confidence,
            key=key.name,
            key_confidence=key.confidence,
            character=describe(mel, tempo, key, loudness.integrated_lufs),
            structure=Structure(grid, find_sections(mel, bars, seconds)),
            fingerprint=compressed(codes) if len(codes := self._fingerprinter.codes()) else "",
        )
        return analysis, self._spectrogram()

    def _take(self, short: Matrix, long: Matrix) -> None:
        self._onset_mel.append(short @ self._onset_bank)
        self._high.append(_decibels(short @ self._high_bank))
        self._low.append(_decibels(long @ self._low_bank))
        self._pitches.push(long)

    def _spectrogram(self) -> MelSpectrogram:
        """Low bands from the long window, high bands from the short one: fine in pitch below, in time above."""
        high = _pooled(np.concatenate(self._high))
        low = np.concatenate(self._low).astype(np.float32)
        position = np.arange(len(high)) * (len(low) - 1) / max(1.0, len(high) - 1.0)
        below = np.floor(position).astype(int)
        above = np.minimum(below + 1, len(low) - 1)
        share = (position - below).astype(np.float32)[:, None]
        blended = low[below] * (1.0 - share) + low[above] * share + _LONG_WINDOW_LIFT
        return MelSpectrogram(np.concatenate([blended, high], axis=1))


def _find_grid(mel: Matrix, bpm: float, bass: Chroma, full: Chroma) -> tuple[BeatGrid, npt.NDArray[np.float64]]:
    """The beats, and where sections may begin: with bars, or every four beats when these are not clear."""
    harmony = HarmonicChange(full)
    beats = track_beats(beat_onsets(mel), bpm, harmony)
    found = find_downbeats(beats.seconds, HarmonicChange(bass), harmony)
    bars = beats.seconds[found.first :: found.beats_per_bar or _USUAL_BAR]
    grid = BeatGrid(
        beats=_milliseconds(beats.seconds),
        confidence=round(beats.confidence, 3),
        beats_per_bar=found.beats_per_bar,
        downbeats=_milliseconds(bars) if found.beats_per_bar else (),
        downbeat_confidence=round(found.confidence, 3),
    )
    return grid, bars


def _milliseconds(seconds: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """In seconds, but no finer than that."""
    return tuple(round(float(each), 3) for each in seconds)


def _pooled(decibels: npt.NDArray[np.float16]) -> Matrix:
    """Means of as many neighbouring frames as leave no less than a picture needs."""
    size = max(1, len(decibels) // _PICTURE_FRAMES)
    count = len(decibels) // size
    mean: Matrix = decibels[: count * size].reshape(count, size, -1).mean(axis=1, dtype=np.float32)
    return mean


def _decibels(power: Matrix) -> npt.NDArray[np.float16]:
    decibels: npt.NDArray[np.float16] = (10.0 * np.log10(np.maximum(power, _FLOOR_POWER))).astype(np.float16)
    return decibels
