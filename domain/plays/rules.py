"""How much was heard, and when that is a play. Pure: the same reports give the same answer in whatever order they come.

The one thing a bot cannot forge is our clock, so that bounds everything; the rest only keeps honest numbers honest.
"""

from collections.abc import Iterable

from domain.plays.model import Listen, Report

# What the music industry pays from: the large services count a stream from 30 seconds on.
PLAY_MS = 30_000
# A track of less than a minute could hardly be played otherwise; half of it shows that somebody listens.
SHORT_MS = 60_000
# Between two reports a player has moved by listening, not by seeking. Browsers wake hidden pages once a minute.
MOST_STEP_MS = 75_000
# Requests do not take equally long, and players round.
TOLERANCE_MS = 2_000
# A repeat-one of a favourite on a working day stays below it; what loops day and night does not.
PLAYS_PER_LISTENER = 20
# Behind one address may be a school; what a shared link gains there each day is bounded all the same.
PLAYS_PER_ADDRESS = 50


def needed_ms(duration_ms: int | None) -> int:
    """How much has to be heard; of a track whose length is not known yet, as of a long one."""
    if duration_ms is None or duration_ms >= SHORT_MS:
        return PLAY_MS
    return max(duration_ms // 2, 1)


def heard_ms(reports: Iterable[Report]) -> int:
    """The steps forward between neighbours by sequence, and never more than the time between the first and the last.

    Of several reports with one sequence the least counts, whichever came first.
    """
    heard, last, position, first_at, last_at = 0, -1, 0, 0, 0
    for sequence, position_ms, at_ms, _ in sorted(set(reports)):
        if sequence == last:
            continue
        if last < 0:
            first_at = last_at = at_ms
        elif 0 < (step := position_ms - position) <= MOST_STEP_MS:
            heard += step
        first_at, last_at = min(first_at, at_ms), max(last_at, at_ms)
        last, position = sequence, position_ms
    return min(heard, last_at - first_at + TOLERANCE_MS)


def began_ms(reports: Iterable[Report]) -> int:
    return min(report.at_ms for report in reports)


def is_due(listen: Listen, heard: int, needed: int) -> bool:
    """Whether the database should hear of it: when it becomes a play, when that has doubled, and when it has ended."""
    if heard < needed:
        return False
    if listen.written_ms == 0 or heard >= 2 * listen.written_ms:
        return True
    return heard >= listen.written_ms + 1_000 and max(listen.reports).is_complete
