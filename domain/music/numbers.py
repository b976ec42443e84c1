"""Tempo and meter written in numbers: `92 bpm`, `tempo: 90-100`, `at 120`, `6/8`. Returns the words used."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from domain.music.meters import Meter, meter_of
from domain.music.text import Word

SLOWEST_BPM: Final = 30.0
FASTEST_BPM: Final = 240.0
_BARE: Final = (40.0, 220.0)  # `at 92` without a unit is a tempo only in here
_LONE: Final = (60.0, 200.0)
_UNITS: Final = (("bpm",), ("bpms",), ("b", "p", "m"), ("beats", "per", "minute"), ("beats", "a", "minute"))
_LABELS: Final = frozenset({"bpm", "tempo", "bpms"})
_AFTER_LABEL: Final = frozenset({"of", "is", "around", "about", "at", "ca", "circa", "approximately", "near", "to"})
_BEFORE_BARE: Final = frozenset({"at", "around", "bei"})
_RANGE: Final = frozenset({"to", "and", "or", "bis", "a"})
_NOT_BPM: Final = frozenset(
    {"am", "pm", "a", "p", "o", "oclock", "hz", "khz", "k", "percent", "years", "year", "seconds", "sec", "s"}
    | {"minutes", "min", "mph", "km", "kmh", "degrees", "th", "st", "nd", "rd", "mm", "people", "uhr", "days"}
    | {"bars", "beats", "minute", "second", "miles", "hours", "hour", "times", "euros", "dollars", "x", "h"}
)

T = TypeVar("T")


@dataclass(frozen=True)
class Reading(Generic[T]):
    """A value and the indices of the words it was read from."""

    value: T
    words: frozenset[int]


def read_bpm(words: Sequence[Word]) -> Reading[float] | None:
    """The first tempo with a unit or a label, else a bare `at 92` or a lone `, 92,`; kept within 30 to 240.

    A range counts as its middle.
    """
    numbers = [word.index for word in words if word.number is not None]
    for find in (_with_unit, _with_label, _bare, _alone):
        for index in numbers:
            if reading := find(words, index):
                clamped = min(max(reading.value, SLOWEST_BPM), FASTEST_BPM)
                return Reading(round(clamped, 2), reading.words)
    return None


def read_meter(words: Sequence[Word]) -> Reading[Meter] | None:
    """The first meter written as a fraction; `3/4 of the song` is not one."""
    for below in words[1:]:
        above = words[below.index - 1]
        if below.gap.strip() != "/" or above.number is None or below.number is None:
            continue
        follows = _text(words, below.index + 1)
        meter = meter_of(f"{above.text}/{below.text}")
        if meter and follows != "of" and not _is_date(words, below.index):
            return Reading(meter, frozenset({above.index, below.index}))
    return None


def _is_date(words: Sequence[Word], index: int) -> bool:
    """True for the middle of 6/8/2024."""
    return index + 1 < len(words) and words[index + 1].gap == "/"


def _text(words: Sequence[Word], index: int) -> str:
    """The folded word at `index`, or nothing beyond either end."""
    return words[index].text if 0 <= index < len(words) else ""


def _unit_length(words: Sequence[Word], start: int) -> int:
    """How many words from `start` name the unit."""
    for unit in _UNITS:
        if tuple(word.text for word in words[start : start + len(unit)]) == unit:
            return len(unit)
    return 0


def _low_end(words: Sequence[Word], index: int) -> Word | None:
    """The lower number of a range that ends at `index`: `90-100`, `90 to 100`."""
    here = words[index]
    if index >= 1 and words[index - 1].number is not None and here.gap.strip() in ("-", "–", "—", "~"):
        return words[index - 1]
    if index >= 2 and words[index - 1].text in _RANGE and words[index - 2].number is not None:
        return words[index - 2]
    return None


def _ranged(words: Sequence[Word], index: int, used: set[int]) -> Reading[float]:
    """The number at `index`, or the middle of the range that it ends."""
    high = words[index].number or 0.0
    low = _low_end(words, index)
    if low is None or low.number is None or not SLOWEST_BPM <= low.number <= FASTEST_BPM:
        return Reading(high, frozenset({index, *used}))
    return Reading((low.number + high) / 2, frozenset({*range(low.index, index + 1), *used}))


def _with_unit(words: Sequence[Word], index: int) -> Reading[float] | None:
    """`92 bpm`, `92bpm`, `90-100 beats per minute`."""
    length = _unit_length(words, index + 1)
    if not length or words[index + 1].after_stop:
        return None
    return _ranged(words, index, set(range(index + 1, index + 1 + length)))


def _with_label(words: Sequence[Word], index: int) -> Reading[float] | None:
    """`tempo 92`, `BPM: 92`, `tempo of around 92`; a note sign with `=` counts as a label."""
    if words[index].gap.strip().endswith("=") and _text(words, index - 1) in ("", "q", "quarter", "tempo", "bpm"):
        return Reading(words[index].number or 0.0, frozenset({index}))
    start = index - 1
    while start >= 0 and words[start].text in _AFTER_LABEL and index - start <= 3:
        start -= 1
    if _text(words, start) not in _LABELS or words[start + 1].after_stop:
        return None
    last = index
    if index + 1 < len(words) and _low_end(words, index + 1) is not None:
        last += 1
    elif index + 2 < len(words) and words[index + 2].number is not None and _low_end(words, index + 2):
        last += 2
    return _ranged(words, last, set(range(start, index)))


def _bare(words: Sequence[Word], index: int) -> Reading[float] | None:
    """`at 92`, when no other unit follows."""
    value, follows = words[index].number or 0.0, words[index + 1] if index + 1 < len(words) else None
    if _text(words, index - 1) not in _BEFORE_BARE or not _BARE[0] <= value <= _BARE[1]:
        return None
    if follows and (follows.glued or (not follows.after_break and follows.text in _NOT_BPM)):
        return None
    if follows and any(sign in follows.gap for sign in "%°:€$/"):
        return None
    return Reading(value, frozenset({index - 1, index}))


def _alone(words: Sequence[Word], index: int) -> Reading[float] | None:
    """A whole number that stands alone between commas, as in `dnb, dark, 174`."""
    word, value = words[index], words[index].number or 0.0
    ends = index + 1 == len(words) or (words[index + 1].after_break and not words[index + 1].glued)
    alone = word.after_comma and not word.after_stop and ends
    return Reading(value, frozenset({index})) if alone and _LONE[0] <= value <= _LONE[1] else None
