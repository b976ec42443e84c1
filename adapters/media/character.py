"""What a piece is like as a whole: energy, danceability, acousticness, valence. Rules that can be read, not a model.

Each value is a mean of cues that rise from 0 to 1 between two bounds. The bounds were set on rendered songs of 31
genres; nobody's judgement went into them, so the confidences stay below 1, for valence far below.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adapters.media.key import Key
from adapters.media.spectrum import Matrix
from adapters.media.tempo import FRAME_RATE, Tempo, onset_envelope
from domain.kit.audio.sound import Character, Estimate

_LOW_BAND, _TREBLE_BAND = 1, 20
_SHORTEST_FLUCTUATION, _LONGEST_FLUCTUATION, _GROWTH = 0.31, 10.0, 1.1
_FASTEST_DANCE, _DANCE_OCTAVES = 115.0, 0.6
_MOST_SURE = {"energy": 0.8, "danceability": 0.7, "acousticness": 0.4, "valence": 0.35}
_SILENCE = 1e-9
_NOTHING = Estimate(0.0, 0.0)


@dataclass(frozen=True)
class Texture:
    """Onsets a second; mean log-compressed flux; levels of bass (up to 120 Hz) and treble (from 2 kHz) in dB re all;
    the exponent of the loudness' detrended fluctuation.
    """

    onsets_per_second: float
    flux: float
    bass_db: float
    treble_db: float
    fluctuation: float


def texture_of(mel: Matrix) -> Texture:
    """From mel power [frames, 40] between 30 Hz and 16 kHz at 100 frames a second, which must not be silent."""
    onsets = onset_envelope(mel)
    peaks = (onsets[1:-1] > onsets[:-2]) & (onsets[1:-1] >= onsets[2:]) & (onsets[1:-1] > 1.0)
    level = np.log1p(mel * np.float32(10.0 / mel.mean()))
    power = mel.mean(0, dtype=np.float64) / float(mel.mean(0).sum())
    decibels = 10.0 * np.log10(power + _SILENCE)
    return Texture(
        onsets_per_second=float(peaks.sum() * FRAME_RATE / len(mel)),
        flux=float(np.maximum(0.0, level[2:] - level[:-2]).mean()),
        bass_db=float(decibels[:_LOW_BAND].mean()),
        treble_db=float(decibels[_TREBLE_BAND:].mean()),
        fluctuation=fluctuation_exponent(np.sqrt(mel.sum(1, dtype=np.float64))),
    )


def fluctuation_exponent(envelope: npt.NDArray[np.float64]) -> float:
    """How fast the loudness strays over longer times: low where the same strong pulse comes again and again.

    Mean slope of the detrended fluctuation over 0.31 to 10 s (Streich and Herrera, Detrended Fluctuation Analysis of
    Music Signals: Danceability Estimation and Further Semantic Characterization, 2005). `envelope` at 100 a second; 1,
    as for no pulse at all, when it is too short to tell or never changes.
    """
    profile = np.cumsum(envelope - envelope.mean())
    longest = min(_LONGEST_FLUCTUATION * FRAME_RATE, len(profile) / 4)
    sizes, size = [], _SHORTEST_FLUCTUATION * FRAME_RATE
    while size <= longest:
        sizes.append(int(size))
        size *= _GROWTH
    strays = np.array([_detrended(profile, size) for size in sizes])
    if len(sizes) < 2 or strays.min() <= _SILENCE:
        return 1.0
    slope, _ = np.polyfit(np.log(sizes), np.log(strays), 1)
    return float(slope)


def _detrended(profile: npt.NDArray[np.float64], size: int) -> float:
    """Root mean square around the straight line through each window."""
    count = len(profile) // size
    windows = profile[: count * size].reshape(count, size)
    place = np.arange(size) - (size - 1) / 2.0
    slopes = windows @ place / (place @ place)
    rest = windows - windows.mean(1, keepdims=True) - slopes[:, None] * place
    return float(np.sqrt((rest**2).mean()))


def describe(mel: Matrix, tempo: Tempo, key: Key, loudness_lufs: float) -> Character:
    """`mel` as for `texture_of`. Of silence nothing is said: values and confidences are 0."""
    if len(mel) < 3 or float(mel.mean()) < _SILENCE:
        return Character(_NOTHING, _NOTHING, _NOTHING, _NOTHING)
    texture = texture_of(mel)
    return Character(
        energy=_energy(texture, loudness_lufs),
        danceability=_danceability(texture, tempo),
        acousticness=_acousticness(texture),
        valence=_valence(texture, tempo, key),
    )


def _energy(texture: Texture, loudness_lufs: float) -> Estimate:
    return _mean(
        "energy",
        _rise(loudness_lufs, -36.0, -8.0),
        _rise(texture.onsets_per_second, 0.5, 6.0),
        _rise(texture.flux, 0.02, 0.12),
        _rise(texture.treble_db, -60.0, -28.0),
    )


def _danceability(texture: Texture, tempo: Tempo) -> Estimate:
    """Pulse clarity (Lartillot and others, Multi-feature Modeling of Pulse Clarity, 2008), without which nobody dances,
    times how near the tempo is to that of dances and how steady the loudness is.
    """
    pulse = _rise(tempo.confidence, 0.1, 0.75)
    near = 0.0
    if tempo.bpm > 0.0:
        near = float(np.exp(-0.5 * (np.log2(tempo.bpm / _FASTEST_DANCE) / _DANCE_OCTAVES) ** 2))
    steady = 1.0 - _rise(texture.fluctuation, 0.6, 1.1)
    found = _mean("danceability", pulse, near, steady)
    return Estimate(round(pulse * (1.0 + near + steady) / 3.0, 3), found.confidence)


def _acousticness(texture: Texture) -> Estimate:
    """Little bass, little treble, and strokes that are not all sharp."""
    return _mean(
        "acousticness",
        1.0 - _rise(texture.bass_db, -16.0, -4.0),
        1.0 - _rise(texture.treble_db, -60.0, -28.0),
        1.0 - _rise(texture.flux, 0.04, 0.12),
    )


def _valence(texture: Texture, tempo: Tempo, key: Key) -> Estimate:
    """Mode and tempo, which Western listeners go by most (Hunter and others, Feelings and Perceptions of Happiness and
    Sadness Induced by Music, 2010), and brightness.
    """
    mode = 0.5 + 0.5 * key.confidence * (key.name.endswith("major") - key.name.endswith("minor"))
    lively = _rise(tempo.bpm, 60.0, 150.0) if tempo.bpm > 0.0 else 0.5
    found = _mean("valence", mode, mode, lively, _rise(texture.treble_db, -60.0, -28.0))
    return Estimate(found.value, round(found.confidence * (0.5 + 0.5 * key.confidence), 3))


def _rise(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _mean(name: str, *cues: float) -> Estimate:
    """The mean of the cues, as sure as they agree."""
    return Estimate(round(float(np.mean(cues)), 3), round(_MOST_SURE[name] * (1.0 - float(np.std(cues))), 3))
