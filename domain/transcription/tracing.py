"""From likelihoods, frame by frame, to notes. Pure, and in memory that does not grow with the recording.

Section 2.3 of Bittner et al. 2022: each peak of the onset likelihood begins a note, which lasts until the note
likelihood stays low for 11 frames; the latest are traced first, so that a note ends where its pitch is struck again.
What is left that is likely becomes notes without an onset, the likeliest first, traced in both directions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.kit.audio.note_model import LOWEST_PITCH, PITCHES, Likelihood
from domain.kit.audio.notes import Note
from domain.transcription.model import MOST_NOTES
from domain.transcription.windows import seconds_of

ONSET_THRESHOLD = 0.6
NOTE_THRESHOLD = 0.3
# So likely has to be what has no onset.
UNSTRUCK_THRESHOLD = 0.5
# Frames: after how many unheard ones a note has ended, and how long one has to be, about 128 ms.
TOLERANCE = 11
SHORTEST = 11
# Frames, about 23 and 12 s: what is settled at once, and what has to be known behind it.
BLOCK, AHEAD = 2_000, 1_000

Mask = npt.NDArray[np.bool_]


@dataclass
class _Traced:
    """In frames of the whole recording. Without an onset it may be the rest of one that was cut off."""

    pitch: int
    start: int
    end: int
    likelihood: float
    has_onset: bool


class NoteTracer:
    """Takes the likelihoods in order; gives the notes at the end, sorted by start and pitch.

    Of more than `most` it may leave out those that are not among the surest.
    """

    def __init__(self, most: int = MOST_NOTES) -> None:
        self._most = most
        self._onsets = np.zeros((1, PITCHES), dtype=np.float32)
        self._notes = np.zeros((1, PITCHES), dtype=np.float32)
        # The frame before the first, for a peak needs one on either side.
        self._first = -1
        self._found: list[_Traced] = []
        self._cut_off: dict[int, _Traced] = {}

    def push(self, onsets: Likelihood, notes: Likelihood) -> None:
        """Takes [frames, 88] of both."""
        self._onsets = np.concatenate([self._onsets, onsets])
        self._notes = np.concatenate([self._notes, notes])
        while len(self._notes) - 1 >= BLOCK + AHEAD:
            self._settle(BLOCK)

    def finish(self) -> Sequence[Note]:
        """Once, after the last `push`."""
        self.push(np.zeros((1, PITCHES), dtype=np.float32), np.zeros((1, PITCHES), dtype=np.float32))
        self._settle(len(self._notes) - 1)
        return [_note(each) for each in sorted(self._found, key=lambda each: (each.start, each.pitch))]

    def _settle(self, frames: int) -> None:
        """Keeps the notes that begin in the first frames behind the one that is there for the peaks."""
        block = _Block(self._onsets, self._notes)
        known, before, self._cut_off = self._first + len(self._notes), self._cut_off, {}
        for note in block.trace():
            if note.start <= frames:
                block.claim(self._notes, note)
                note.start, note.end = self._first + note.start, self._first + note.end
                self._keep(note, before.get(note.pitch), known)
        self._onsets, self._notes = self._onsets[frames:], self._notes[frames:]
        self._first += frames
        if len(self._found) > 2 * self._most:
            self._found = self._surest()

    def _keep(self, note: _Traced, before: _Traced | None, known: int) -> None:
        """Joins what is left of one that the block before cut off to it."""
        if before is not None and not note.has_onset and 0 <= note.start - before.end <= TOLERANCE:
            weight = (before.end - before.start) / (note.end - before.start)
            before.likelihood = weight * before.likelihood + (1 - weight) * note.likelihood
            before.end, note = note.end, before
        else:
            self._found.append(note)
        if known - note.end <= TOLERANCE:
            self._cut_off[note.pitch] = note

    def _surest(self) -> list[_Traced]:
        """Those that can be among the surest in the end. How sure one is that was cut off is not known yet."""
        growing = {id(note) for note in self._cut_off.values()}
        ended = [note for note in self._found if id(note) not in growing]
        ended.sort(key=lambda note: (-_confidence(note), note.start, note.pitch))
        return [*ended[: self._most], *self._cut_off.values()]


class _Block:
    """Frames that are known, the first one only to compare with. Pitches lie in rows here: notes run along them."""

    def __init__(self, onsets: Likelihood, notes: Likelihood) -> None:
        self._left = np.ascontiguousarray(notes.T)
        self._left[:, 0] = 0.0
        self._notes = notes
        self._peaks = _peaks(onsets)

    def trace(self) -> list[_Traced]:
        """Those with an onset, the latest first, then the others, the likeliest first."""
        found = [note for frame, pitch in self._peaks if (note := self._from_onset(frame, pitch)) is not None]
        return [*found, *self._without_onset()]

    @staticmethod
    def claim(notes: Likelihood, note: _Traced) -> None:
        """What one note explains is not explained by another, nor at the semitones beside it."""
        notes[note.start : note.end, max(0, note.pitch - 1) : note.pitch + 2] = 0.0

    def _from_onset(self, frame: int, pitch: int) -> _Traced | None:
        end = self._end(pitch, frame)
        return self._taken(pitch, frame, end, True) if end - frame > SHORTEST else None

    def _without_onset(self) -> list[_Traced]:
        found = []
        highest = self._left.max(axis=1)
        while highest.max() >= UNSTRUCK_THRESHOLD:
            pitch = int(highest.argmax())
            middle = int(self._left[pitch].argmax())
            start, end = self._start(pitch, middle), self._end(pitch, middle)
            if end - start > SHORTEST:
                found.append(self._taken(pitch, start, end, False))
            else:
                self._left[pitch, start:end] = 0.0
            near = slice(max(0, pitch - 1), pitch + 2)
            highest[near] = self._left[near].max(axis=1)
        return found

    def _taken(self, pitch: int, start: int, end: int, has_onset: bool) -> _Traced:
        self.claim(self._left.T, _Traced(pitch, start, end, 0.0, has_onset))
        return _Traced(pitch, start, end, float(self._notes[start:end, pitch].mean()), has_onset)

    def _end(self, pitch: int, frame: int) -> int:
        """Behind the last frame that sounds before a long enough pause; the frame itself when none does."""
        sounding = np.flatnonzero(self._left[pitch, frame:] >= NOTE_THRESHOLD)
        if not len(sounding) or sounding[0] > TOLERANCE:
            return frame
        pauses = np.flatnonzero(np.diff(sounding) > TOLERANCE)
        return frame + int(sounding[pauses[0] if len(pauses) else -1]) + 1

    def _start(self, pitch: int, frame: int) -> int:
        sounding = np.flatnonzero(self._left[pitch, : frame + 1] >= NOTE_THRESHOLD)
        pauses = np.flatnonzero(np.diff(sounding) > TOLERANCE)
        return int(sounding[pauses[-1] + 1 if len(pauses) else 0])


def _peaks(onsets: Likelihood) -> list[tuple[int, int]]:
    """Frames and pitches above both neighbours in time and likely enough, the latest first."""
    inner = onsets[1:-1]
    is_peak: Mask = (inner > onsets[:-2]) & (inner >= onsets[2:]) & (inner >= ONSET_THRESHOLD)
    found = np.argwhere(is_peak)[::-1]
    return [(int(frame) + 1, int(pitch)) for frame, pitch in found]


def _note(traced: _Traced) -> Note:
    return Note(
        start_seconds=round(seconds_of(traced.start), 3),
        end_seconds=round(seconds_of(traced.end), 3),
        pitch=LOWEST_PITCH + traced.pitch,
        confidence=_confidence(traced),
    )


def _confidence(traced: _Traced) -> float:
    return round(min(1.0, traced.likelihood), 3)
