"""Base tokens of a written block to bars, one at a time. Pure state; what may come next is for `grammar` to say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from triton_models.score_language.consonance import Harmony
from triton_models.score_language.encoding import Form
from triton_models.score_language.grid import DRUM_DURATION, PER_QUARTER
from triton_models.score_language.music import Bar, Chord, Note, Part, Section, Track, counterpart, section_starts
from triton_models.score_language.vocabulary import RECALLED, Vocabulary

Phase = Literal[
    "section",
    "bars",
    "density",
    "bar",
    "chords",
    "chord",
    "track",
    "level",
    "position",
    "pitch",
    "note",
    "accent",
    "repeat",
    "end",
]
Known = Mapping[tuple[int, int], Part]
_BETWEEN_BARS: Final = frozenset({"section", "bars", "density", "bar", "end"})
_AFTER: Final[Mapping[str, Phase]] = {
    "Section": "bars",
    "Bars": "density",
    "Density": "bar",
    "Bar": "chords",
    "Chord": "chords",
    "Track": "track",
    "Level": "level",
    "Repeat": "repeat",
    "Pitch": "pitch",
    "Drum": "note",
    "Duration": "note",
    "Accent": "accent",
    "End": "end",
}


@dataclass(frozen=True)
class Job:
    """What a block is to hold: bars `start` to `stop`, of these tracks, and what of the piece is known by then.

    `bars` is the length of the piece, `form` how it is divided as far as that is decided; `known` holds parts by bar
    and track that repeats may name, `levels` the loudness that each track was told to have last, `harmony` the chords
    that begin in each bar of the piece that there is, `compasses` the lowest and the highest key of instruments. `due`
    says for tracks that have not played yet by which bar they have to. A beat of the meter has `beat` positions.
    """

    start: int
    stop: int
    bars: int
    tracks: Mapping[int, Track]
    positions: int
    form: Form
    known: Known = field(default_factory=dict)
    levels: Mapping[int, int] = field(default_factory=dict)
    harmony: Sequence[tuple[Chord, ...]] = ()
    chords: bool = True
    beat: int = PER_QUARTER
    compasses: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    due: Mapping[int, int] = field(default_factory=dict)


class Parser:
    """Reads the block of a job; raises KeyError or ValueError for tokens that no grammar would have let through."""

    def __init__(self, job: Job, vocabulary: Vocabulary) -> None:
        self.job = job
        self.vocabulary = vocabulary
        self.phase: Phase = "section"
        self.number = job.start - 1  # of the bar that is being written
        self.track = -1
        self.position = -1
        self.pitch = -1
        self.levels = dict(job.levels)
        self.known = dict(job.known)
        self.sections = list(job.form.sections)
        self.densities = list(job.form.densities)
        self._named = ""
        self._level = 0
        self._notes: list[Note] = []
        self._chords: dict[int, list[Chord]] = {}
        self._harmonies: dict[int, Harmony] = {}

    @property
    def finished(self) -> bool:
        return self.phase == "end"

    @property
    def form(self) -> Form:
        """The form as far as it is decided by now."""
        return Form(tuple(self.sections), tuple(self.densities))

    @property
    def decided(self) -> int:
        """Bars that have a section by now."""
        return sum(section.bars for section in self.sections)

    @property
    def begins_section(self) -> bool:
        """Whether the next bar is the first one of a section."""
        return self.number + 1 >= self.decided or self.number + 1 in section_starts(self.sections)

    def push(self, token: int) -> None:
        """Take one base token."""
        kind, value = self.vocabulary.kind(token), self.vocabulary.value(token)
        match kind:
            case "Position":
                self.position = int(value)
                self.pitch = -1
                self.phase = "chord" if self.phase == "chords" else "position"
                return
            case "Section":
                self._finish_part()
                self._named = value
            case "Bars":
                self._name_section(int(value))
            case "Density":
                self._tell_density(int(value))
            case "Bar" | "End" | "Track":
                self._finish_part()
                self._begin(kind, value)
            case "Chord":
                self._add_chord(value)
            case "Level":
                self._level = self.levels[self.track] = int(value)
            case "Repeat":
                self._notes = list(self.repeated(int(value)).notes)
            case "Pitch" | "Drum" | "Duration" | "Accent":
                self._add_to_note(kind, int(value))
        self.phase = _AFTER[kind]

    def repeated(self, distance: int) -> Part:
        """The part that a repeat names; raises KeyError when there is none."""
        if distance != RECALLED:
            return self.known[self.number - distance, self.track]
        if (recalled := counterpart(self.sections, self.number)) is None:
            raise KeyError("the section is no return")
        return self.known[recalled, self.track]

    @property
    def out_of_sight(self) -> bool:
        """Whether the bar that begins, behind others of this block, comes again and nothing is known of how it was."""
        following = self.number + (self.phase == "density")
        begins = self.phase == "density" or (self.phase == "chords" and self.position < 0)
        if not begins or following == self.job.start:
            return False
        recalled = counterpart(self.sections, following)
        return recalled is not None and all((recalled, track) not in self.known for track in self.job.tracks)

    @property
    def overdue(self) -> list[int]:
        """Tracks that have to play in this bar, ascending, as they have not played before."""
        due = [track for track, bar in self.job.due.items() if bar <= self.number]
        return sorted(set(due) - {track for _, track in self.known}) if due else []

    def chords_in(self, number: int) -> tuple[Chord, ...]:
        """The chords that begin in a bar, as it was written here or is in the piece; none where nobody knows it."""
        if self.job.chords and self.job.start <= number <= self.number:
            return tuple(self._chords.get(number, ()))
        return self.job.harmony[number] if 0 <= number < len(self.job.harmony) else ()

    def harmony(self, number: int) -> Harmony:
        """The chords that sound in a bar, once all are told; one that began in an earlier bar sounds from 0 on."""
        if number not in self._harmonies:
            self._harmonies[number] = self._harmony(number)
        return self._harmonies[number]

    def _harmony(self, number: int) -> Harmony:
        chords = self.chords_in(number)
        if chords and chords[0].position == 0:
            return Harmony(chords, self.job.beat)
        earlier = (self.chords_in(before) for before in range(number - 1, -1, -1))
        held = next((chords[-1]._replace(position=0) for chords in earlier if chords), None)
        return Harmony(chords if held is None else (held, *chords), self.job.beat)

    def part(self, number: int, track: int) -> Part | None:
        """What was written for a track in a bar of this block."""
        return self.known.get((number, track))

    def bars(self, count: int) -> tuple[Bar, ...]:
        """The finished bars of the block, each with parts for `count` tracks."""
        last = self.number + 1 if self.phase in _BETWEEN_BARS else self.number
        return tuple(
            Bar(
                tuple(self._chords.get(number, ())),
                tuple(self.part(number, track) if track in self.job.tracks else None for track in range(count)),
            )
            for number in range(self.job.start, last)
        )

    def _begin(self, kind: str, value: str) -> None:
        self.position = self.pitch = -1
        if kind == "Bar":
            self.number += 1
            self.track = -1
            self._harmonies.pop(self.number, None)
            for track in self.job.tracks:  # what was known of this bar is being replaced
                self.known.pop((self.number, track), None)
        if kind == "Track":
            self.track = int(value)
            self._level = self.levels.get(self.track, 0)

    def _name_section(self, left: int) -> None:
        """A section that is not part of the form yet: it begins with the coming bar."""
        if self.number + 1 >= self.decided:
            self.sections.append(Section(self._named, min(left, self.job.bars - self.number - 1)))
            self.densities.append(None)

    def _tell_density(self, density: int) -> None:
        if len(self.sections) > len(self.job.form.sections):
            self.densities[-1] = density

    def _add_chord(self, value: str) -> None:
        root, _, quality = value.partition(" ")
        position = max(0, self.position)
        self.position = position
        self._chords.setdefault(self.number, []).append(Chord(position, int(root), quality))

    def _add_to_note(self, kind: str, value: int) -> None:
        if kind in ("Pitch", "Drum"):
            self.pitch = value
            self._notes.append(Note(self.position, value, DRUM_DURATION, 0))
        elif kind == "Duration":
            self._notes[-1] = self._notes[-1]._replace(duration=value)
        else:
            self._notes[-1] = self._notes[-1]._replace(accent=value)

    def _finish_part(self) -> None:
        if self._notes:
            self.known[self.number, self.track] = Part(self._level, tuple(self._notes))
        self._notes = []


def parse(tokens: Iterable[int], job: Job, vocabulary: Vocabulary) -> Parser:
    """Read the base tokens behind `Write`."""
    parser = Parser(job, vocabulary)
    for token in tokens:
        parser.push(token)
    return parser
