"""The ledger on a real MongoDB: what each movement does, that it happens once, and what parallel ones do."""

import asyncio
from datetime import timedelta

import pytest

from domain.credits.errors import InsufficientCredits, ReferenceReused
from domain.credits.model import Account, TransferKind
from domain.kit.caller import Caller
from domain.kit.errors import NotFound
from domain.kit.ids import new_id
from domain.kit.paging import PageRequest
from domain.kit.transactions import Session
from tests.credits.audit import audit_books
from tests.credits.books import Books


async def test_a_hold_takes_plan_credits_first_and_then_packs(books: Books) -> None:
    # given 500 credits of the plan and 100 bought ones
    owner = await books.owner(packs=100)
    # when 520 are held
    await books.hold(owner, 520, "h1", "job-1")
    # then 20 of the bought ones are among them
    assert await books.balances(owner) == (0, 80, 520)
    (held, *_) = (await books.wallets.history(Caller(owner), PageRequest(1))).items
    assert (held.kind, held.job_id, held.available_change, held.held_change) == (
        TransferKind.HOLD,
        "job-1",
        -520,
        520,
    )
    assert await audit_books(books.database) == []


async def test_a_partial_charge_gives_back_to_the_packs_first(books: Books) -> None:
    owner = await books.owner(packs=100)
    await books.hold(owner, 520, "h1")
    # when 505 of 520 are charged: 15 come back, and the packs had given 20
    await books.settle(owner, "h1", 505)
    assert await books.balances(owner) == (0, 95, 0)
    # and the charge is the house's revenue
    (settled, *_) = (await books.wallets.history(Caller(owner), PageRequest(1))).items
    assert (settled.kind, settled.amount(Account.REVENUE), settled.job_id) == (TransferKind.SETTLE, 505, "job")


async def test_nothing_charged_is_a_release(books: Books) -> None:
    owner = await books.owner(packs=100)
    await books.hold(owner, 520, "h1")
    await books.settle(owner, "h1", 0)
    assert await books.balances(owner) == (500, 100, 0)
    assert await books.story(owner) == ["GRANT", "PURCHASE", "HOLD", "RELEASE"]


async def test_what_is_repeated_happens_once(books: Books) -> None:
    # given a hold that was settled, a purchase and its refund
    owner = await books.owner()
    for _ in range(3):
        await books.hold(owner, 30, "h1")
        await books.settle(owner, "h1", 20)
    assert await books.purchase(owner, 1000, "purchase:o1") is True
    assert await books.take_back(owner, 1000, "refund:o1") is True
    # when the last two come again
    assert await books.purchase(owner, 1000, "purchase:o1") is False
    assert await books.take_back(owner, 1000, "refund:o1") is False
    # then each is there once
    assert await books.balances(owner) == (480, 0, 0)
    assert await books.story(owner) == ["GRANT", "HOLD", "SETTLE", "PURCHASE", "TAKE_BACK"]


async def test_a_reference_cannot_stand_for_two_things(books: Books) -> None:
    owner = await books.owner(packs=100)
    await books.hold(owner, 30, "h1")
    await books.settle(owner, "h1", 20)
    before = await books.balances(owner)
    for attempt in (
        books.hold(owner, 31, "h1"),
        books.hold(owner, 30, "h1", "another job"),
        books.settle(owner, "h1", 0),
        books.purchase(owner, 101, "purchase:first"),
        books.take_back(owner, 100, "purchase:first"),
    ):
        with pytest.raises(ReferenceReused):
            await attempt
    assert await books.balances(owner) == before


async def test_a_hold_that_cannot_be_paid_says_what_is_missing(books: Books) -> None:
    owner = await books.owner()
    with pytest.raises(InsufficientCredits) as refused:
        await books.hold(owner, 501, "h1")
    assert (refused.value.required_credits, refused.value.available_credits) == (501, 500)
    assert refused.value.message == "This costs 501 credits and you have 500: 1 is missing."
    assert await books.story(owner) == ["GRANT"]


async def test_a_hold_of_nothing_is_not_written_and_needs_no_end(books: Books) -> None:
    owner = await books.owner()
    await books.hold(owner, 0, "h1")
    await books.settle(owner, "h1", 0)
    assert await books.story(owner) == ["GRANT"]
    with pytest.raises(ValueError, match="nothing is held under h1, so 5 credits cannot be charged"):
        await books.settle(owner, "h1", 5)


async def test_a_charge_above_the_hold_is_refused(books: Books) -> None:
    owner = await books.owner()
    await books.hold(owner, 10, "h1")
    for charged in (11, -1):
        with pytest.raises(ValueError, match=f"hold:h1 holds 10 credits, so {charged} cannot be charged"):
            await books.settle(owner, "h1", charged)
    assert await books.balances(owner) == (490, 0, 10)


async def test_a_refund_of_spent_credits_is_written_off(books: Books) -> None:
    # given a pack of which a part was spent
    owner = await books.owner(packs=1000)
    await books.hold(owner, 1200, "h1")
    await books.settle(owner, "h1", 1200)
    # when it is refunded
    await books.take_back(owner, 1000, "refund:first", "dispute")
    # then no balance is below zero, and the house carries the rest
    assert await books.balances(owner) == (0, 0, 0)
    (taken, *_) = (await books.wallets.history(Caller(owner), PageRequest(1))).items
    assert (taken.amount(Account.PACKS), taken.amount(Account.WRITTEN_OFF), taken.amount(Account.SOLD)) == (
        -300,
        -700,
        1000,
    )
    assert taken.note == "dispute"


async def test_a_rolled_back_transaction_leaves_nothing(books: Books) -> None:
    owner = await books.owner()

    async def hold_and_fail(session: Session) -> None:
        await books.ledger.hold(owner, 10, "h1", "job", session)
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        await books.run(hold_and_fail)
    assert await books.balances(owner) == (500, 0, 0)
    assert await books.story(owner) == ["GRANT"]


async def test_two_holds_in_one_transaction_see_each_other(books: Books) -> None:
    owner = await books.owner()

    async def both(session: Session) -> None:
        await books.ledger.hold(owner, 300, "h1", "job", session)
        await books.ledger.hold(owner, 300, "h2", "job", session)

    with pytest.raises(InsufficientCredits):
        await books.run(both)
    assert await books.balances(owner) == (500, 0, 0)


async def test_of_fifty_parallel_holds_as_many_succeed_as_the_wallet_can_pay(books: Books) -> None:
    # given a wallet that can pay for ten
    owner = await books.owner()
    # when fifty come at once
    ended = await asyncio.gather(*(books.hold(owner, 50, f"h{number}") for number in range(50)), return_exceptions=True)
    # then ten are held and forty are refused for want of credits, none for another reason
    assert [type(end) for end in ended if end is not None] == [InsufficientCredits] * 40
    assert await books.balances(owner) == (0, 0, 500)
    assert await audit_books(books.database) == []


async def test_of_fifty_parallel_calls_for_one_hold_one_writes(books: Books) -> None:
    owner = await books.owner()
    await asyncio.gather(*(books.hold(owner, 50, "h1") for _ in range(50)))
    await asyncio.gather(*(books.settle(owner, "h1", 20) for _ in range(50)))
    assert await books.balances(owner) == (480, 0, 0)
    assert await books.story(owner) == ["GRANT", "HOLD", "SETTLE"]


async def test_a_payment_for_a_person_without_a_wallet_opens_it_once(books: Books) -> None:
    # given a person who never looked at their credits
    owner = new_id()
    # when many payments arrive at once, and somebody looks
    paid = [books.purchase(owner, 10, f"purchase:{number}") for number in range(10)]
    await asyncio.gather(*paid, *(books.wallets.wallet(owner) for _ in range(10)))
    # then there is one wallet with one first grant
    assert await books.balances(owner) == (500, 100, 0)
    assert sorted(await books.story(owner)) == ["GRANT", *["PURCHASE"] * 10]
    assert await audit_books(books.database) == []


async def test_a_paid_period_lets_the_old_credits_expire_and_grants_its_own(books: Books) -> None:
    # given a free wallet with bought credits and an open hold
    owner = await books.owner(packs=100)
    await books.hold(owner, 30, "h1")
    start = books.clock.now()
    end = start + timedelta(days=31)
    # when a paid period begins
    assert await books.start_period(owner, "creator", start, end, "period:1") is True
    assert await books.start_period(owner, "creator", start, end, "period:1") is False
    # then only plan credits expired
    assert await books.balances(owner) == (10_000, 100, 30)
    assert await books.story(owner) == ["GRANT", "PURCHASE", "HOLD", "EXPIRE", "GRANT"]
    assert (await books.wallets.plan_of(owner)).id == "creator"
    # and what is released comes back into the new period
    await books.settle(owner, "h1", 0)
    assert await books.balances(owner) == (10_030, 100, 0)


async def test_an_invoice_that_comes_late_does_not_turn_the_period_back(books: Books) -> None:
    owner = await books.owner()
    start = books.clock.now()
    months = [start + timedelta(days=31 * number) for number in range(3)]

    async def pay(number: int, plan: str = "creator") -> bool:
        return await books.start_period(owner, plan, months[number], months[number + 1], f"in:{number}")

    # given the second invoice arrived first, when the first one comes
    assert await pay(1) is True
    before = await books.stored(owner)
    assert await pay(0, "studio") is False
    # then nothing changed
    assert await books.stored(owner) == before


async def test_a_paid_period_replaces_a_free_one_that_ends_later(books: Books) -> None:
    # given a paid plan that was not renewed within the grace time
    owner = await books.owner()
    start = books.clock.now()
    first_end, second_end = start + timedelta(days=31), start + timedelta(days=60)
    await books.start_period(owner, "creator", start, first_end, "in:1")
    books.clock.advance(timedelta(days=35).total_seconds())
    assert (await books.wallets.wallet(owner)).plan_id == "free"
    # when the renewal is paid at last
    paid = await books.start_period(owner, "creator", first_end, second_end, "in:2")
    # then it counts
    assert paid is True
    assert await books.balances(owner) == (10_000, 0, 0)


async def test_a_plan_that_is_not_sold_cannot_start(books: Books) -> None:
    owner = await books.owner()
    start = books.clock.now()
    with pytest.raises(NotFound, match="There is no plan with the id 'gold'"):
        await books.start_period(owner, "gold", start, start + timedelta(days=31), "in:1")
    assert await books.story(owner) == ["GRANT"]
