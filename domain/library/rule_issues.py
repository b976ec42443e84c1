"""What is wrong with a rule, each with the path to its place. Pure."""

import math
from collections.abc import Iterator, Sequence

from domain.kit.errors import Issue
from domain.library.facets import folded, key_name, words_of
from domain.library.listing import MAX_SEARCHED
from domain.library.rules import (
    MAX_CHOICES,
    MAX_CONDITIONS,
    MAX_DAYS,
    MAX_GROUPS,
    MAX_TEXT,
    BeginsWith,
    Between,
    Condition,
    HasAll,
    HasWords,
    Match,
    OneOf,
    Rule,
    Subject,
    When,
)


def rule_issues(rule: Rule) -> list[Issue]:
    """Everything, in the order in which it stands there."""
    found = list(rule.all_conditions())
    issues = []
    if not found:
        issues.append(Issue("rule", "A rule has at least one condition."))
    if len(found) > MAX_CONDITIONS:
        issues.append(Issue("rule", f"A rule has at most {MAX_CONDITIONS} conditions, not {len(found)}."))
    if len(rule.groups) > MAX_GROUPS:
        issues.append(Issue("rule.groups", f"A rule has at most {MAX_GROUPS} groups, not {len(rule.groups)}."))
    for number, group in enumerate(rule.groups):
        if not group.conditions:
            issues.append(Issue(f"rule.groups[{number}].conditions", "A group has at least one condition."))
    return issues or [issue for path, condition in found for issue in _wrong(path, condition)]


def _wrong(path: str, condition: Condition) -> Iterator[Issue]:
    path, match = f"{path}.{condition.subject.value}", condition.match
    match match:
        case OneOf(texts) | HasAll(texts):
            yield from _choices(_at(path, condition.subject, match), condition.subject, texts)
        case BeginsWith(text):
            if not folded(text) or len(text) > MAX_TEXT:
                yield Issue(f"{path}.beginsWith", f"A beginning has 1 to {MAX_TEXT} characters.")
        case HasWords(text):
            if len(text) > MAX_TEXT or not 1 <= len(words_of([text], MAX_SEARCHED + 1)) <= MAX_SEARCHED:
                told = f"1 to {MAX_SEARCHED} words, of letters or digits, and at most {MAX_TEXT} characters."
                yield Issue(_at(path, condition.subject, match), told)
        case Between():
            yield from _range(path, match)
        case When():
            yield from _time(path, match)


def _at(path: str, subject: Subject, match: Match) -> str:
    """Of subjects that are matched in one way only, the path has no name for that way."""
    if subject in (Subject.TEXT, Subject.GENRE, Subject.KEY, Subject.KIND):
        return path
    names = {OneOf: "oneOf", HasAll: "hasAll", HasWords: "hasWords"}
    name = "hasAny" if subject is Subject.TAGS and isinstance(match, OneOf) else names[type(match)]
    return f"{path}.{name}"


def _choices(path: str, subject: Subject, texts: Sequence[str]) -> Iterator[Issue]:
    if not 1 <= len(texts) <= MAX_CHOICES:
        yield Issue(path, f"1 to {MAX_CHOICES} can be asked for at once, not {len(texts)}.")
    elif any(len(text) > MAX_TEXT for text in texts):
        yield Issue(path, f"A text has at most {MAX_TEXT} characters.")
    elif subject is Subject.KEY:
        for text in texts:
            if key_name(text) is None:
                yield Issue(path, f"{text[:80]!r} is not a key. Write it like 'A minor' or 'F#'.")


def _range(path: str, match: Between) -> Iterator[Issue]:
    given = [(name, end) for name, end in (("atLeast", match.at_least), ("atMost", match.at_most)) if end is not None]
    if not given:
        yield Issue(path, "Say 'atLeast', 'atMost' or both.")
    for name, end in given:
        if not math.isfinite(end):
            yield Issue(f"{path}.{name}", "It must be a number.")
    if match.at_least is not None and match.at_most is not None and match.at_least > match.at_most:
        yield Issue(f"{path}.atLeast", "'atLeast' is greater than 'atMost', so nothing could fit.")


def _time(path: str, match: When) -> Iterator[Issue]:
    is_span = match.after is not None or match.before is not None
    if is_span == (match.within_days is not None):
        yield Issue(path, "Say either 'withinDays', or 'after', 'before' or both.")
    elif match.within_days is not None and not 1 <= match.within_days <= MAX_DAYS:
        yield Issue(f"{path}.withinDays", f"It must be 1 to {MAX_DAYS:,} days.")
    elif match.after is not None and match.before is not None and match.after >= match.before:
        yield Issue(f"{path}.after", "'after' is not before 'before', so nothing could fit.")
