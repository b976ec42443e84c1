"""What MongoDB itself refuses to keep, whatever program writes it, and how a lost race is told."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure, WriteError

from adapters import mongo
from domain.credits import booking
from domain.credits.booking import Cause
from domain.credits.documents import TransferDocument, WalletDocument
from domain.credits.model import Wallet
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from tests.credits.books import Books

NOW = datetime(2026, 11, 1, tzinfo=UTC)
VALIDATION = 121


def raw_transfer(**fields: Any) -> dict[str, Any]:
    return {
        "_id": new_id(),
        "owner_id": "ada",
        "sequence": 1,
        "kind": "PURCHASE",
        "reference": "purchase:1",
        "postings": [{"account": "SOLD", "amount": -5}, {"account": "PACKS", "amount": 5}],
        "balances": {"plan": 0, "packs": 5, "held": 0},
        "created_at": NOW,
        **fields,
    }


def postings(*amounts: Any) -> list[dict[str, Any]]:
    return [{"account": "PACKS", "amount": amount} for amount in amounts]


async def test_mongodb_takes_a_transfer_that_sums_to_zero(books: Books) -> None:
    await books.database["credit_transfers"].insert_one(raw_transfer())
    assert await books.database["credit_transfers"].count_documents({}) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"postings": postings(5, -4)},
        {"postings": postings(5)},
        {"postings": []},
        {"postings": postings(5, "-5", -5)},
        {"postings": postings(0.5, -0.5)},
        {"postings": None},
        {"postings": [{"account": "POCKET", "amount": 0}, {"account": "PACKS", "amount": 0}]},
        {"kind": "GIFT"},
        {"reference": ""},
        {"balances": {"plan": -1, "packs": 5, "held": 0}},
        {"sequence": 0},
    ],
    ids=str,
)
async def test_mongodb_refuses_a_wrong_transfer(books: Books, wrong: dict[str, Any]) -> None:
    with pytest.raises(WriteError) as refused:
        await books.database["credit_transfers"].insert_one(raw_transfer(**wrong))
    assert refused.value.code == VALIDATION
    assert await books.database["credit_transfers"].count_documents({}) == 0


async def test_mongodb_refuses_a_change_that_unbalances_a_transfer(books: Books) -> None:
    transfers = books.database["credit_transfers"]
    await transfers.insert_one(raw_transfer())
    with pytest.raises(WriteError) as refused:
        await transfers.update_one({"owner_id": "ada"}, {"$inc": {"postings.0.amount": 1}})
    assert refused.value.code == VALIDATION


@pytest.mark.parametrize("again", [{"reference": "purchase:2"}, {"sequence": 2}], ids=str)
async def test_mongodb_refuses_a_second_transfer_with_a_reference_or_a_sequence(
    books: Books, again: dict[str, Any]
) -> None:
    await books.database["credit_transfers"].insert_one(raw_transfer())
    with pytest.raises(DuplicateKeyError):
        await books.database["credit_transfers"].insert_one(raw_transfer(**again))


@pytest.mark.parametrize("field", ["plan_credits", "pack_credits", "held"])
async def test_mongodb_refuses_a_wallet_below_zero(books: Books, field: str) -> None:
    owner = await books.owner()
    before = await books.stored(owner)
    for change in ({"$set": {field: -1}}, {"$set": {field: 0.5}}, {"$unset": {field: 1}}):
        with pytest.raises(WriteError) as refused:
            await books.database["credit_wallets"].update_one({"_id": owner}, change)
        assert refused.value.code == VALIDATION
    assert await books.stored(owner) == before


async def test_preparing_again_mends_a_validator_and_keeps_the_data(books: Books) -> None:
    # given a database of an earlier release, without the validator
    owner = await books.owner()
    await books.database.command("collMod", "credit_wallets", validator={})
    # when a program starts, twice
    for _ in range(2):
        await mongo.prepare(books.database.client, books.database.name, [WalletDocument, TransferDocument])
    # then MongoDB refuses again, and nothing was lost
    with pytest.raises(WriteError):
        await books.database["credit_wallets"].update_one({"_id": owner}, {"$set": {"held": -1}})
    assert await books.balances(owner) == (500, 0, 0)


async def test_a_wallet_that_was_read_too_early_makes_the_transaction_start_again(books: Books) -> None:
    # given a wallet that was read before somebody else changed it
    owner = await books.owner()
    stale = await books.stored(owner)
    await books.hold(owner, 10, "h1")
    # when a booking is made on it
    with pytest.raises(OperationFailure) as refused:
        async with books.database.client.start_session() as session, await session.start_transaction():
            await books.store.apply(stale, booking.purchase(stale, 5, Cause("purchase:1", NOW)), session)
    # then the driver is told to try again, and nothing was written
    assert refused.value.has_error_label("TransientTransactionError")
    assert await books.story(owner) == ["GRANT", "HOLD"]


async def test_a_wallet_that_was_opened_meanwhile_makes_the_transaction_start_again(books: Books) -> None:
    # given somebody who believes that there is no wallet
    owner = await books.owner()
    opened = booking.open_wallet(owner, books.catalogue.free, NOW)
    believes: list[Wallet | None] = [None]

    async def open_again(session: Session) -> None:
        if believes:
            await books.store.apply(believes.pop(), opened, session)

    # when they open it, then they are not told of a duplicate but run again
    await books.run(open_again)
    assert believes == []
    assert await books.story(owner) == ["GRANT"]
