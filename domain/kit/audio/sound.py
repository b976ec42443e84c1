"""What can be heard in a recording beyond level, tempo and key: plain values that the studio gives and others keep."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A value of 0 to 1, and how far it can be trusted, 0 to 1."""

    value: float
    confidence: float


@dataclass(frozen=True)
class BeatGrid:
    """Beats in seconds from the start. Without a pulse there are none, and the confidence is 0.

    `beats_per_bar` is 0, and there are no downbeats, where it is not clear which beats begin bars.
    """

    beats: tuple[float, ...]
    confidence: float
    beats_per_bar: int
    downbeats: tuple[float, ...]
    downbeat_confidence: float


@dataclass(frozen=True)
class Section:
    """A part of the form in seconds; `confidence` is that of its beginning, and 1 for the first."""

    start_seconds: float
    end_seconds: float
    confidence: float


@dataclass(frozen=True)
class Character:
    """What a listener would call the whole recording."""

    energy: Estimate
    danceability: Estimate
    acousticness: Estimate
    valence: Estimate


@dataclass(frozen=True)
class Structure:
    """How a recording is laid out in time. The sections follow each other without gaps and cover it wholly."""

    grid: BeatGrid
    sections: tuple[Section, ...]
