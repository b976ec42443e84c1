"""Which tokens may come next, so that whatever is sampled is a score: a mask over the vocabulary. Pure."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from triton_models.score_language.music import counterpart, section_starts
from triton_models.score_language.parsing import Parser
from triton_models.score_language.tokenizer import ScoreTokenizer
from triton_models.score_language.vocabulary import (
    DISTANCES,
    LONGEST_SECTION,
    MERGED_KINDS,
    MOST_BARS_LEFT,
    RECALLED,
    Vocabulary,
)

Mask = NDArray[np.bool_]
_NOTHING: Final = -1
_BEYOND: Final = 1 << 20


class Grammar:
    """Knows of every token with what it begins and what it holds; one for a vocabulary, shared by all songs."""

    def __init__(self, vocabulary: Vocabulary, tokenizer: ScoreTokenizer) -> None:
        self.vocabulary = vocabulary
        self.size = len(tokenizer)
        rows = tokenizer.expansions
        kinds = [[vocabulary.kind(base) for base in row] for row in rows]
        self._single = np.array([len(row) == 1 for row in rows])
        self._first: dict[str, Mask] = {
            kind: np.array([row[0] == kind for row in kinds]) for kind in {row[0] for row in kinds}
        }
        self._pitched = np.array([bool({"Pitch", "Duration"} & set(row)) for row in kinds])
        self._drums = np.array(["Drum" in row for row in kinds])
        places = [self._positions(row) for row in rows]
        self._first_position = np.array([min(row, default=_BEYOND) for row in places])
        self._last_position = np.array([max(row, default=_NOTHING) for row in places])
        self._first_pitch = np.array([self._leading_pitch(row) for row in rows])

    def mask(self, parser: Parser) -> Mask:
        """True for every token that may come next, shape [tokens]; at least one may until the block has ended."""
        match parser.phase:
            case "section" | "bars" | "density" | "bar":
                return self._heading(parser)
            case "chords":
                return self._chord_place(parser) | self._closing(parser)
            case "chord":
                return self._first["Chord"]
            case "track":
                return self._first["Level"] | self._content(parser)
            case "level":
                return self._content(parser)
            case "position":
                return self._notes(parser)
            case "pitch":
                return self._fitting(parser, self._first["Duration"])
            case "note":
                return self._fitting(parser, self._first["Accent"]) | self._notes(parser) | self._closing(parser)
            case "accent":
                return self._notes(parser) | self._closing(parser)
            case "repeat":
                return self._closing(parser)
            case "end":
                return self._none()

    def _none(self) -> Mask:
        return np.zeros(self.size, dtype=np.bool_)

    def _only(self, kind: str, *values: object) -> Mask:
        mask = self._none()
        mask[[self.vocabulary.id(kind, value) for value in values]] = True
        return mask

    def _heading(self, parser: Parser) -> Mask:
        """What the form has decided already is the only choice; the rest is free, within the bars that are left."""
        following = parser.number + 1
        decided = following < parser.decided
        index = parser.form.section_at(following) if decided else _NOTHING
        match parser.phase:
            case "section":
                return self._only("Section", parser.sections[index].name) if decided else self._first["Section"]
            case "bars":
                if decided:
                    end = section_starts(parser.sections)[index] + parser.sections[index].bars
                    return self._only("Bars", min(LONGEST_SECTION, end - following))
                return self._only("Bars", *range(1, min(LONGEST_SECTION, parser.job.bars - following) + 1))
            case "density" if self._density_is_free(parser):
                return self._first["Density"] | self._bar(parser)
            case "density" if parser.densities[index] is not None:
                return self._only("Density", parser.densities[index])
        return self._bar(parser)

    def _density_is_free(self, parser: Parser) -> bool:
        """In a section that was only just named."""
        return parser.form.section_at(parser.number + 1) >= len(parser.job.form.sections)

    def _bar(self, parser: Parser) -> Mask:
        return self._only("Bar", min(MOST_BARS_LEFT, max(1, parser.job.bars - parser.number - 1)))

    def _closing(self, parser: Parser) -> Mask:
        """A later track of the bar, or what follows the bar."""
        later = [track for track in parser.job.tracks if track > parser.track]
        overdue = [track for track in parser.overdue if track > parser.track]
        if overdue:
            return self._only("Track", *(track for track in later if track <= overdue[0]))
        mask = self._only("Track", *later) if later else self._none()
        if parser.number + 1 >= parser.job.stop:
            return mask | self._only("End", "")
        if parser.begins_section:
            return mask | (
                self._only("Section", parser.form.sections[parser.form.section_at(parser.number + 1)].name)
                if parser.number + 1 < parser.decided
                else self._first["Section"]
            )
        return mask | self._bar(parser)

    def _chord_place(self, parser: Parser) -> Mask:
        if not parser.job.chords:
            return self._none()
        later = (self._first_position > max(0, parser.position)) & (self._first_position < parser.job.positions)
        places = np.asarray(self._first["Position"] & self._single & later)
        return places | self._first["Chord"] if parser.position < 0 else places

    def _content(self, parser: Parser) -> Mask:
        """Repeats of what is there, or notes; a track whose loudness was never told has to tell it first."""
        if parser.track not in parser.levels:
            return self._none()
        number, track = parser.number, parser.track
        distances = [distance for distance in DISTANCES if (number - distance, track) in parser.known]
        recalled = counterpart(parser.sections, number)
        if recalled is not None and (recalled, track) in parser.known:
            distances.append(RECALLED)
        return self._only("Repeat", *distances) | self._fitting(parser, self._first["Position"])

    def _notes(self, parser: Parser) -> Mask:
        """A higher note on this position, or, once there is one, a later position."""
        kind = "Drum" if parser.job.tracks[parser.track].is_drum else "Pitch"
        higher = self._first[kind]
        return self._fitting(parser, higher if parser.pitch < 0 else higher | self._first["Position"])

    def _fitting(self, parser: Parser, candidates: Mask) -> Mask:
        """Those that keep to the instrument's kind of notes, the bar's length, and the order of notes."""
        foreign = self._pitched if parser.job.tracks[parser.track].is_drum else self._drums
        in_order = (self._first_position > parser.position) & (self._first_pitch > parser.pitch)
        return np.asarray(candidates & ~foreign & in_order & (self._last_position < parser.job.positions))

    def _positions(self, row: tuple[int, ...]) -> list[int]:
        """Ascending, as all notes are."""
        return [int(self.vocabulary.value(base)) for base in row if self.vocabulary.kind(base) == "Position"]

    def _leading_pitch(self, row: tuple[int, ...]) -> int:
        """The first pitch that falls on the position at which the token begins; beyond everything if none does."""
        for base in row:
            kind = self.vocabulary.kind(base)
            if kind == "Position" or kind not in MERGED_KINDS:
                break
            if kind in ("Pitch", "Drum"):
                return int(self.vocabulary.value(base))
        return _BEYOND
