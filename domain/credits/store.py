"""The queries of credits, each bound to the owner. Wallets change only together with the transfers that explain it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pymongo.errors import DuplicateKeyError, OperationFailure

from domain.credits.documents import TransferDocument, WalletDocument
from domain.credits.model import Balances, Booking, Posting, Transfer, Wallet
from domain.kit.errors import Issue, ValidationFailed
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session

WRITE_CONFLICT = 112


def to_wallet(record: WalletDocument) -> Wallet:
    return Wallet(owner_id=record.id, **record.model_dump(exclude={"id", "revision_id"}))


def to_transfer(record: TransferDocument) -> Transfer:
    fields = record.model_dump(exclude={"revision_id", "postings", "balances"})
    postings = tuple(Posting(part.account, part.amount) for part in record.postings)
    balances = record.balances
    return Transfer(**fields, postings=postings, balances=Balances(balances.plan, balances.packs, balances.held))


def _conflict(owner_id: str) -> OperationFailure:
    """Tells the driver to run the transaction again, as MongoDB's own write conflicts do."""
    details = {"errorLabels": ["TransientTransactionError"]}
    return OperationFailure(f"the wallet of {owner_id} was changed meanwhile", WRITE_CONFLICT, details)


class CreditStore:
    """Reads, and one write: a booking, in a transaction of the caller's."""

    async def find(self, owner_id: str, session: Session | None = None) -> Wallet | None:
        record = await WalletDocument.get(owner_id, session=session)
        return None if record is None else to_wallet(record)

    async def find_transfer(self, owner_id: str, reference: str, session: Session) -> Transfer | None:
        record = await TransferDocument.find_one({"owner_id": owner_id, "reference": reference}, session=session)
        return None if record is None else to_transfer(record)

    async def find_many(self, owner_id: str, transfer_ids: Sequence[str]) -> dict[str, Transfer]:
        query = {"_id": {"$in": list(transfer_ids)}, "owner_id": owner_id}
        return {record.id: to_transfer(record) for record in await TransferDocument.find(query).to_list()}

    async def page(self, owner_id: str, page: PageRequest) -> Page[Transfer]:
        """Newest first by sequence, which ids made within one millisecond do not tell.

        Raises `ValidationFailed` when `after` is not a transfer of this owner.
        """
        query: dict[str, Any] = {"owner_id": owner_id}
        if page.after is not None:
            last = await TransferDocument.find_one({"_id": page.after, "owner_id": owner_id})
            if last is None:
                raise ValidationFailed([Issue("after", "'after' is not a cursor of this list.")])
            query["sequence"] = {"$lt": last.sequence}
        found = await TransferDocument.find(query).sort("-sequence").limit(page.first + 1).to_list()
        return Page.cut([to_transfer(record) for record in found], page)

    async def apply(self, before: Wallet | None, booking: Booking, session: Session) -> None:
        """Writes the wallet, if it is still as it was `before` (None: not there), and then the transfers.

        A wallet that somebody else changed makes the transaction start again. It is written first because it is
        what parallel bookings meet on.
        """
        try:
            await self.write_wallet(before, booking.wallet, session)
            await self.write_transfers(booking.transfers, session)
        except DuplicateKeyError as error:
            raise _conflict(booking.wallet.owner_id) from error

    async def write_wallet(self, before: Wallet | None, wallet: Wallet, session: Session) -> None:
        fields = asdict(wallet)
        owner_id = fields.pop("owner_id")
        if before is None:
            await WalletDocument(id=owner_id, **fields).insert(session=session)
            return
        written = await WalletDocument.get_pymongo_collection().update_one(
            {"_id": owner_id, "revision": before.revision}, {"$set": fields}, session=session
        )
        if written.matched_count == 0:
            raise _conflict(owner_id)

    async def write_transfers(self, transfers: Sequence[Transfer], session: Session) -> None:
        for transfer in transfers:
            await TransferDocument.model_validate(asdict(transfer)).insert(session=session)

    async def dump(self, owner_id: str) -> Mapping[str, Any]:
        """The wallet and all transfers, as they lie there."""
        query = {"owner_id": owner_id}
        return {
            "wallet": await WalletDocument.get_pymongo_collection().find_one({"_id": owner_id}),
            "transfers": await TransferDocument.get_pymongo_collection().find(query).sort("sequence").to_list(),
        }

    async def rename_owner(self, owner_id: str, pseudonym: str, session: Session) -> None:
        """Moves the wallet and its chain of transfers under another name; done already, it changes nothing."""
        wallets = WalletDocument.get_pymongo_collection()
        wallet = await wallets.find_one({"_id": owner_id}, session=session)
        if wallet is not None:
            await wallets.insert_one({**wallet, "_id": pseudonym}, session=session)
            await wallets.delete_one({"_id": owner_id}, session=session)
        await TransferDocument.get_pymongo_collection().update_many(
            {"owner_id": owner_id}, {"$set": {"owner_id": pseudonym}}, session=session
        )
