"""The queries of registered operations, each bound to one organisation or to those of a member."""

from collections.abc import Sequence
from typing import Any

from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.partners.documents import OperationDocument
from domain.partners.operations import RegisteredOperation


def to_operation(record: OperationDocument) -> RegisteredOperation:
    return RegisteredOperation(
        id=record.id,
        organisation_id=record.organisation_id,
        digest=record.digest,
        aliases=tuple(name for name in record.names if name != record.digest),
        text=record.text,
        name=record.name,
        type=record.type,
        cost=record.cost,
        registered_at=record.registered_at,
        registered_by=record.registered_by,
    )


class OperationStore:
    """`partner_operations`."""

    async def insert(self, operations: Sequence[RegisteredOperation], session: Session) -> None:
        """A name that another operation of the organisation has is a duplicate key of the transaction."""
        records = [_to_record(operation) for operation in operations]
        if records:
            await OperationDocument.insert_many(records, session=session)

    async def add_aliases(self, operation: RegisteredOperation, aliases: Sequence[str], session: Session) -> None:
        """A name that another operation of the organisation has is a duplicate key of the transaction."""
        await OperationDocument.get_pymongo_collection().update_one(
            {"_id": operation.id}, {"$addToSet": {"names": {"$each": list(aliases)}}}, session=session
        )

    async def by_names(
        self, organisation_id: str, names: Sequence[str], session: Session | None = None
    ) -> Sequence[RegisteredOperation]:
        """Those that one of the names stands for."""
        query = {"organisation_id": organisation_id, "names": {"$in": list(names)}}
        return [to_operation(record) for record in await OperationDocument.find(query, session=session).to_list()]

    async def count(self, organisation_id: str, session: Session) -> int:
        return await OperationDocument.find({"organisation_id": organisation_id}, session=session).count()

    async def page(self, organisation_id: str, page: PageRequest) -> Page[RegisteredOperation]:
        """Newest first."""
        query: dict[str, Any] = {"organisation_id": organisation_id}
        if page.after is not None:
            query["_id"] = {"$lt": page.after}
        found = await OperationDocument.find(query).sort("-_id").limit(page.first + 1).to_list()
        return Page.cut([to_operation(record) for record in found], page)

    async def find_many(self, organisation_ids: Sequence[str], ids: Sequence[str]) -> Sequence[RegisteredOperation]:
        query = {"_id": {"$in": list(ids)}, "organisation_id": {"$in": list(organisation_ids)}}
        return [to_operation(record) for record in await OperationDocument.find(query).to_list()]

    async def remove(self, organisation_id: str, ids: Sequence[str]) -> int:
        """How many there were."""
        query = {"_id": {"$in": list(ids)}, "organisation_id": organisation_id}
        return (await OperationDocument.get_pymongo_collection().delete_many(query)).deleted_count

    async def rename_author(self, account_id: str, pseudonym: str) -> None:
        """Puts a pseudonym in the place of somebody who is forgotten."""
        await OperationDocument.get_pymongo_collection().update_many(
            {"registered_by": account_id}, {"$set": {"registered_by": pseudonym}}
        )

    async def remove_all(self, organisation_id: str, session: Session | None = None) -> None:
        await OperationDocument.get_pymongo_collection().delete_many(
            {"organisation_id": organisation_id}, session=session
        )


def _to_record(operation: RegisteredOperation) -> OperationDocument:
    fields = {name: value for name, value in vars(operation).items() if name != "aliases"}
    return OperationDocument(**fields, names=[operation.digest, *operation.aliases])
