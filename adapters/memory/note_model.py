"""A model that hears pure tones, for tests of what stands around it."""

from dataclasses import dataclass

import numpy as np

from domain.kit.audio.note_model import (
    FRAME_SAMPLES,
    LOWEST_PITCH,
    PITCHES,
    WINDOW_FRAMES,
    WINDOW_RATE,
    Likelihood,
    NoteLikelihoods,
    Windows,
    checked_windows,
)
from domain.kit.errors import DependencyUnavailable

# Long enough to tell semitones from A2 up.
SPECTRUM_SAMPLES = 4_096
QUIETEST = 0.02
SURE = 0.9


@dataclass
class MemoryNoteModel:
    """A pitch sounds where its spectrum is above its neighbours'. `is_down` makes it break on purpose."""

    is_down: bool = False
    heard: int = 0

    async def likelihoods(self, windows: Windows) -> NoteLikelihoods:
        if self.is_down:
            raise DependencyUnavailable("Triton", "switched off")
        notes = np.stack([_sounding(window) for window in checked_windows(windows)])
        self.heard += len(windows)
        before = np.pad(notes, ((0, 0), (1, 0), (0, 0)))[:, :-1]
        return NoteLikelihoods(np.where(notes > before, notes, np.float32(0.0)), notes)


def _sounding(window: Windows) -> Likelihood:
    """[frames, pitches] of one window: the amplitude of each semitone, where it is a peak."""
    half = SPECTRUM_SAMPLES // 2
    padded = np.pad(window, (half, half))
    frames = np.lib.stride_tricks.sliding_window_view(padded, SPECTRUM_SAMPLES)[::FRAME_SAMPLES][:WINDOW_FRAMES]
    shape = np.hanning(SPECTRUM_SAMPLES).astype(np.float32)
    spectra = np.abs(np.fft.rfft(frames * shape, axis=1)) * (2.0 / shape.sum())
    hertz = 440.0 * 2.0 ** ((np.arange(LOWEST_PITCH - 1, LOWEST_PITCH + PITCHES + 1) - 69) / 12)
    levels = spectra[:, np.rint(hertz * SPECTRUM_SAMPLES / WINDOW_RATE).astype(int)]
    inner = levels[:, 1:-1]
    is_peak = (inner >= QUIETEST) & (inner > levels[:, :-2]) & (inner > levels[:, 2:])
    return np.where(is_peak, np.float32(SURE), np.float32(0.0))
