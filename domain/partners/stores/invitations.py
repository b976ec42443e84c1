"""The queries of invitations. One that was answered or taken back is not there any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from domain.kit.transactions import Session
from domain.partners.documents import InvitationDocument
from domain.partners.invitations import MAX_INVITATIONS, Invitation

MOST_RECEIVED = 100


def to_invitation(record: InvitationDocument) -> Invitation:
    return Invitation(**record.model_dump(exclude={"revision_id", "token_hash"}))


class InvitationStore:
    """`organisation_invitations`: at most one for an address in an organisation."""

    async def renew(self, invitation: Invitation, token_hash: str, session: Session) -> Invitation:
        """Writes an invitation; one that the address has already keeps its id, and its letter is good no more.

        Another call that invites the same address at the same moment is a duplicate key of the transaction.
        """
        fields = {name: value for name, value in vars(invitation).items() if name != "id"}
        raw = await InvitationDocument.get_pymongo_collection().find_one_and_update(
            {"organisation_id": invitation.organisation_id, "email": invitation.email},
            {"$set": {**fields, "token_hash": token_hash}, "$setOnInsert": {"_id": invitation.id}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return to_invitation(InvitationDocument.model_validate(raw))

    async def count_others(self, organisation_id: str, email: str, now: datetime, session: Session) -> int:
        """How many other addresses are invited."""
        query = {"organisation_id": organisation_id, "email": {"$ne": email}, "expires_at": {"$gt": now}}
        return await InvitationDocument.find(query, session=session).count()

    async def find_by_token(self, token_hash: str, now: datetime, session: Session) -> Invitation | None:
        query = {"token_hash": token_hash, "expires_at": {"$gt": now}}
        record = await InvitationDocument.find_one(query, session=session)
        return None if record is None else to_invitation(record)

    async def of_organisations(
        self, organisation_ids: Sequence[str], now: datetime, ids: Sequence[str] | None = None
    ) -> Sequence[Invitation]:
        """Newest first; those with these ids, or all."""
        query: dict[str, Any] = {"organisation_id": {"$in": list(organisation_ids)}, "expires_at": {"$gt": now}}
        if ids is not None:
            query["_id"] = {"$in": list(ids)}
        return await self._found(query, 2 * MAX_INVITATIONS)

    async def to_address(self, email: str, now: datetime) -> Sequence[Invitation]:
        """Newest first."""
        return await self._found({"email": email, "expires_at": {"$gt": now}}, MOST_RECEIVED)

    async def remove(self, invitation_id: str, session: Session) -> bool:
        """False when it was answered or taken back meanwhile."""
        collection = InvitationDocument.get_pymongo_collection()
        return (await collection.delete_one({"_id": invitation_id}, session=session)).deleted_count == 1

    async def remove_of_person(self, account_id: str, email: str | None) -> None:
        """Those that somebody wrote, and those to the address that is shown to be theirs."""
        either: list[Mapping[str, Any]] = [{"invited_by": account_id}]
        if email is not None:
            either.append({"email": email})
        await InvitationDocument.get_pymongo_collection().delete_many({"$or": either})

    async def remove_all(self, organisation_id: str, session: Session | None = None) -> None:
        await InvitationDocument.get_pymongo_collection().delete_many(
            {"organisation_id": organisation_id}, session=session
        )

    @staticmethod
    async def _found(query: Mapping[str, Any], limit: int) -> Sequence[Invitation]:
        found = await InvitationDocument.find(query).sort("-_id").limit(limit).to_list()
        return [to_invitation(record) for record in found]
