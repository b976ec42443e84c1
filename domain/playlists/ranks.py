"""Ranks: texts that sort entries, with room for another one between any two. Pure.

A rank is a number from 0 to 1 in base 62, written without the point. None ends with a zero, so there is always one
below.
"""

from collections.abc import Sequence

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE = len(DIGITS)
# Whole steps at both ends keep ranks short where entries usually come: 62^8 is 2 * 10^14, so there is room for ages.
WIDTH = 8
STEP = BASE**4
FIRST = BASE**WIDTH // 2
# A longer one comes of hundreds of moves to one and the same place, and one near an end of millions to that end. Then
# the playlist gets new ranks.
MAX_RANK = 100
MARGIN = STEP * 20_000


def ranks_between(before: str | None, after: str | None, count: int) -> Sequence[str]:
    """So many ascending ranks between two neighbours, or at an end where there is none."""
    if after is None:
        start = FIRST if before is None else _whole(before) + STEP
        return [_written(start + STEP * number) for number in range(count)]
    if before is None:
        start = _whole(after) - STEP * count
        return [_written(start + STEP * number) for number in range(count)]
    return _spread(before, after, count)


def fresh_ranks(count: int) -> Sequence[str]:
    return ranks_between(None, None, count)


def is_crowded(rank: str) -> bool:
    """Whether it is time for new ranks."""
    return len(rank) > MAX_RANK or not MARGIN < _whole(rank) < BASE**WIDTH - MARGIN


def _spread(before: str, after: str, count: int) -> list[str]:
    """Halves the gap again and again, so that many at once stay as short as the few that they halve for."""
    if count == 0:
        return []
    middle, left = _middle(before, after), (count - 1) // 2
    return [*_spread(before, middle, left), middle, *_spread(middle, after, count - 1 - left)]


def _middle(before: str, after: str) -> str:
    """A short rank between two. What is missing of the lower one are zeros."""
    place = 0
    while place < len(after) and _digit(before, place) == _digit(after, place):
        place += 1
    lower, upper = _digit(before, place), _digit(after, place)
    if upper - lower > 1:
        return after[:place] + DIGITS[(lower + upper) // 2]
    # no digit lies between, so the next one goes on above the lower rank
    kept = after[:place] + DIGITS[lower]
    place += 1
    while _digit(before, place) == BASE - 1:
        kept += DIGITS[-1]
        place += 1
    return kept + DIGITS[(_digit(before, place) + BASE) // 2]


def _digit(rank: str, place: int) -> int:
    return DIGITS.index(rank[place]) if place < len(rank) else 0


def _whole(rank: str) -> int:
    """The first digits as a number."""
    number = 0
    for place in range(WIDTH):
        number = number * BASE + _digit(rank, place)
    return number


def _written(number: int) -> str:
    """With a last digit that is no zero."""
    digits = []
    for _ in range(WIDTH):
        number, rest = divmod(number, BASE)
        digits.append(DIGITS[rest])
    return "".join(reversed(digits)) + DIGITS[1]
