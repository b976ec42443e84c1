"""Ranks: order, room between any two, and length."""

import random

from domain.playlists.ranks import MAX_RANK, STEP, fresh_ranks, is_crowded, ranks_between


def test_ranks_at_the_ends_ascend_and_stay_short() -> None:
    ranks = list(fresh_ranks(3))
    for _ in range(1_000):
        ranks = [*ranks_between(None, ranks[0], 2), *ranks, *ranks_between(ranks[-1], None, 2)]
    assert ranks == sorted(set(ranks))
    assert {len(rank) for rank in ranks} == {9}
    assert not any(map(is_crowded, ranks))


def test_there_is_room_between_any_two_however_often_it_is_asked_for() -> None:
    chance = random.Random(7)
    ranks = list(fresh_ranks(2))
    for _ in range(3_000):
        place = chance.randrange(len(ranks) + 1)
        before = ranks[place - 1] if place else None
        after = ranks[place] if place < len(ranks) else None
        ranks[place:place] = ranks_between(before, after, chance.randrange(4))
    assert ranks == sorted(set(ranks))
    assert not any(rank.endswith("0") for rank in ranks)
    assert max(map(len, ranks)) < 20


def test_many_between_two_are_spread() -> None:
    low, high = fresh_ranks(2)
    between = list(ranks_between(low, high, 100))
    assert [low, *between, high] == sorted({low, *between, high})
    assert max(map(len, between)) <= 12


def test_hundreds_of_moves_to_one_place_make_it_crowded_and_not_wrong() -> None:
    low, high = fresh_ranks(2)
    moves = 0
    while not is_crowded(high):
        (middle,) = ranks_between(low, high, 1)
        assert low < middle < high
        high, moves = middle, moves + 1
    assert moves > 400
    assert len(high) == MAX_RANK + 1


def test_a_rank_near_an_end_is_crowded() -> None:
    assert not is_crowded(fresh_ranks(1)[0])
    assert is_crowded("000000001")
    assert is_crowded("zzzzzzzz1")
    assert STEP > 100 * 100
