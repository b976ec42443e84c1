"""Everything that accounts keep of one person: to be given to them, or removed."""

from collections.abc import Mapping
from typing import Any

from beanie import Document

from domain.accounts.documents import (
    AccountDocument,
    ApiKeyDocument,
    ExportDocument,
    MailedTokenDocument,
    ProviderAttemptDocument,
    SecondFactorDocument,
    SecurityEventDocument,
    SessionDocument,
)

# What proves who somebody is, is not given out, to nobody.
_SECRETS = {"password_hash": False, "token_hash": False, "key_hash": False, "sealed_secret": False}
_INTERNAL = {**_SECRETS, "recovery_hashes": False, "pseudonym": False, "is_being_erased": False, "last_step": False}
_OF_ACCOUNT: tuple[type[Document], ...] = (
    SessionDocument,
    ApiKeyDocument,
    MailedTokenDocument,
    ProviderAttemptDocument,
    SecurityEventDocument,
    ExportDocument,
)


class AccountPersonalStore:
    """The account with all that hangs on it."""

    async def dump(self, account_id: str) -> Mapping[str, Any]:
        return {
            "account": await self._found(AccountDocument, {"_id": account_id}),
            "second_factor": await self._found(SecondFactorDocument, {"_id": account_id}),
            "sessions": await self._found(SessionDocument, {"account_id": account_id}),
            "api_keys": await self._found(ApiKeyDocument, {"account_id": account_id}),
            "security_events": await self._found(SecurityEventDocument, {"account_id": account_id}),
        }

    async def erase(self, account_id: str, pseudonym: str) -> None:
        """The account itself goes last: as long as it is there, the erasure is taken up again.

        Organisations keep their logs, in which a pseudonym stands for the person, and no address.
        """
        forgotten = {"detail.account": pseudonym, "address": "", "user_agent": ""}
        events = SecurityEventDocument.get_pymongo_collection()
        await events.update_many({"detail.account": account_id}, {"$set": forgotten})
        for document in _OF_ACCOUNT:
            await document.get_pymongo_collection().delete_many({"account_id": account_id})
        await SecondFactorDocument.get_pymongo_collection().delete_one({"_id": account_id})
        await AccountDocument.get_pymongo_collection().delete_one({"_id": account_id})

    @staticmethod
    async def _found(document: type[Document], query: Mapping[str, Any]) -> list[dict[str, Any]]:
        return await document.get_pymongo_collection().find(query, _INTERNAL).sort("_id").to_list()
