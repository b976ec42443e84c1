"""Definitions of smart playlists as they lie in MongoDB, and back again. They are checked before they are written."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.library.listing import TrackSort
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

Raw = Mapping[str, Any]

# The names stay when the classes get others.
MATCHES: Mapping[str, Callable[..., Match]] = {
    "one_of": OneOf,
    "has_all": HasAll,
    "begins_with": BeginsWith,
    "has_words": HasWords,
    "between": Between,
    "when": When,
    "holds": Holds,
}
_NAMES = {kind: name for name, kind in MATCHES.items()}


def definition_record(definition: SmartDefinition) -> dict[str, Any]:
    rule = definition.rule
    return {
        "join": rule.join.value,
        "conditions": [_condition_record(condition) for condition in rule.conditions],
        "groups": [
            {"join": group.join.value, "conditions": [_condition_record(condition) for condition in group.conditions]}
            for group in rule.groups
        ],
        "sort": definition.sort.value,
        "limit": definition.limit,
    }


def to_definition(raw: Raw) -> SmartDefinition:
    groups = (Group(Join(group["join"]), _conditions(group)) for group in raw["groups"])
    rule = Rule(Join(raw["join"]), _conditions(raw), tuple(groups))
    return SmartDefinition(rule, TrackSort(raw["sort"]), raw["limit"])


def _conditions(raw: Raw) -> tuple[Condition, ...]:
    return tuple(_to_condition(condition) for condition in raw["conditions"])


def _condition_record(condition: Condition) -> dict[str, Any]:
    match = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(condition.match).items()}
    return {
        "subject": condition.subject.value,
        "match": _NAMES[type(condition.match)],
        **match,
        "is_negated": condition.is_negated,
    }


def _to_condition(raw: Raw) -> Condition:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
    subject, match = Subject(fields.pop("subject")), MATCHES[fields.pop("match")]
    return Condition(subject, is_negated=fields.pop("is_negated"), match=match(**fields))
