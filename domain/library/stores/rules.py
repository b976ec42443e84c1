"""How the conditions of a rule are asked of MongoDB, and which index each of them narrows a list down by."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.library.facets import folded, key_name, title_key, words_of
from domain.library.listing import MAX_SEARCHED
from domain.library.rules import (
    Among,
    BeginsWith,
    Between,
    Condition,
    Group,
    HasAll,
    HasWords,
    Join,
    Match,
    OneOf,
    Rule,
    Subject,
    When,
)
from domain.library.stores.listing import WORDS, beginning
from domain.library.stores.looking import Narrowing

Filter = dict[str, Any]

# Where what a subject asks about lies in a track, and the index of that place.
PLACES: Mapping[Subject, tuple[str, str]] = {
    Subject.TITLE: ("facets.title", "by_title"),
    Subject.ARTIST: ("facets.artist", "artist"),
    Subject.GENRE: ("facets.genre", "genre"),
    Subject.TAGS: ("facets.tags", "tags"),
    Subject.KEY: ("facets.key", "key"),
    Subject.BPM: ("facets.bpm", "tempo"),
    Subject.DURATION: ("current.duration_seconds", "by_duration"),
    Subject.ENERGY: ("current.analysis.character.energy.value", "energy"),
    Subject.DANCEABILITY: ("current.analysis.character.danceability.value", "danceability"),
    Subject.ACOUSTICNESS: ("current.analysis.character.acousticness.value", "acousticness"),
    Subject.VALENCE: ("current.analysis.character.valence.value", "valence"),
    Subject.CREATED_AT: ("created_at", "by_created_at"),
    Subject.IDS: ("_id", "_id_"),
}
# Of two kinds there is no need for an index.
KIND = "facets.kind"
JOINS: Mapping[Join, str] = {Join.ALL: "$and", Join.ANY: "$or", Join.NONE: "$nor"}
# Stands behind every text that begins with what stands before it.
LAST = "\U0010ffff"
# A word begins where there is no letter and no digit before it.
_EDGE = r"(^|[^\p{L}\p{N}])"


def ruled(rule: Rule, now: datetime) -> Filter:
    parts = [asked(condition, now) for condition in rule.conditions]
    return {JOINS[rule.join]: [*parts, *(_grouped(group, now) for group in rule.groups)]}


def narrowing(condition: Condition, now: datetime) -> Narrowing | None:
    """None for a condition that leaves most of a library, or that no index holds."""
    match = condition.match
    if condition.is_negated or condition.subject is Subject.KIND or (isinstance(match, Among) and match.is_other):
        return None
    if isinstance(match, HasWords):
        return Narrowing(WORDS, beginning(max(_words(match), key=len)))
    known = len(match.track_ids) if isinstance(match, Among) else None
    return Narrowing(PLACES[condition.subject][1], asked(condition, now), known)


def _grouped(group: Group, now: datetime) -> Filter:
    return {JOINS[group.join]: [asked(condition, now) for condition in group.conditions]}


def asked(condition: Condition, now: datetime) -> Filter:
    found = _fits(condition.subject, condition.match, now)
    return {"$nor": [found]} if condition.is_negated else found


def _fits(subject: Subject, match: Match, now: datetime) -> Filter:
    if isinstance(match, HasWords):
        return _worded(subject, match)
    field = KIND if subject is Subject.KIND else PLACES[subject][0]
    match match:
        case OneOf(texts):
            return {field: {"$in": [_compared(subject, text) for text in texts]}}
        case HasAll(texts):
            return {field: {"$all": [_compared(subject, text) for text in texts]}}
        case BeginsWith(text):
            start = _compared(subject, text)
            return {field: {"$gte": start, "$lt": start + LAST}}
        case Between(least, most):
            return {field: _bounds(least, most, "$lte")}
        case When(after, before, None):
            return {field: _bounds(after, before, "$lt")}
        case When(within_days=int(days)):
            return {field: {"$gte": now - timedelta(days=days)}}
        case Among(track_ids, is_other):
            return {field: {"$nin" if is_other else "$in": list(track_ids)}}
    raise ValueError(f"a library cannot tell {subject}")


def _worded(subject: Subject, match: HasWords) -> Filter:
    """The words of all texts narrow it down; which of the texts has them stands in the title or the artist itself."""
    words = _words(match)
    parts = [beginning(word) for word in words]
    if subject is not Subject.TEXT:
        parts += [{PLACES[subject][0]: {"$regex": _EDGE + word}} for word in words]
    return {"$and": parts}


def _words(match: HasWords) -> Sequence[str]:
    return words_of([match.text], MAX_SEARCHED)


def _compared(subject: Subject, text: str) -> str:
    """As it lies in the facets."""
    if subject is Subject.KIND:
        return text
    if subject is Subject.KEY:
        return key_name(text) or ""
    return title_key(text) if subject is Subject.TITLE else folded(text)


def _bounds(least: object, most: object, end: str) -> Filter:
    return {name: value for name, value in (("$gte", least), (end, most)) if value is not None}
