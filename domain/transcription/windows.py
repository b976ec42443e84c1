"""A recording cut into the windows that the model hears, and the frames of all windows in a row again. Pure.

Windows overlap by 30 frames, because a frame near an edge is heard badly: half of the overlap is thrown away on both
sides (Bittner et al. 2022, and the published code's window and overlap).
"""

import numpy as np
import numpy.typing as npt

from domain.kit.audio.media import Audio
from domain.kit.audio.note_model import FRAME_SAMPLES, MOST_WINDOWS, WINDOW_FRAMES, WINDOW_RATE, WINDOW_SAMPLES, Windows
from domain.kit.audio.samples import mono_of

EDGE_FRAMES = 15
KEPT_FRAMES = WINDOW_FRAMES - 2 * EDGE_FRAMES
HOP_SAMPLES = WINDOW_SAMPLES - 2 * EDGE_FRAMES * FRAME_SAMPLES

Samples = npt.NDArray[np.float32]

_TAPS = 47
_DELAY = _TAPS // 2
_STOP_BAND = 8.0


def _half_band() -> Samples:
    """A low-pass filter at a quarter of the rate, by a Kaiser window: every other tap is 0 but the middle one."""
    offsets = np.arange(_TAPS) - _DELAY
    taps = 0.5 * np.sinc(offsets / 2) * np.kaiser(_TAPS, _STOP_BAND)
    return np.asarray(taps / taps.sum(), dtype=np.float32)


_FILTER = _half_band()


class Halving:
    """Stereo at 44.1 kHz to mono at 22,050 Hz, piece by piece, without delay."""

    def __init__(self) -> None:
        self._kept = np.zeros(_DELAY, dtype=np.float32)

    def push(self, audio: Audio) -> Samples:
        """Takes [frames, 2]; gives what is whole of half as many."""
        mono = np.concatenate([self._kept, mono_of(audio)])
        return self._halved(mono)

    def flush(self) -> Samples:
        """What the last samples make."""
        return self._halved(np.concatenate([self._kept, np.zeros(_DELAY, dtype=np.float32)]))

    def _halved(self, mono: Samples) -> Samples:
        count = max(0, (len(mono) - _TAPS) // 2 + 1)
        self._kept = mono[2 * count :]
        if not count:
            return np.zeros(0, dtype=np.float32)
        used = mono[: 2 * (count - 1) + _TAPS]
        middle = used[_DELAY::2][:count] * _FILTER[_DELAY]
        return np.asarray(middle + np.correlate(used[::2], _FILTER[::2], "valid"), dtype=np.float32)


class WindowCutter:
    """Holds no more than a piece and a window."""

    def __init__(self) -> None:
        self._halving = Halving()
        self._waiting = np.zeros(EDGE_FRAMES * FRAME_SAMPLES, dtype=np.float32)
        self._windows = 0
        self._samples = 0

    def push(self, audio: Audio) -> list[Windows]:
        """Takes [frames, 2] at 44.1 kHz; gives the windows that are whole, as batches of [1 to 4, 43844]."""
        return self._take(self._halving.push(audio))

    def finish(self) -> list[Windows]:
        """The last windows, silence behind the end."""
        rest = self._take(self._halving.flush())
        missing = -(-self._samples // HOP_SAMPLES) - self._windows
        silence = np.zeros(max(0, missing) * HOP_SAMPLES + WINDOW_SAMPLES, dtype=np.float32)
        self._waiting = np.concatenate([self._waiting, silence])
        return [*rest, *self._cut(missing)]

    @property
    def frames(self) -> int:
        """How many frames the recording so far has, counted as `seconds_of` does."""
        whole, rest = divmod(self._samples, HOP_SAMPLES)
        return whole * KEPT_FRAMES + min(KEPT_FRAMES, -(-rest // FRAME_SAMPLES))

    def _take(self, samples: Samples) -> list[Windows]:
        self._samples += len(samples)
        self._waiting = np.concatenate([self._waiting, samples])
        return self._cut(max(0, (len(self._waiting) - WINDOW_SAMPLES) // HOP_SAMPLES + 1))

    def _cut(self, count: int) -> list[Windows]:
        windows = [self._waiting[at * HOP_SAMPLES : at * HOP_SAMPLES + WINDOW_SAMPLES] for at in range(count)]
        self._waiting = self._waiting[max(0, count) * HOP_SAMPLES :]
        self._windows += len(windows)
        return [np.stack(windows[at : at + MOST_WINDOWS]) for at in range(0, len(windows), MOST_WINDOWS)]


def kept_frames(values: Windows) -> Windows:
    """[windows, 172, n] to the frames that are heard well, one after the other: [windows * 142, n]."""
    return values[:, EDGE_FRAMES:-EDGE_FRAMES].reshape(-1, values.shape[2])


def seconds_of(frame: int) -> float:
    """Where a kept frame lies. The 142 of a window reach 0.7 frames into the next, so that none is missing."""
    window, within = divmod(frame, KEPT_FRAMES)
    return (window * HOP_SAMPLES + within * FRAME_SAMPLES) / WINDOW_RATE
