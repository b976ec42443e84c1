"""What counts as heard, whatever players say and in whatever order it comes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.plays.model import Listen, Report, Ticket
from domain.plays.rules import MOST_STEP_MS, PLAY_MS, TOLERANCE_MS, heard_ms, is_due, needed_ms

START_MS = 1_790_000_000_000
reports = st.builds(
    Report,
    sequence=st.integers(0, 30),
    position_ms=st.integers(0, 600_000),
    at_ms=st.integers(START_MS, START_MS + 900_000),
    is_complete=st.booleans(),
)


def listening(*moments: tuple[float, float]) -> list[Report]:
    """Reports at these seconds of our clock and of the track."""
    return [
        Report(number, round(position * 1000), START_MS + round(at * 1000))
        for number, (at, position) in enumerate(moments)
    ]


@given(st.lists(reports, min_size=1), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(told: list[Report], chance: random.Random) -> None:
    shuffled = [*told, *chance.choices(told, k=len(told))]
    chance.shuffle(shuffled)
    assert heard_ms(shuffled) == heard_ms(told)


@given(st.lists(reports, min_size=1))
def test_nobody_hears_faster_than_time_goes_by(told: list[Report]) -> None:
    times = [report.at_ms for report in told]
    assert 0 <= heard_ms(told) <= max(times) - min(times) + TOLERANCE_MS


@given(st.lists(reports), st.integers(0, 10_000))
def test_what_is_repeated_later_under_the_same_number_adds_nothing(told: list[Report], later_ms: int) -> None:
    again = [report._replace(at_ms=report.at_ms + later_ms) for report in told]
    assert heard_ms([*told, *again]) == heard_ms(told)


@pytest.mark.parametrize(
    ("moments", "seconds"),
    [
        ([(0, 0), (10, 10), (20, 20), (30, 30)], 30.0),
        ([(0, 0)], 0.0),
        # a pause
        ([(0, 0), (10, 10), (70, 10), (80, 20)], 20.0),
        # seeking forward, and back to hear it again
        ([(0, 0), (10, 10), (11, 150), (21, 160)], 20.0),
        ([(0, 0), (10, 10), (11, 0), (21, 10)], 20.0),
        # a connection that was lost: what was kept comes at once
        ([(0, 0), (60, 10), (60, 20), (60, 30), (60, 60)], 60.0),
        # a bot that is in a hurry
        ([(0, 0), (0.5, 60), (1, 120), (1, 180)], 1.0 + TOLERANCE_MS / 1000),
        # a jump that is no listening
        ([(0, 0), (300, MOST_STEP_MS / 1000 + 0.001)], 0.0),
    ],
)
def test_heard_seconds(moments: list[tuple[float, float]], seconds: float) -> None:
    assert heard_ms(listening(*moments)) == seconds * 1000


@pytest.mark.parametrize(
    ("duration_ms", "needed"),
    [(None, PLAY_MS), (180_000, PLAY_MS), (60_000, PLAY_MS), (59_000, 29_500), (6_000, 3_000), (0, 1)],
)
def test_half_of_a_short_track_is_enough(duration_ms: int | None, needed: int) -> None:
    assert needed_ms(duration_ms) == needed


@pytest.mark.parametrize(
    ("written", "heard", "ended", "due"),
    [
        (0, PLAY_MS - 1, True, False),
        (0, PLAY_MS, False, True),
        (30_000, 40_000, False, False),
        (30_000, 40_000, True, True),
        (30_000, 30_500, True, False),
        (30_000, 60_000, False, True),
    ],
)
def test_the_database_hears_of_it_a_few_times(written: int, heard: int, ended: bool, due: bool) -> None:
    told = (Report(1, 0, START_MS), Report(2, heard, START_MS + heard, ended))
    assert is_due(Listen(told, written), heard, PLAY_MS) is due


@pytest.mark.parametrize(
    "ticket",
    [
        Ticket("listen", "track", "owner"),
        Ticket("listen", "track", "owner", "version", "owner", 6_000),
        Ticket("listen", "track", "owner", None, "somebody", 0),
    ],
)
def test_a_ticket_is_read_as_it_was_written(ticket: Ticket) -> None:
    assert Ticket.read(ticket.text) == ticket


@pytest.mark.parametrize("text", ["", "one.two", "a.b.c.d.e.f", "a.b.c.d.e.6.7"])
def test_what_is_no_ticket_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"values to unpack|invalid literal"):
        Ticket.read(text)
