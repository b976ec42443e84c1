"""The rules of merging, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.payments.model import (
    Item,
    Order,
    OrderFacts,
    OrderKind,
    OrderStatus,
    PaidPeriod,
    StateUnsure,
    Subscription,
    SubscriptionState,
    SubscriptionStatus,
    is_later,
    joined,
    later_period,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PACK = Item(OrderKind.PACK, "pack-1000", "1,000 credits", 1000, 300, "eur")

IDS = st.none() | st.sampled_from(["a", "b"])
FACTS = st.builds(
    OrderFacts,
    checkout_id=IDS,
    payment_id=IDS,
    customer_id=IDS,
    subscription_id=IDS,
    submitted=st.booleans(),
    paid=st.booleans(),
    failed=st.booleans(),
    expired=st.booleans(),
    refunded_cents=st.integers(0, 300),
    disputed_cents=st.dictionaries(st.sampled_from(["dp_1", "dp_2"]), st.integers(1, 300)),
)


def order(**facts: Any) -> Order:
    return Order("order", "ada", PACK, NOON, OrderFacts(**facts))


@given(FACTS, FACTS, FACTS)
def test_facts_are_joined_like_a_lattice(one: OrderFacts, two: OrderFacts, three: OrderFacts) -> None:
    assert joined(one, two) == joined(two, one)
    assert joined(joined(one, two), three) == joined(one, joined(two, three))
    assert joined(one, one) == one
    assert joined(one, OrderFacts()) == one


@given(FACTS, FACTS)
def test_what_came_back_and_what_was_paid_never_shrinks(one: OrderFacts, two: OrderFacts) -> None:
    before, after = replace(order(), facts=one), replace(order(), facts=joined(one, two))
    assert after.returned_cents >= before.returned_cents
    assert after.is_paid >= before.is_paid


@pytest.mark.parametrize(
    "facts, status",
    [
        ({}, OrderStatus.OPEN),
        ({"submitted": True}, OrderStatus.PROCESSING),
        ({"submitted": True, "failed": True}, OrderStatus.FAILED),
        ({"expired": True}, OrderStatus.EXPIRED),
        ({"paid": True, "failed": True, "expired": True}, OrderStatus.PAID),
        ({"refunded_cents": 1}, OrderStatus.PARTLY_REFUNDED),
        ({"paid": True, "disputed_cents": {"dp_1": 299}}, OrderStatus.PARTLY_REFUNDED),
        ({"refunded_cents": 300}, OrderStatus.REFUNDED),
        ({"refunded_cents": 200, "disputed_cents": {"dp_1": 300}}, OrderStatus.REFUNDED),
    ],
)
def test_the_status_follows_from_the_facts(facts: dict[str, object], status: OrderStatus) -> None:
    assert order(**facts).status is status


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.lists(st.integers(0, 10**6), max_size=5))
def test_refunds_in_parts_take_back_what_one_refund_would(credits: int, price: int, parts: list[int]) -> None:
    sold = replace(order(), item=replace(PACK, credits=credits, amount_cents=price))
    totals = [min(price, total) for total in (sum(parts[: n + 1]) for n in range(len(parts)))]
    taken = [sold.credits_for(total) - sold.credits_for(before) for before, total in pairwise([0, *totals])]
    assert sum(taken) == sold.credits_for(totals[-1] if totals else 0)
    assert all(credits_back >= 0 for credits_back in taken)
    assert sold.credits_for(price) == credits


def stored(status: SubscriptionStatus, as_of: datetime) -> Subscription:
    return Subscription("sub_1", "ada", "order", "creator", "cus_1", status, NOON, False, as_of)


def seen(status: SubscriptionStatus) -> SubscriptionState:
    return SubscriptionState("sub_1", "order", "cus_1", "creator", status, NOON, False)


ACTIVE, PAST_DUE, CANCELED = SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE, SubscriptionStatus.CANCELED
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    "before, after, at, expected",
    [
        (ACTIVE, PAST_DUE, NOON + SECOND, True),
        (ACTIVE, PAST_DUE, NOON - SECOND, False),
        (ACTIVE, ACTIVE, NOON, False),
        (CANCELED, ACTIVE, NOON + SECOND, False),
        (ACTIVE, CANCELED, NOON - SECOND, True),
    ],
)
def test_the_later_state_wins_and_canceled_is_final(
    before: SubscriptionStatus, after: SubscriptionStatus, at: datetime, expected: bool
) -> None:
    assert is_later(stored(before, NOON), seen(after), at) is expected


def test_of_two_states_of_one_second_the_gateway_knows_the_later() -> None:
    with pytest.raises(StateUnsure):
        is_later(stored(ACTIVE, NOON), seen(PAST_DUE), NOON)
    assert is_later(stored(ACTIVE, NOON), seen(PAST_DUE), NOON, is_current=True)


@given(st.permutations([1, 2, 3]))
def test_the_period_that_ends_last_stays(days: list[int]) -> None:
    periods = [PaidPeriod(NOON, NOON + timedelta(days=day), f"in_{day}") for day in days]
    latest = reduce(later_period, periods[1:], periods[0])
    assert latest.invoice_id == "in_3"
