"""Rules of smart playlists as the schema shows them: in the same words as they were written."""

from datetime import datetime
from typing import Self

import strawberry

from domain.library.rules import (
    BeginsWith,
    Between,
    Condition,
    HasAll,
    HasWords,
    Holds,
    Match,
    OneOf,
    Rule,
    Subject,
    When,
)
from domain.playlists.smart import SmartDefinition as DefinitionModel
from graphql_api.library.listing import TrackSort
from graphql_api.library.types import VersionKind
from graphql_api.playlists import rule_words as words
from graphql_api.playlists.rule_inputs import RuleJoin


@strawberry.type(description="What a text must be. " + words.FOLDED)
class TextMatch:
    one_of: list[str] | None = strawberry.field(description=words.ONE_OF)
    begins_with: str | None = strawberry.field(description=words.BEGINS_WITH)
    has_words: str | None = strawberry.field(description=words.HAS_WORDS)

    @classmethod
    def of(cls, match: Match) -> Self:
        return cls(
            one_of=list(match.texts) if isinstance(match, OneOf) else None,
            begins_with=match.text if isinstance(match, BeginsWith) else None,
            has_words=match.text if isinstance(match, HasWords) else None,
        )


@strawberry.type(description="What tags there must be. " + words.FOLDED)
class TagMatch:
    has_all: list[str] | None = strawberry.field(description=words.HAS_ALL)
    has_any: list[str] | None = strawberry.field(description=words.HAS_ANY)

    @classmethod
    def of(cls, match: Match) -> Self:
        return cls(
            has_all=list(match.texts) if isinstance(match, HasAll) else None,
            has_any=list(match.texts) if isinstance(match, OneOf) else None,
        )


@strawberry.type(description="From where to where a number may lie; both ends count.")
class NumberRange:
    at_least: float | None = strawberry.field(description=words.AT_LEAST)
    at_most: float | None = strawberry.field(description=words.AT_MOST)


@strawberry.type(description="When something must have been.")
class MomentRange:
    after: datetime | None = strawberry.field(description=words.AFTER)
    before: datetime | None = strawberry.field(description=words.BEFORE)
    within_days: int | None = strawberry.field(description=words.WITHIN_DAYS)


@strawberry.type(description="One thing that is asked of a track; the others are null.")
class SmartCondition:
    record: strawberry.Private[Condition]

    @strawberry.field(name="not", description=words.NOT)
    def negated(self) -> bool:
        return self.record.is_negated

    @strawberry.field(description=words.TITLE)
    def title(self) -> TextMatch | None:
        return self._text(Subject.TITLE)

    @strawberry.field(description=words.ARTIST)
    def artist(self) -> TextMatch | None:
        return self._text(Subject.ARTIST)

    @strawberry.field(description=words.TEXT)
    def text(self) -> str | None:
        match = self.record.match
        return match.text if self.record.subject is Subject.TEXT and isinstance(match, HasWords) else None

    @strawberry.field(description=words.GENRES)
    def genres(self) -> list[str] | None:
        return self._choices(Subject.GENRE)

    @strawberry.field(description=words.TAGS)
    def tags(self) -> TagMatch | None:
        return TagMatch.of(self.record.match) if self.record.subject is Subject.TAGS else None

    @strawberry.field(description=words.KEYS)
    def keys(self) -> list[str] | None:
        return self._choices(Subject.KEY)

    @strawberry.field(description=words.KINDS)
    def kinds(self) -> list[VersionKind] | None:
        found = self._choices(Subject.KIND)
        return None if found is None else [VersionKind[kind] for kind in found]

    @strawberry.field(description=words.BPM)
    def bpm(self) -> NumberRange | None:
        return self._range(Subject.BPM)

    @strawberry.field(description=words.DURATION)
    def duration_seconds(self) -> NumberRange | None:
        return self._range(Subject.DURATION)

    @strawberry.field(description=words.ENERGY)
    def energy(self) -> NumberRange | None:
        return self._range(Subject.ENERGY)

    @strawberry.field(description=words.DANCEABILITY)
    def danceability(self) -> NumberRange | None:
        return self._range(Subject.DANCEABILITY)

    @strawberry.field(description=words.ACOUSTICNESS)
    def acousticness(self) -> NumberRange | None:
        return self._range(Subject.ACOUSTICNESS)

    @strawberry.field(description=words.VALENCE)
    def valence(self) -> NumberRange | None:
        return self._range(Subject.VALENCE)

    @strawberry.field(description=words.CREATED_AT)
    def created_at(self) -> MomentRange | None:
        return self._time(Subject.CREATED_AT)

    @strawberry.field(description=words.IS_LIKED)
    def is_liked(self) -> bool | None:
        return self.record.match.is_so if isinstance(self.record.match, Holds) else None

    @strawberry.field(description=words.PLAY_COUNT)
    def play_count(self) -> NumberRange | None:
        return self._range(Subject.PLAY_COUNT)

    @strawberry.field(description=words.LAST_PLAYED_AT)
    def last_played_at(self) -> MomentRange | None:
        return self._time(Subject.LAST_PLAYED_AT)

    def _text(self, subject: Subject) -> TextMatch | None:
        return TextMatch.of(self.record.match) if self.record.subject is subject else None

    def _choices(self, subject: Subject) -> list[str] | None:
        match = self.record.match
        return list(match.texts) if self.record.subject is subject and isinstance(match, OneOf) else None

    def _range(self, subject: Subject) -> NumberRange | None:
        match = self.record.match
        if self.record.subject is not subject or not isinstance(match, Between):
            return None
        return NumberRange(at_least=match.at_least, at_most=match.at_most)

    def _time(self, subject: Subject) -> MomentRange | None:
        match = self.record.match
        if self.record.subject is not subject or not isinstance(match, When):
            return None
        return MomentRange(after=match.after, before=match.before, within_days=match.within_days)


@strawberry.type(description="Conditions, and how they are joined.")
class SmartGroup:
    join: RuleJoin = strawberry.field(description=words.JOIN)
    conditions: list[SmartCondition] = strawberry.field(description=words.CONDITIONS)


@strawberry.type(description="Which of the owner's tracks are chosen.")
class SmartRule:
    join: RuleJoin = strawberry.field(description=words.JOIN)
    conditions: list[SmartCondition] = strawberry.field(description=words.CONDITIONS)
    groups: list[SmartGroup] = strawberry.field(description=words.GROUPS)

    @classmethod
    def of(cls, rule: Rule) -> Self:
        return cls(
            join=RuleJoin[rule.join.name],
            conditions=_shown(rule.conditions),
            groups=[
                SmartGroup(join=RuleJoin[group.join.name], conditions=_shown(group.conditions)) for group in rule.groups
            ],
        )


@strawberry.type(description="What stands in a smart playlist.")
class SmartDefinition:
    rule: SmartRule = strawberry.field(description="Which tracks.")
    sort: TrackSort = strawberry.field(description="In which order.")
    limit: int | None = strawberry.field(description="How many at most; null for as many as fit, which is 10,000.")

    @classmethod
    def of(cls, definition: DefinitionModel) -> Self:
        return cls(rule=SmartRule.of(definition.rule), sort=TrackSort[definition.sort.name], limit=definition.limit)


def _shown(conditions: tuple[Condition, ...]) -> list[SmartCondition]:
    return [SmartCondition(record=condition) for condition in conditions]
