"""The port to the model that hears notes: windows of sound in, likelihoods of onsets and notes out.

The sizes are those of Bittner et al. 2022, "A Lightweight Instrument-Agnostic Model for Polyphonic Note Transcription
and Multipitch Estimation" (ICASSP), as its authors published it.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

WINDOW_RATE = 22_050
WINDOW_SAMPLES = 43_844
WINDOW_FRAMES = 172
FRAME_SAMPLES = 256
PITCHES = 88
# A0, the lowest key of a piano, as a MIDI number.
LOWEST_PITCH = 21
MOST_WINDOWS = 4

Windows = npt.NDArray[np.float32]
Likelihood = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class NoteLikelihoods:
    """How likely a note begins, and how likely it sounds: both float32 [windows, 172, 88] of 0 to 1.

    Frames lie 256 samples apart, the first at the first sample; pitches are semitones from A0.
    """

    onsets: Likelihood
    notes: Likelihood


class NoteModel(Protocol):
    async def likelihoods(self, windows: Windows) -> NoteLikelihoods:
        """Of 1 to 4 windows, float32 mono at 22,050 Hz, [windows, 43844]. Each is heard for itself.

        Raises `DependencyUnavailable` when the model is out of reach, and `ValueError` for another shape.
        """
        ...


def checked_windows(windows: Windows) -> Windows:
    """Raises `ValueError` for what is no batch of windows."""
    if windows.ndim != 2 or not 1 <= len(windows) <= MOST_WINDOWS or windows.shape[1] != WINDOW_SAMPLES:
        raise ValueError(f"{list(windows.shape)} is not [1 to {MOST_WINDOWS}, {WINDOW_SAMPLES}]")
    return windows
