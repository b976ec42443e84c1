"""Rules that choose tracks: what is asked of a track, and how what is asked is joined. Pure data and limits.

A rule has two levels: conditions and groups of conditions. With negation that says whatever can be said.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

MAX_CONDITIONS = 40
MAX_GROUPS = 10
MAX_CHOICES = 20
MAX_TEXT = 200
MAX_DAYS = 36_500


class Subject(StrEnum):
    """What of a track a condition asks about; `IDS` is which track it is."""

    TITLE = "title"
    ARTIST = "artist"
    TEXT = "text"
    GENRE = "genres"
    TAGS = "tags"
    KEY = "keys"
    KIND = "kinds"
    BPM = "bpm"
    DURATION = "durationSeconds"
    ENERGY = "energy"
    DANCEABILITY = "danceability"
    ACOUSTICNESS = "acousticness"
    VALENCE = "valence"
    CREATED_AT = "createdAt"
    LIKED = "isLiked"
    PLAY_COUNT = "playCount"
    LAST_PLAYED_AT = "lastPlayedAt"
    IDS = "ids"


class Join(StrEnum):
    """How many of the parts have to hold."""

    ALL = "ALL"
    ANY = "ANY"
    NONE = "NONE"


@dataclass(frozen=True)
class OneOf:
    """It is one of these; of tags, one of them is."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class HasAll:
    """All of these are among its tags."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class BeginsWith:
    """It begins with this text."""

    text: str


@dataclass(frozen=True)
class HasWords:
    """For each of these words, one of its own begins with it."""

    text: str


@dataclass(frozen=True)
class Between:
    """A number, both ends included."""

    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class When:
    """A moment from `after` on and before `before`, or within so many days from now back."""

    after: datetime | None = None
    before: datetime | None = None
    within_days: int | None = None


@dataclass(frozen=True)
class Holds:
    """It is so, or it is not."""

    is_so: bool


@dataclass(frozen=True)
class Among:
    """The track is one of these or, with `is_other`, none of them: the answer of another area, never kept."""

    track_ids: Sequence[str]
    is_other: bool = False


Match = OneOf | HasAll | BeginsWith | HasWords | Between | When | Holds | Among


@dataclass(frozen=True)
class Condition:
    """One thing that is asked of a track."""

    subject: Subject
    match: Match
    is_negated: bool = False


@dataclass(frozen=True)
class Group:
    """Conditions, and how they are joined."""

    join: Join
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Rule:
    """Conditions and groups, and how they are joined."""

    join: Join
    conditions: tuple[Condition, ...] = ()
    groups: tuple[Group, ...] = ()

    def all_conditions(self) -> Iterator[tuple[str, Condition]]:
        """Each with the path to it."""
        for number, condition in enumerate(self.conditions):
            yield f"rule.conditions[{number}]", condition
        for place, group in enumerate(self.groups):
            for number, condition in enumerate(group.conditions):
                yield f"rule.groups[{place}].conditions[{number}]", condition

    def with_each(self, change: Callable[[Condition], Condition]) -> "Rule":
        """The same rule with other conditions at the same places."""
        groups = (replace(group, conditions=tuple(map(change, group.conditions))) for group in self.groups)
        return replace(self, conditions=tuple(map(change, self.conditions)), groups=tuple(groups))
