"""The queries of organisations. What people read and change starts from their membership."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from domain.kit.personal_data import Erasure
from domain.kit.rate_limit import Bucket
from domain.kit.transactions import Session
from domain.partners.documents import BudgetPart, MemberPart, OrganisationDocument
from domain.partners.model import MAX_FOUNDED, MAX_MEMBERS, Member, MemberRole, Organisation

MOST_LISTED = 100


def to_organisation(record: OrganisationDocument) -> Organisation:
    budget = record.budget
    return Organisation(
        id=record.id,
        name=record.name,
        founder_id=record.founder_id,
        created_at=record.created_at,
        members=tuple(Member(part.account_id, part.role, part.since) for part in record.members),
        budget=None if budget is None else Bucket(budget.capacity, budget.restore_per_second),
    )


class OrganisationStore:
    """`organisations`. Changes of members are conditions and effect in one write."""

    async def insert(self, organisation: Organisation, slot: int, session: Session) -> None:
        """A slot that is taken is a duplicate key of the transaction."""
        record = OrganisationDocument(
            id=organisation.id,
            name=organisation.name,
            founder_id=organisation.founder_id,
            slot=slot,
            created_at=organisation.created_at,
            members=[MemberPart(**vars(member)) for member in organisation.members],
        )
        await record.insert(session=session)

    async def free_slot(self, founder_id: str, session: Session) -> int | None:
        """A number that none of the founder's organisations has; None when there are as many as there may be."""
        query = {"founder_id": founder_id}
        cursor = OrganisationDocument.get_pymongo_collection().find(query, {"slot": 1}, session=session)
        taken = {raw["slot"] for raw in await cursor.to_list()}
        return next((slot for slot in range(MAX_FOUNDED) if slot not in taken), None)

    async def find(self, organisation_id: str, session: Session | None = None) -> Organisation | None:
        """For organisations that call themselves, for whoever is invited, and for operators."""
        record = await OrganisationDocument.find_one({"_id": organisation_id, "deleted_at": None}, session=session)
        return None if record is None else to_organisation(record)

    async def find_many(self, ids: Sequence[str]) -> dict[str, Organisation]:
        """For whoever is invited: those that exist, in one query."""
        found = await OrganisationDocument.find({"_id": {"$in": list(ids)}, "deleted_at": None}).to_list()
        return {record.id: to_organisation(record) for record in found}

    async def find_as_member(self, account_id: str, organisation_id: str) -> Organisation | None:
        query = {"_id": organisation_id, "members.account_id": account_id}
        record = await OrganisationDocument.find_one(query)
        return None if record is None else to_organisation(record)

    async def of_member(self, account_id: str, ids: Sequence[str] | None = None) -> Sequence[Organisation]:
        """Newest first; those with these ids, or all."""
        query: dict[str, Any] = {"members.account_id": account_id}
        if ids is not None:
            query["_id"] = {"$in": list(ids)}
        found = await OrganisationDocument.find(query).sort("-_id").limit(MOST_LISTED).to_list()
        return [to_organisation(record) for record in found]

    async def add_member(self, organisation_id: str, member: Member, session: Session) -> Organisation | None:
        """None when the person is a member already, or when there are as many members as there may be."""
        query = {
            "_id": organisation_id,
            "deleted_at": None,
            "members.account_id": {"$ne": member.account_id},
            f"members.{MAX_MEMBERS - 1}": {"$exists": False},
        }
        return await self._change(query, {"$push": {"members": MemberPart(**vars(member)).model_dump()}}, None, session)

    async def set_role(self, organisation_id: str, account_id: str, role: MemberRole) -> Organisation | None:
        """None when the person is no member, or would leave the organisation without an owner."""
        query = _leaves_an_owner(organisation_id, account_id, still_owner=role is MemberRole.OWNER)
        return await self._change(query, {"$set": {"members.$[one].role": role.value}}, account_id)

    async def remove_member(self, organisation_id: str, account_id: str) -> Organisation | None:
        """None when the person is no member, or the only owner."""
        query = _leaves_an_owner(organisation_id, account_id, still_owner=False)
        return await self._change(query, {"$pull": {"members": {"account_id": account_id}}})

    async def set_budget(self, organisation_id: str, budget: Bucket | None) -> Organisation | None:
        part = None if budget is None else BudgetPart(**vars(budget)).model_dump()
        return await self._change({"_id": organisation_id, "deleted_at": None}, {"$set": {"budget": part}})

    async def rename(self, organisation_id: str, owner_id: str, name: str) -> Organisation | None:
        """None when this person does not own it."""
        return await self._change(_owned(organisation_id, owner_id), {"$set": {"name": name}})

    async def close(
        self,
        organisation: Organisation,
        owner_id: str,
        now: datetime,
        place_free_at: datetime,
        pseudonym: str,
        session: Session,
    ) -> bool:
        """Leaves of the record what an erasure needs. False when it has another name by now, or other owners."""
        query = {**_owned(organisation.id, owner_id), "name": organisation.name}
        fields = {"members": [], "name": "", "deleted_at": now, "erase_at": now, "budget": None}
        update = {"$set": {**fields, "pseudonym": pseudonym, "place_free_at": place_free_at}}
        return await self._change(query, update, None, session) is not None

    async def to_be_erased(self, now: datetime, limit: int) -> Sequence[Erasure]:
        """Closed ones that have made something, also those whose erasure broke off."""
        cursor = OrganisationDocument.get_pymongo_collection().find({"erase_at": {"$lte": now}})
        found = await cursor.sort("erase_at").limit(limit).to_list()
        return [Erasure(raw["_id"], raw["pseudonym"]) for raw in found]

    async def postpone_erasure(self, organisation_id: str, erase_at: datetime) -> None:
        await self._change({"_id": organisation_id, "erase_at": {"$ne": None}}, {"$set": {"erase_at": erase_at}})

    async def note_erased(self, organisation_id: str, settled: datetime, again_at: datetime) -> bool:
        """The end of an erasure if it was closed by `settled`; else it will be erased once more, and this is False."""
        query = {"_id": organisation_id, "deleted_at": {"$lte": settled}}
        if await self._change(query, {"$set": {"erase_at": None, "pseudonym": None}}) is not None:
            return True
        await self.postpone_erasure(organisation_id, again_at)
        return False

    async def remove_over(self, now: datetime) -> int:
        """Closed ones whose place is free again, and of which nothing is left to erase."""
        query = {"place_free_at": {"$lte": now}, "erase_at": None}
        return (await OrganisationDocument.get_pymongo_collection().delete_many(query)).deleted_count

    async def rename_author(self, account_id: str, pseudonym: str) -> None:
        """Puts a pseudonym in the place of somebody who is forgotten."""
        await OrganisationDocument.get_pymongo_collection().update_many(
            {"founder_id": account_id}, {"$set": {"founder_id": pseudonym}}
        )

    async def remove(self, organisation_id: str) -> None:
        await OrganisationDocument.get_pymongo_collection().delete_one({"_id": organisation_id})

    @staticmethod
    async def _change(
        query: Mapping[str, Any],
        update: Mapping[str, Any],
        account_id: str | None = None,
        session: Session | None = None,
    ) -> Organisation | None:
        raw = await OrganisationDocument.get_pymongo_collection().find_one_and_update(
            query,
            update,
            return_document=ReturnDocument.AFTER,
            array_filters=None if account_id is None else [{"one.account_id": account_id}],
            session=session,
        )
        return None if raw is None else to_organisation(OrganisationDocument.model_validate(raw))


def _owned(organisation_id: str, owner_id: str) -> dict[str, Any]:
    owner = {"account_id": owner_id, "role": MemberRole.OWNER.value}
    return {"_id": organisation_id, "members": {"$elemMatch": owner}}


def _leaves_an_owner(organisation_id: str, account_id: str, *, still_owner: bool) -> dict[str, Any]:
    """The organisation with this member, if it has an owner when this one is none any more."""
    query: dict[str, Any] = {"_id": organisation_id, "members.account_id": account_id}
    if not still_owner:
        other = {"role": MemberRole.OWNER.value, "account_id": {"$ne": account_id}}
        query["members"] = {"$elemMatch": other}
    return query
