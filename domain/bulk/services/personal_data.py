"""What bulk edits tell of a person."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.bulk.store import BulkEditStore
from domain.kit.personal_data import Erasure, PersonalData


class BulkPersonalData(PersonalData):
    """What was changed by whom; the tracks themselves are the library's."""

    def __init__(self, store: BulkEditStore) -> None:
        self._store = store

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {"bulk_edits": await self._store.dump(account_id)}

    async def erase(self, erasure: Erasure) -> None:
        await self._store.erase(erasure.account_id)
