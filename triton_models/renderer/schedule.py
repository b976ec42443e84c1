"""When each note of a track begins and ends, in frames at 44.1 kHz."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from triton_models.renderer.audio import SAMPLE_RATE
from triton_models.score.model import TempoChange, Track

# The synthesiser updates its envelopes every 64 frames; a shorter note would be over before it begins.
SHORTEST_NOTE_FRAMES: Final = 64


class NoteEvent(NamedTuple):
    """Events sort by time, and a release comes before an attack at the same frame."""

    frame: int
    is_attack: bool
    pitch: int
    velocity: int


def schedule_track(track: Track, tempo_map: Sequence[TempoChange], frames: int) -> list[NoteEvent]:
    """Attacks and releases of all notes that begin before `frames`, in playing order."""
    starts = beats_to_frames([note.start for note in track.notes], tempo_map)
    ends = beats_to_frames([note.end for note in track.notes], tempo_map)
    events = []
    for note, start, end in zip(track.notes, starts.tolist(), ends.tolist(), strict=True):
        if start < frames:
            events.append(NoteEvent(start, True, note.pitch, note.velocity))
            events.append(NoteEvent(max(end, start + SHORTEST_NOTE_FRAMES), False, note.pitch, 0))
    return sorted(events)


def beats_to_frames(beats: Sequence[float], tempo_map: Sequence[TempoChange]) -> npt.NDArray[np.int64]:
    """Nearest frame of each beat; beats past the last change keep its tempo."""
    change_beats = np.array([change.beat for change in tempo_map])
    seconds_per_beat = 60.0 / np.array([change.qpm for change in tempo_map])
    change_seconds = np.concatenate([[0.0], np.cumsum(np.diff(change_beats) * seconds_per_beat[:-1])])
    at = np.asarray(beats, np.float64)
    index = np.maximum(np.searchsorted(change_beats, at, side="right") - 1, 0)
    seconds = change_seconds[index] + (at - change_beats[index]) * seconds_per_beat[index]
    frames: npt.NDArray[np.int64] = np.rint(seconds * SAMPLE_RATE).astype(np.int64)
    return frames
