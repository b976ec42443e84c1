"""Changes of a song that is there: what may be asked, how long it then lasts, and each in cadenza.edit/1. Pure."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from domain.generation.checks import between, known
from domain.generation.limits import MAX_DURATION_SECONDS, MAX_REPAINT_SECONDS, MIN_AMOUNT
from domain.kit.errors import Issue
from domain.library.model import VersionKind
from domain.music.instruments import INSTRUMENTS

ROUNDING = 1e-6


@dataclass(frozen=True)
class Parent:
    """What a change has to fit: how long the song is, and each of its bars, in seconds."""

    duration_seconds: float
    bar_seconds: float

    def is_all(self, start: float, end: float) -> bool:
        """Whether this range touches every bar."""
        last = math.ceil(self.duration_seconds / self.bar_seconds - ROUNDING) - 1
        return start < self.bar_seconds * (1 - ROUNDING) and end > self.bar_seconds * (last + ROUNDING)


@dataclass(frozen=True)
class Edit(ABC):
    """`kind` is its name in cadenza.edit/1, `operation` that of its mutation; a version of kind `makes` comes of it."""

    kind: ClassVar[str]
    operation: ClassVar[str]
    makes: ClassVar[VersionKind]

    @abstractmethod
    def issues(self) -> list[Issue]:
        """What is wrong with it whatever the song is."""

    @abstractmethod
    def misfits(self, parent: Parent) -> list[Issue]:
        """What cannot be done to this song."""

    def lasts(self, parent: Parent) -> float:
        """How long the song is with it, in seconds."""
        return parent.duration_seconds

    def fields(self) -> Mapping[str, Any]:
        """The fields of cadenza.edit/1 beside the score."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class Extend(Edit):
    """The song goes on for so many seconds."""

    kind = "extend"
    operation = "extendTrack"
    makes = VersionKind.EXTENDED
    seconds: float

    def issues(self) -> list[Issue]:
        return between("seconds", self.seconds, 1, MAX_DURATION_SECONDS, "seconds")

    def misfits(self, parent: Parent) -> list[Issue]:
        if self.lasts(parent) > MAX_DURATION_SECONDS:
            text = f"The song has {parent.duration_seconds:g} seconds, and at most {MAX_DURATION_SECONDS:g} in all."
            return [Issue("seconds", text)]
        return _whole_bar("seconds", self.seconds, parent)

    def lasts(self, parent: Parent) -> float:
        return parent.duration_seconds + self.seconds


@dataclass(frozen=True)
class Repaint(Edit):
    """The bars that this range touches are written anew; all others stay note for note."""

    kind = "repaint"
    operation = "repaintTrack"
    makes = VersionKind.REPAINTED
    from_seconds: float
    to_seconds: float

    def issues(self) -> list[Issue]:
        issues = [
            *between("fromSeconds", self.from_seconds, 0, MAX_DURATION_SECONDS, "seconds"),
            *between("toSeconds", self.to_seconds, 0, MAX_DURATION_SECONDS, "seconds"),
        ]
        if issues:
            return issues
        if self.to_seconds <= self.from_seconds:
            return [Issue("toSeconds", "toSeconds must be greater than fromSeconds.")]
        if self.to_seconds - self.from_seconds > MAX_REPAINT_SECONDS:
            return [Issue("toSeconds", f"At most {MAX_REPAINT_SECONDS:g} seconds are repainted at once.")]
        return []

    def misfits(self, parent: Parent) -> list[Issue]:
        if self.to_seconds > parent.duration_seconds:
            text = f"The song ends at {parent.duration_seconds:g} seconds, before {self.to_seconds:g}."
            return [Issue("toSeconds", text)]
        if parent.is_all(self.from_seconds, self.to_seconds):
            return [Issue("toSeconds", "That is the whole song. Choose less, or use varyTrack for another take on it.")]
        return _whole_bar("toSeconds", self.to_seconds - self.from_seconds, parent)


@dataclass(frozen=True)
class Layer(Edit):
    """One more instrument plays along; the others stay note for note."""

    kind = "layer"
    operation = "addLayer"
    makes = VersionKind.LAYERED
    instrument: str

    def issues(self) -> list[Issue]:
        return known("instrument", self.instrument, INSTRUMENTS)

    def misfits(self, parent: Parent) -> list[Issue]:
        return []


@dataclass(frozen=True)
class Vary(Edit):
    """Another take on the whole song, of which this share of the bars is written anew."""

    kind = "vary"
    operation = "varyTrack"
    makes = VersionKind.VARIED
    amount: float

    def issues(self) -> list[Issue]:
        return between("amount", self.amount, MIN_AMOUNT, 1)

    def misfits(self, parent: Parent) -> list[Issue]:
        return []


EDITS: Mapping[str, type[Edit]] = {edit.kind: edit for edit in (Extend, Repaint, Layer, Vary)}


def edit_of(fields: Mapping[str, Any]) -> Edit:
    """What `Edit.fields` told."""
    return EDITS[fields["kind"]](**{name: value for name, value in fields.items() if name != "kind"})


def _whole_bar(path: str, seconds: float, parent: Parent) -> list[Issue]:
    if seconds >= parent.bar_seconds:
        return []
    return [Issue(path, f"A bar of this song takes {parent.bar_seconds:.3g} seconds; ask for at least one.")]
