"""Beats of a whole piece from its onsets, its tempo and its harmony. The tempo may sway, but not change for good."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adapters.media.harmony import HarmonicChange
from adapters.media.spectrum import Matrix
from adapters.media.tempo import FRAME_RATE, Envelope, onset_envelope

Frames = npt.NDArray[np.int64]

_TIGHTNESS = 800.0
_SMOOTHING = 1.0 / 32.0
_WEAK = 0.5
_NEAR = 3
_STRONG = 1.0
_CLEARLY = 1.1
# The two lowest of 40 mel bands, up to 150 Hz: bass and bass drum mark the beat more often than cymbals.
_LOW_BANDS = 2


@dataclass(frozen=True)
class Beats:
    """Seconds from the start [beats], and how far they can be trusted, 0..1."""

    seconds: Envelope
    confidence: float


NO_BEATS = Beats(np.zeros(0), 0.0)


def beat_onsets(mel: Matrix) -> Envelope:
    """Onset strength of mel power [frames, bands] with the bass counted once more: [frames], unit deviation."""
    onsets = onset_envelope(mel) + onset_envelope(mel[:, :_LOW_BANDS])
    spread = float(onsets.std())
    return onsets / spread if spread > 0.0 else onsets


def track_beats(onsets: Envelope, bpm: float, harmony: HarmonicChange) -> Beats:
    """Dynamic programming after Ellis, Beat Tracking by Dynamic Programming (2007).

    `onsets` [frames] at 100 a second from `beat_onsets`; 0 bpm has no beats. Where chords clearly change between the
    beats rather than on them, the off-beats were louder, and the beats are moved by half. The confidence is how many
    more beats have an onset within 30 ms than as many frames by chance, as Cohen's kappa (1960).
    """
    if bpm <= 0.0 or not onsets.any():
        return NO_BEATS
    period = 60.0 * FRAME_RATE / bpm
    local = _smoothed(onsets, period)
    score, before = _accumulated(local, period)
    frames = _trimmed(_followed_back(score, before, period), local)
    if len(frames) < 2:
        return NO_BEATS
    confidence = _agreement(onsets, frames)
    seconds = frames / FRAME_RATE
    between = seconds[:-1] + np.diff(seconds) / 2.0
    on, off = (float(harmony.at(moments, period / FRAME_RATE / 2.0).mean()) for moments in (seconds, between))
    return Beats(between if off > _CLEARLY * on else seconds, confidence)


def _smoothed(onsets: Envelope, period: float) -> Envelope:
    """With a Gaussian of a thirty-second of the beat, so that strokes need not fall on the frame."""
    reach = int(np.ceil(period))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (period * _SMOOTHING)) ** 2)
    smooth: Envelope = np.convolve(onsets, kernel, "full")[reach : reach + len(onsets)]
    return smooth


def _accumulated(local: Envelope, period: float) -> tuple[Envelope, Frames]:
    """The best score of a beat in each frame, and the frame of the beat before it, -1 for none.

    A beat depends on frames at least half a beat earlier only, so half a beat of frames is done at once.
    """
    least, most = max(1, round(period / 2)), round(2 * period)
    lags = np.arange(most, least - 1, -1)
    penalty = -_TIGHTNESS * np.log(lags / period) ** 2
    score = np.concatenate([np.full(most, -np.inf), local])
    before = np.full(len(local), -1, np.int64)
    floor = 0.01 * float(local.max())
    for start in range(0, len(local), least):
        stop = min(start + least, len(local))
        # row r holds the scores from `most` to `least` frames before frame `start + r`
        past = np.lib.stride_tricks.sliding_window_view(score[start : stop + most - least], len(lags)) + penalty
        best = np.argmax(past, axis=1)
        gain = past[np.arange(stop - start), best]
        found = np.isfinite(gain) & ((gain > 0.0) | (local[start:stop] < floor))
        before[start:stop] = np.where(found, np.arange(start, stop) - lags[best], -1)
        score[start + most : stop + most] += np.where(found, gain, 0.0)
    return score[most:], before


def _followed_back(score: Envelope, before: Frames, period: float) -> Frames:
    """From the best of the last beat's worth of frames to the first beat."""
    tail = max(0, len(score) - round(period))
    frame = tail + int(np.argmax(score[tail:]))
    beats = [frame]
    while (frame := int(before[frame])) >= 0:
        beats.append(frame)
    return np.array(beats[::-1], np.int64)


def _trimmed(frames: Frames, local: Envelope) -> Frames:
    """Without the beats before the first and behind the last that can be heard."""
    strength = local[frames]
    heard = np.nonzero(strength > _WEAK * np.sqrt(np.mean(strength**2)))[0]
    return frames[heard[0] : heard[-1] + 1] if len(heard) else frames[:0]


def _agreement(onsets: Envelope, frames: Frames) -> float:
    strong = np.convolve(onsets > _STRONG, np.ones(2 * _NEAR + 1), "same") > 0
    inside = strong[frames[0] : frames[-1] + 1]
    hit, chance = float(strong[frames].mean()), float(inside.mean())
    return max(0.0, (hit - chance) / (1.0 - chance)) if chance < 1.0 else 0.0
