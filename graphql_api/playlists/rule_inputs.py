"""Rules of smart playlists as clients write them."""

from collections.abc import Iterator
from datetime import datetime
from enum import Enum

import strawberry

from domain.kit.errors import Issue, ValidationFailed
from domain.library.listing import TrackSort as SortModel
from domain.library.model import VersionKind as KindModel
from domain.library.rules import (
    BeginsWith,
    Between,
    Condition,
    Group,
    HasAll,
    HasWords,
    Holds,
    Join,
    Match,
    OneOf,
    Rule,
    Subject,
    When,
)
from domain.playlists.smart import SmartDefinition
from graphql_api.library.listing import TrackSort, in_utc
from graphql_api.library.types import VersionKind
from graphql_api.playlists import rule_words as words


@strawberry.enum(description="How many of the conditions, and of the groups beside them, have to hold.")
class RuleJoin(Enum):
    ALL = strawberry.enum_value("ALL", description="All of them.")
    ANY = strawberry.enum_value("ANY", description="At least one of them.")
    NONE = strawberry.enum_value("NONE", description="None of them.")


@strawberry.input(description="What a text must be: say exactly one of these. " + words.FOLDED)
class TextMatchInput:
    one_of: list[str] | None = strawberry.field(default=None, description=words.ONE_OF)
    begins_with: str | None = strawberry.field(default=None, description=words.BEGINS_WITH)
    has_words: str | None = strawberry.field(default=None, description=words.HAS_WORDS)

    def matches(self) -> Iterator[Match]:
        if self.one_of is not None:
            yield OneOf(tuple(self.one_of))
        if self.begins_with is not None:
            yield BeginsWith(self.begins_with)
        if self.has_words is not None:
            yield HasWords(self.has_words)


@strawberry.input(description="What tags there must be: say exactly one of these. " + words.FOLDED)
class TagMatchInput:
    has_all: list[str] | None = strawberry.field(default=None, description=words.HAS_ALL)
    has_any: list[str] | None = strawberry.field(default=None, description=words.HAS_ANY)

    def matches(self) -> Iterator[Match]:
        if self.has_all is not None:
            yield HasAll(tuple(self.has_all))
        if self.has_any is not None:
            yield OneOf(tuple(self.has_any))


@strawberry.input(description="From where to where a number may lie; both ends count. Say one or both.")
class NumberRangeInput:
    at_least: float | None = strawberry.field(default=None, description=words.AT_LEAST)
    at_most: float | None = strawberry.field(default=None, description=words.AT_MOST)

    def matches(self) -> Iterator[Match]:
        yield Between(self.at_least, self.at_most)


@strawberry.input(description="When something must have been: say either `withinDays`, or one or both of the others.")
class MomentRangeInput:
    after: datetime | None = strawberry.field(default=None, description=words.AFTER)
    before: datetime | None = strawberry.field(default=None, description=words.BEFORE)
    within_days: int | None = strawberry.field(default=None, description=words.WITHIN_DAYS)

    def matches(self) -> Iterator[Match]:
        yield When(in_utc(self.after), in_utc(self.before), self.within_days)


@strawberry.input(description="One thing that is asked of a track: say exactly one besides `not`.")
class SmartConditionInput:
    negated: bool = strawberry.field(name="not", default=False, description=words.NOT)
    title: TextMatchInput | None = strawberry.field(default=None, description=words.TITLE)
    artist: TextMatchInput | None = strawberry.field(default=None, description=words.ARTIST)
    text: str | None = strawberry.field(default=None, description=words.TEXT)
    genres: list[str] | None = strawberry.field(default=None, description=words.GENRES)
    tags: TagMatchInput | None = strawberry.field(default=None, description=words.TAGS)
    keys: list[str] | None = strawberry.field(default=None, description=words.KEYS)
    kinds: list[VersionKind] | None = strawberry.field(default=None, description=words.KINDS)
    bpm: NumberRangeInput | None = strawberry.field(default=None, description=words.BPM)
    duration_seconds: NumberRangeInput | None = strawberry.field(default=None, description=words.DURATION)
    energy: NumberRangeInput | None = strawberry.field(default=None, description=words.ENERGY)
    danceability: NumberRangeInput | None = strawberry.field(default=None, description=words.DANCEABILITY)
    acousticness: NumberRangeInput | None = strawberry.field(default=None, description=words.ACOUSTICNESS)
    valence: NumberRangeInput | None = strawberry.field(default=None, description=words.VALENCE)
    created_at: MomentRangeInput | None = strawberry.field(default=None, description=words.CREATED_AT)
    is_liked: bool | None = strawberry.field(default=None, description=words.IS_LIKED)
    play_count: NumberRangeInput | None = strawberry.field(default=None, description=words.PLAY_COUNT)
    last_played_at: MomentRangeInput | None = strawberry.field(default=None, description=words.LAST_PLAYED_AT)

    def to_condition(self, path: str) -> Condition:
        """Raises `ValidationFailed` when it does not say exactly one thing."""
        said = [Condition(subject, match, self.negated) for subject, match in self._said()]
        if len(said) != 1:
            told = f"A condition says exactly one thing besides 'not', in one way; this one says {len(said)}."
            raise ValidationFailed([Issue(path, told)])
        return said[0]

    def _said(self) -> Iterator[tuple[Subject, Match]]:
        for subject, given in (
            (Subject.TITLE, self.title),
            (Subject.ARTIST, self.artist),
            (Subject.TAGS, self.tags),
            (Subject.BPM, self.bpm),
            (Subject.DURATION, self.duration_seconds),
            (Subject.ENERGY, self.energy),
            (Subject.DANCEABILITY, self.danceability),
            (Subject.ACOUSTICNESS, self.acousticness),
            (Subject.VALENCE, self.valence),
            (Subject.CREATED_AT, self.created_at),
            (Subject.PLAY_COUNT, self.play_count),
            (Subject.LAST_PLAYED_AT, self.last_played_at),
        ):
            if given is not None:
                yield from ((subject, match) for match in given.matches())
        kinds = None if self.kinds is None else [KindModel[kind.name].value for kind in self.kinds]
        for subject, texts in ((Subject.GENRE, self.genres), (Subject.KEY, self.keys), (Subject.KIND, kinds)):
            if texts is not None:
                yield subject, OneOf(tuple(texts))
        if self.text is not None:
            yield Subject.TEXT, HasWords(self.text)
        if self.is_liked is not None:
            yield Subject.LIKED, Holds(self.is_liked)


@strawberry.input(description="Conditions, and how they are joined.")
class SmartGroupInput:
    join: RuleJoin = strawberry.field(description=words.JOIN)
    conditions: list[SmartConditionInput] = strawberry.field(description=words.CONDITIONS)


@strawberry.input(description="Which of your tracks to choose. In all at most 40 conditions, in at most 10 groups.")
class SmartRuleInput:
    join: RuleJoin = strawberry.field(description=words.JOIN)
    conditions: list[SmartConditionInput] = strawberry.field(default_factory=list, description=words.CONDITIONS)
    groups: list[SmartGroupInput] = strawberry.field(default_factory=list, description=words.GROUPS)

    def to_rule(self) -> Rule:
        """Raises `ValidationFailed` with every condition that does not say exactly one thing."""
        reader = _Reader()
        rule = Rule(
            Join[self.join.name],
            reader.read(self.conditions, "rule"),
            tuple(
                Group(Join[group.join.name], reader.read(group.conditions, f"rule.groups[{place}]"))
                for place, group in enumerate(self.groups)
            ),
        )
        if reader.issues:
            raise ValidationFailed(reader.issues)
        return rule


class _Reader:
    """Reads conditions, and keeps what is wrong with any of them."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def read(self, given: list[SmartConditionInput], path: str) -> tuple[Condition, ...]:
        read = []
        for number, each in enumerate(given):
            try:
                read.append(each.to_condition(f"{path}.conditions[{number}]"))
            except ValidationFailed as refused:
                self.issues += refused.issues
        return tuple(read)


def definition_of(rule: SmartRuleInput, sort: TrackSort | None, limit: int | None) -> SmartDefinition:
    """Raises `ValidationFailed`."""
    return SmartDefinition(rule.to_rule(), SortModel.CREATED_AT_DESC if sort is None else SortModel[sort.name], limit)
