"""Pieces to tokens: the notes of a track in a bar as one unit, and blocks of bars out of such units. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log2
from typing import Final

from triton_models.score_language.music import (
    Bar,
    Note,
    Part,
    Piece,
    Section,
    Track,
    counterpart,
    first_occurrence,
    section_starts,
)
from triton_models.score_language.tokenizer import ScoreTokenizer
from triton_models.score_language.vocabulary import (
    DENSITIES,
    DISTANCES,
    KITS,
    LONGEST_SECTION,
    MOST_BARS_LEFT,
    RECALLED,
    SECTIONS,
    TEMPI,
    Vocabulary,
)

_SLOWEST: Final = 20.0


@dataclass(frozen=True, slots=True)
class EncodedPart:
    """`notes` are the tokens of what is played; equal notes have equal tokens."""

    level: int
    notes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EncodedBar:
    """The chords of a bar as tokens, and the part of each track, None where it rests."""

    chords: tuple[int, ...]
    parts: tuple[EncodedPart | None, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What is known of a piece's sections: names, lengths, and a density 0 to 7 or None for each."""

    sections: tuple[Section, ...]
    densities: tuple[int | None, ...]

    @property
    def bars(self) -> int:
        return sum(section.bars for section in self.sections)

    def section_at(self, bar: int) -> int:
        """Index of the section that a bar belongs to; the last one holds for what comes after."""
        starts = section_starts(self.sections)
        return max(index for index, start in enumerate(starts) if start <= bar)

    def first_occurrence(self, section: int) -> int | None:
        """The earliest section of the same name, if there is one before it and it has a name."""
        return first_occurrence(self.sections, section)

    def counterpart(self, bar: int) -> int | None:
        """The bar that stands in the first occurrence of a section where `bar` stands in its own."""
        return counterpart(self.sections, bar)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A piece in tokens: its facts, its form and its bars."""

    plan: tuple[int, ...]
    form: Form
    bars: tuple[EncodedBar, ...]


def tempo_bucket(bpm: float) -> int:
    """Twelfths of a doubling from 20 beats a minute: buckets are 6 % wide."""
    return min(TEMPI - 1, max(0, round(12 * log2(bpm / _SLOWEST))))


def bucket_tempo(bucket: int) -> float:
    """The tempo in the middle of a bucket."""
    return round(_SLOWEST * 2 ** (bucket / 12), 1)


def kit_of(program: int) -> int:
    """The kit of the vocabulary that a kit belongs to: kits come in groups above a basic one."""
    return max(kit for kit in KITS if kit <= program)


def density_bucket(notes: int, quarters: float) -> int:
    """0 to 7: one step for each half doubling of notes per quarter note, from about 1."""
    return min(DENSITIES - 1, max(0, round(2 * log2(max(notes / quarters, 0.5)))))


def instrument_token(track: Track, vocabulary: Vocabulary) -> int:
    """The program or kit of a track."""
    return vocabulary.id("Kit", kit_of(track.program)) if track.is_drum else vocabulary.id("Program", track.program)


def plan_tokens(piece: Piece, vocabulary: Vocabulary) -> tuple[int, ...]:
    """The facts of a piece: meter, mode, tonic, tempo, and each track with role and instrument."""
    tracks = [
        token
        for index, track in enumerate(piece.tracks)
        for token in (
            vocabulary.id("Track", index),
            vocabulary.id("Role", track.role),
            instrument_token(track, vocabulary),
        )
    ]
    return (
        vocabulary.id("Plan"),
        vocabulary.id("Meter", piece.meter),
        vocabulary.id("Mode", piece.mode),
        vocabulary.id("Tonic", piece.tonic),
        vocabulary.id("Tempo", tempo_bucket(piece.bpm)),
        *tracks,
    )


def note_tokens(notes: Iterable[Note], is_drum: bool, vocabulary: Vocabulary) -> list[int]:
    """Base tokens; a position is said once for all notes on it, no accent is the ordinary case."""
    tokens: list[int] = []
    position = -1
    for note in notes:
        if note.position != position:
            position = note.position
            tokens.append(vocabulary.id("Position", position))
        if is_drum:
            tokens.append(vocabulary.id("Drum", note.pitch))
        else:
            tokens += (vocabulary.id("Pitch", note.pitch), vocabulary.id("Duration", note.duration))
        if note.accent:
            tokens.append(vocabulary.id("Accent", note.accent))
    return tokens


def known_notes(part: Part, is_drum: bool, vocabulary: Vocabulary) -> tuple[Note, ...]:
    """The notes that the vocabulary can say: drums outside General MIDI's keys are left out."""
    return tuple(note for note in part.notes if not is_drum or vocabulary.known("Drum", note.pitch))


def rows_of(piece: Piece, vocabulary: Vocabulary) -> Iterator[tuple[int, int, int, list[int]]]:
    """Bar, track, loudness and base tokens of everything that is played."""
    for number, bar in enumerate(piece.bars):
        for index, (part, track) in enumerate(zip(bar.parts, piece.tracks, strict=True)):
            notes = () if part is None else known_notes(part, track.is_drum, vocabulary)
            if part is not None and notes:
                yield number, index, part.level, note_tokens(notes, track.is_drum, vocabulary)


def encode(piece: Piece, vocabulary: Vocabulary, tokenizer: ScoreTokenizer) -> Encoded:
    """A piece in tokens; nothing but drums outside General MIDI's keys is lost."""
    rows = list(rows_of(piece, vocabulary))
    merged = tokenizer.encode([row for *_, row in rows])
    parts = {
        (number, index): EncodedPart(level, notes)
        for (number, index, level, _), notes in zip(rows, merged, strict=True)
    }
    bars = tuple(
        EncodedBar(
            chord_tokens(bar, vocabulary), tuple(parts.get((number, index)) for index in range(len(piece.tracks)))
        )
        for number, bar in enumerate(piece.bars)
    )
    return Encoded(plan_tokens(piece, vocabulary), form_of(piece), bars)


def chord_tokens(bar: Bar, vocabulary: Vocabulary) -> tuple[int, ...]:
    """A chord on the first beat alone, others behind their position."""
    tokens: list[int] = []
    for chord in bar.chords:
        if chord.position > 0:
            tokens.append(vocabulary.id("Position", chord.position))
        tokens.append(vocabulary.id("Chord", f"{chord.root} {chord.quality}"))
    return tuple(tokens)


def form_of(piece: Piece) -> Form:
    """The sections with their densities; names that the vocabulary does not know are left empty."""
    starts = section_starts(piece.sections)
    quarters = piece.meter.numerator * 4 / piece.meter.denominator
    densities = [
        density_bucket(
            sum(len(part.notes) for bar in piece.bars[start : start + section.bars] for part in bar.parts if part),
            section.bars * quarters,
        )
        for start, section in zip(starts, piece.sections, strict=True)
    ]
    sections = tuple(section if section.name in SECTIONS else section._replace(name="") for section in piece.sections)
    return Form(sections, tuple(densities))


class BlockWriter:
    """Writes blocks of bars of one example, and remembers what they told, so that later ones may refer to it."""

    def __init__(self, bars: Sequence[EncodedBar], form: Form, vocabulary: Vocabulary) -> None:
        self._bars = bars
        self._form = form
        self._vocabulary = vocabulary
        self._told: set[tuple[int, int]] = set()
        self.levels: dict[int, int] = {}

    def block(self, name: str, bars: Iterable[int], tracks: Sequence[int], *, chords: bool = True) -> list[int]:
        """Tokens of a block with the given bars and tracks; a layer comes without the chords, which were told."""
        tokens = [self._vocabulary.id(name)]
        for number in bars:
            tokens += self.heading(number, first=len(tokens) == 1)
            if chords:
                tokens += self._bars[number].chords
            for track in tracks:
                tokens += self._part(number, track)
        return tokens

    def heading(self, number: int, *, first: bool) -> list[int]:
        """The bar's own token, and at the start of a section or of a block what section this is."""
        vocabulary, form = self._vocabulary, self._form
        index = form.section_at(number)
        start = section_starts(form.sections)[index]
        section = form.sections[index]
        tokens: list[int] = []
        if first or number == start:
            left = min(LONGEST_SECTION, max(1, start + section.bars - number))
            tokens += (vocabulary.id("Section", section.name), vocabulary.id("Bars", left))
            density = form.densities[index]
            if density is not None:
                tokens.append(vocabulary.id("Density", density))
        left_in_piece = min(MOST_BARS_LEFT, max(1, form.bars - number))
        return [*tokens, vocabulary.id("Bar", left_in_piece)]

    def _part(self, number: int, track: int) -> list[int]:
        part = self._bars[number].parts[track]
        if part is None:
            return []
        vocabulary = self._vocabulary
        tokens = [vocabulary.id("Track", track)]
        if self.levels.get(track) != part.level:
            tokens.append(vocabulary.id("Level", part.level))
            self.levels[track] = part.level
        distance = self._repeated(number, track, part)
        self._told.add((number, track))
        return [*tokens, *(part.notes if distance is None else (vocabulary.id("Repeat", distance),))]

    def _repeated(self, number: int, track: int, part: EncodedPart) -> int | None:
        """A section that returns says so before anything else: so returning is the easiest thing to learn."""
        candidates = [(distance, number - distance) for distance in DISTANCES]
        if (recalled := self._form.counterpart(number)) is not None:
            candidates.insert(0, (RECALLED, recalled))
        for distance, earlier in candidates:
            if (earlier, track) in self._told and self._notes(earlier, track) == part.notes:
                return distance
        return None

    def _notes(self, number: int, track: int) -> tuple[int, ...] | None:
        part = self._bars[number].parts[track]
        return None if part is None else part.notes
