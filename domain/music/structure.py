"""The form a prompt spells out: `intro, verse, chorus x2, outro`. One section named in passing is no form."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from domain.music.mentions import Kind, Mention
from domain.music.text import Word

SECTIONS: Final = ("intro", "verse", "pre-chorus", "chorus", "bridge", "solo", "breakdown", "outro")
MOST_SECTIONS: Final = 64
_BETWEEN: Final = frozenset({"then", "and", "a", "an", "to", "into", "followed", "by", "the", "next", "final", "last"})
_WEAK: Final = frozenset({"and", "a", "an", "the"})
_MOST_REPEATS: Final = 8
_DOUBLES: Final = frozenset({"double", "two", "twice"})


def read_sections(words: Sequence[Word], mentions: Sequence[Mention]) -> tuple[str, ...] | None:
    """The longest run of section names, at least two, or three where only `and` joins them; else None."""
    named = [mention for mention in mentions if mention.kind is Kind.SECTION]
    runs: list[list[Mention]] = []
    for mention in named:
        if mention.refused:
            continue
        if runs and _joined(words, runs[-1][-1].end, mention.start):
            runs[-1].append(mention)
        else:
            runs.append([mention])
    best = max(runs, key=len, default=[])
    if len(best) < (3 if _only_and(words, best) else 2):
        return None
    return tuple(name for mention in best for name in _repeated(words, mention))[:MOST_SECTIONS]


def _joined(words: Sequence[Word], end: int, start: int) -> bool:
    """True when only signs, counts and words like `then` stand between two sections."""
    return all(_is_joint(words[index]) for index in range(end, start)) and start - end <= 4


def _is_joint(word: Word) -> bool:
    """True for a word that may stand inside a form."""
    return word.text in _BETWEEN or word.text in _DOUBLES or word.text == "x" or word.number is not None


def _only_and(words: Sequence[Word], run: Sequence[Mention]) -> bool:
    """True when the run is joined by nothing stronger than `and`, as in `a verse and a chorus`."""
    pairs = pairwise(run)
    between = [word.text for first, second in pairs for word in words[first.end : second.start]]
    return bool(between) and all(text in _WEAK for text in between)


def _repeated(words: Sequence[Word], mention: Mention) -> list[str]:
    """The section as often as `x2`, `2x`, `2` or `double` beside it says."""
    before = words[mention.start - 1] if mention.start else None
    after = [word.text for word in words[mention.end : mention.end + 2]]
    times = 1.0
    if before and (before.text in _DOUBLES):
        times = 2.0
    elif before and before.number is not None and not words[mention.start].after_break:
        times = before.number
    elif after[:1] == ["x"] and len(after) == 2:
        times = words[mention.end + 1].number or 1.0
    elif after[:1] == ["twice"]:
        times = 2.0
    return [mention.value] * int(min(max(times, 1.0), _MOST_REPEATS))
