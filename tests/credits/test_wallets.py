"""Wallets on a real MongoDB: opening, rolling periods, and the list of transfers."""

import asyncio
from datetime import timedelta

import pytest

from domain.credits.model import FREE_PLAN, GRACE
from domain.credits.periods import months_after
from domain.kit.caller import ANONYMOUS, Caller
from domain.kit.errors import Unauthenticated, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.paging import PageRequest
from tests.credits.audit import audit_books
from tests.credits.books import Books

DAY = timedelta(days=1)


async def test_a_first_look_opens_the_wallet_on_the_free_plan(books: Books) -> None:
    owner, now = new_id(), books.clock.now()
    wallet = await books.wallets.wallet(owner)
    assert (wallet.plan_id, wallet.available, wallet.held, wallet.total) == (FREE_PLAN, 500, 0, 500)
    assert timedelta() <= wallet.period_start - now < timedelta(seconds=10)
    assert wallet.period_end == months_after(wallet.period_start, 1)
    assert await books.wallets.wallet(owner) == wallet
    assert await books.story(owner) == ["GRANT"]


async def test_fifty_parallel_looks_open_one_wallet(books: Books) -> None:
    owner = new_id()
    seen = await asyncio.gather(*(books.wallets.wallet(owner) for _ in range(50)))
    assert len(set(seen)) == 1
    assert await books.story(owner) == ["GRANT"]
    assert await audit_books(books.database) == []


async def test_a_free_month_that_is_over_rolls_once_whoever_looks(books: Books) -> None:
    # given a wallet with 30 of 500 held, three months later
    owner = await books.owner(packs=100)
    await books.hold(owner, 30, "h1")
    opened = await books.stored(owner)
    books.clock.advance((months_after(opened.period_start, 3) - opened.period_start + DAY).total_seconds())
    # when fifty look at once
    seen = await asyncio.gather(*(books.wallets.wallet(owner) for _ in range(50)))
    # then one month was granted, the one that runs, and months are counted from the opening
    (wallet,) = set(seen)
    assert await books.balances(owner) == (500, 100, 30)
    assert await books.story(owner) == ["GRANT", "PURCHASE", "HOLD", "EXPIRE", "GRANT"]
    assert (wallet.period_start, wallet.period_end) == (
        months_after(opened.period_start, 3),
        months_after(opened.period_start, 4),
    )
    assert await audit_books(books.database) == []


async def test_a_free_month_lasts_until_its_end(books: Books) -> None:
    owner = await books.owner()
    opened = await books.stored(owner)
    books.clock.advance((opened.period_end - books.clock.now() - timedelta(seconds=10)).total_seconds())
    assert await books.wallets.wallet(owner) == opened
    books.clock.advance(10)
    assert (await books.wallets.wallet(owner)).period_start == opened.period_end


async def test_a_paid_plan_that_is_not_renewed_becomes_free_after_the_grace(books: Books) -> None:
    # given a paid period at its end
    owner = await books.owner()
    start = books.clock.now()
    end = start + timedelta(days=30)
    await books.start_period(owner, "studio", start, end, "in:1")
    books.clock.advance((end - start + GRACE - timedelta(minutes=1)).total_seconds())
    # then the plan goes on during the grace
    assert (await books.wallets.plan_of(owner)).id == "studio"
    # and ends after it, in a free month counted from the end of the paid one
    books.clock.advance(60)
    wallet = await books.wallets.wallet(owner)
    assert (wallet.plan_id, wallet.plan_credits) == (FREE_PLAN, 500)
    assert (wallet.period_start, wallet.period_end) == (end, months_after(end, 1))
    assert await books.story(owner) == ["GRANT", "EXPIRE", "GRANT", "EXPIRE", "GRANT"]


async def test_the_history_pages_newest_first(books: Books) -> None:
    # given seven transfers of one person and one of another, some within one millisecond
    owner, other = await books.owner(), await books.owner()
    await books.start_period(owner, "creator", books.clock.now(), books.clock.now() + 60 * DAY, "in:1")
    for number in range(4):
        await books.hold(owner, 1, f"h{number}")
    # when they are read by three
    caller, after, sequences = Caller(owner), None, []
    for _ in range(3):
        page = await books.wallets.history(caller, PageRequest(3, after))
        sequences.append([transfer.sequence for transfer in page.items])
        after = page.items[-1].id
    # then the pages join
    assert sequences == [[7, 6, 5], [4, 3, 2], [1]]
    assert page.has_next is False
    # and another's place is no place in this list
    (foreign,) = (await books.wallets.history(Caller(other), PageRequest(1))).items
    with pytest.raises(ValidationFailed, match="'after' is not a cursor of this list"):
        await books.wallets.history(caller, PageRequest(3, foreign.id))


async def test_transfers_are_found_by_their_owner_only(books: Books) -> None:
    owner, other = await books.owner(), await books.owner()
    (mine,) = (await books.wallets.history(Caller(owner), PageRequest(1))).items
    assert await books.wallets.transfers_by_id(Caller(owner), [mine.id, new_id()]) == {mine.id: mine}
    assert await books.wallets.transfers_by_id(Caller(other), [mine.id]) == {}


async def test_nobody_has_no_wallet(books: Books) -> None:
    with pytest.raises(Unauthenticated):
        await books.wallets.balance(ANONYMOUS)
    assert await books.database["credit_wallets"].count_documents({}) == 0
