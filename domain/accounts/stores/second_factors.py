"""The queries of second factors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.accounts.documents import SecondFactorDocument
from domain.kit.transactions import Session as Transaction


@dataclass(frozen=True)
class SecondFactor:
    """`is_on` once its owner has shown a first code."""

    sealed_secret: str = field(repr=False)
    is_on: bool
    recovery_codes_left: int


class SecondFactorStore:
    """Codes are used up in one step each, so that none counts twice."""

    async def find(self, account_id: str) -> SecondFactor | None:
        document = await SecondFactorDocument.get(account_id)
        if document is None:
            return None
        return SecondFactor(document.sealed_secret, document.is_on, len(document.recovery_hashes))

    async def begin(self, account_id: str, sealed_secret: str, now: datetime) -> bool:
        """Writes a secret that is not on yet, in place of an earlier one; False when one is on."""
        collection = SecondFactorDocument.get_pymongo_collection()
        await collection.delete_one({"_id": account_id, "is_on": False})
        fields = {"sealed_secret": sealed_secret, "is_on": False, "last_step": 0, "recovery_hashes": []}
        result = await collection.update_one(
            {"_id": account_id}, {"$setOnInsert": {**fields, "created_at": now}}, upsert=True
        )
        return result.upserted_id is not None

    async def switch_on(
        self, account_id: str, step: int, recovery_hashes: Sequence[str], transaction: Transaction
    ) -> bool:
        result = await SecondFactorDocument.get_pymongo_collection().update_one(
            {"_id": account_id, "is_on": False},
            {"$set": {"is_on": True, "last_step": step, "recovery_hashes": list(recovery_hashes)}},
            session=transaction,
        )
        return bool(result.matched_count)

    async def use_step(self, account_id: str, step: int) -> bool:
        """False when a code of this time step, or of a later one, was used before."""
        result = await SecondFactorDocument.get_pymongo_collection().update_one(
            {"_id": account_id, "is_on": True, "last_step": {"$lt": step}}, {"$set": {"last_step": step}}
        )
        return bool(result.matched_count)

    async def reseal(self, account_id: str, sealed_secret: str, renewed: str) -> None:
        """Writes the same secret sealed anew, unless there is another one by now."""
        await SecondFactorDocument.get_pymongo_collection().update_one(
            {"_id": account_id, "sealed_secret": sealed_secret}, {"$set": {"sealed_secret": renewed}}
        )

    async def use_recovery(self, account_id: str, recovery_hash: str) -> bool:
        result = await SecondFactorDocument.get_pymongo_collection().update_one(
            {"_id": account_id, "is_on": True, "recovery_hashes": recovery_hash},
            {"$pull": {"recovery_hashes": recovery_hash}},
        )
        return bool(result.matched_count)

    async def remove(self, account_id: str, transaction: Transaction | None = None) -> None:
        await SecondFactorDocument.get_pymongo_collection().delete_one({"_id": account_id}, session=transaction)
