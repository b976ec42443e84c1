"""What accounts know of a person: the account, sessions, keys, events, and exports of their data."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.accounts.stores.personal import AccountPersonalStore
from domain.kit.blobs import BlobStore
from domain.kit.personal_data import Erasure, PersonalData

EXPORTS = "exports"


class AccountPersonalData(PersonalData):
    """Comes last of all areas, because the account is what an erasure is remembered by."""

    def __init__(self, store: AccountPersonalStore, blobs: BlobStore) -> None:
        self._store = store
        self._blobs = blobs

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return await self._store.dump(account_id)

    async def erase(self, erasure: Erasure) -> None:
        await self._blobs.delete_folder(f"{EXPORTS}/{erasure.account_id}")
        await self._store.erase(erasure.account_id, erasure.pseudonym)
