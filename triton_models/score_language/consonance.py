"""What the notes of every token cost: tones foreign to the chords of a bar, and keys beyond an instrument. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from triton_models.score_language import chord_symbols
from triton_models.score_language.grid import PER_QUARTER, Floats, Ints
from triton_models.score_language.music import Chord, Note
from triton_models.score_language.tokenizer import ScoreTokenizer
from triton_models.score_language.vocabulary import Vocabulary

Costs = NDArray[np.float32]
Mask = NDArray[np.bool_]
LONG: Final = PER_QUARTER  # positions from which on a note is no passing one
_HERE: Final = -1  # the place of notes that sound where the token before them left off
_REMEMBERED: Final = 256  # answers of a kind, 8 KiB each


class Harmony(NamedTuple):
    """The chords of a bar, the first of which may have begun before it, at position 0; and how long a beat is."""

    chords: tuple[Chord, ...]
    beat: int

    def chord_at(self, position: int) -> Chord | None:
        """The chord that sounds there; None before the first one."""
        return next((chord for chord in reversed(self.chords) if chord.position <= position), None)


class Voice(NamedTuple):
    """Log odds against a note foreign to its chord: on a bar's first beat, on the others, between, and when long.

    Ornamental dissonances are weak in the meter, short, and belong to melodies: the harmonic preference rules of
    Temperley, The Cognition of Basic Musical Structures (2001).
    """

    downbeat: float
    beat: float
    between: float
    long: float

    def at(self, position: int, beat: int) -> float:
        """Of a short note there."""
        return self.downbeat if position == 0 else self.between if position % beat else self.beat

    def cost(self, note: Note, harmony: Harmony) -> float:
        """Of a note; 0 where it belongs to its chord, or where there is none."""
        chord = harmony.chord_at(note.position)
        if chord is None or not _foreign(chord)[note.pitch % 12]:
            return 0.0
        short = self.at(note.position, harmony.beat)
        return max(short, self.long) if note.duration >= LONG else short


@lru_cache(4096)
def cost_of(notes: tuple[Note, ...], harmony: Harmony, voice: Voice) -> float:
    """Of notes that are there already, under chords that they were not written for."""
    return sum(voice.cost(note, harmony) for note in notes)


class _Notes(NamedTuple):
    """Arrays [notes]: which token each belongs to, where it begins, its key, its duration as far as told, else 0."""

    tokens: Ints
    places: Ints
    pitches: Ints
    lengths: Ints


class Consonance:
    """Knows of every token which keys it sounds and where; one for a language, shared by all songs."""

    def __init__(self, vocabulary: Vocabulary, tokenizer: ScoreTokenizer) -> None:
        self._size = len(tokenizer)
        rows = [_notes(token, row, vocabulary) for token, row in enumerate(tokenizer.expansions)]
        notes = np.array([note for row in rows for note in row], dtype=np.int64).reshape(-1, 4)
        here = notes[:, 1] == _HERE
        self._all, self._placed, self._leading = _Notes(*notes.T), _Notes(*notes[~here].T), _Notes(*notes[here].T)
        self._lengthening = np.array([_first_duration(row, vocabulary) >= LONG for row in tokenizer.expansions])
        self.beyond = lru_cache(_REMEMBERED)(self._beyond)
        self._of_placed = lru_cache(_REMEMBERED)(self._placed_costs)
        self._of_leading = lru_cache(_REMEMBERED)(self._leading_costs)

    def costs(self, harmony: Harmony, voice: Voice, position: int) -> Costs:
        """[tokens] of the notes that each token brings, the first of them at `position` if the token says no other."""
        placed = self._of_placed(harmony, voice)
        chord = harmony.chord_at(position)
        return placed if chord is None else placed + self._of_leading(chord, voice, voice.at(position, harmony.beat))

    def costs_of_lengths(self, harmony: Harmony, voice: Voice, position: int, pitch: int) -> Costs:
        """[tokens] as above where each begins with the duration of the `pitch` that was said last."""
        costs = self.costs(harmony, voice, position)
        short, long = (voice.cost(Note(position, pitch, length, 0), harmony) for length in (0, LONG))
        return costs + np.float32(long - short) * self._lengthening if long > short else costs

    def _beyond(self, lowest: int, highest: int, cost: float) -> Costs:
        """[tokens], so much for each note that is lower or higher than these keys."""
        outside = (self._all.pitches < lowest) | (self._all.pitches > highest)
        return np.bincount(self._all.tokens, cost * outside, self._size).astype(np.float32)

    def _placed_costs(self, harmony: Harmony, voice: Voice) -> Costs:
        notes = self._placed
        weak = np.where(notes.places % harmony.beat == 0, voice.beat, voice.between)
        starts = np.array([chord.position for chord in harmony.chords], dtype=np.int64)
        sounding = np.searchsorted(starts, notes.places, side="right") - 1
        foreign = np.array([*map(_foreign, harmony.chords), (False,) * 12])[sounding, notes.pitches % 12]
        return self._summed(notes, voice, np.where(notes.places == 0, voice.downbeat, weak), foreign)

    def _leading_costs(self, chord: Chord, voice: Voice, cost: float) -> Costs:
        foreign = np.array(_foreign(chord))[self._leading.pitches % 12]
        return self._summed(self._leading, voice, np.array(cost), foreign)

    def _summed(self, notes: _Notes, voice: Voice, costs: Floats, foreign: Mask) -> Costs:
        each = np.where(notes.lengths >= LONG, np.maximum(costs, voice.long), costs) * foreign
        return np.bincount(notes.tokens, each, self._size).astype(np.float32)


@lru_cache(1024)
def _foreign(chord: Chord) -> tuple[bool, ...]:
    """By pitch class."""
    tones = chord_symbols.tones(chord.root, chord.quality)
    return tuple(pitch_class not in tones for pitch_class in range(12))


def _notes(token: int, row: Sequence[int], vocabulary: Vocabulary) -> list[tuple[int, int, int, int]]:
    """Token, place, key and duration of every pitch of a token."""
    place, notes = _HERE, list[tuple[int, int, int, int]]()
    for base in row:
        kind = vocabulary.kind(base)
        if kind == "Position":
            place = int(vocabulary.value(base))
        elif kind == "Pitch":
            notes.append((token, place, int(vocabulary.value(base)), 0))
        elif kind == "Duration" and notes:
            notes[-1] = (*notes[-1][:3], int(vocabulary.value(base)))
    return notes


def _first_duration(row: Sequence[int], vocabulary: Vocabulary) -> int:
    """Of a pitch that another token said; 0 where the token begins with something else."""
    return int(vocabulary.value(row[0])) if vocabulary.kind(row[0]) == "Duration" else 0
