"""What jobs tell of a person."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.jobs.stores.personal import JobPersonalStore
from domain.kit.personal_data import Erasure, PersonalData


class JobPersonalData(PersonalData):
    """A job that goes on would write behind an erasure, so it is waited for."""

    def __init__(self, store: JobPersonalStore) -> None:
        self._store = store

    async def obstacle(self, account_id: str) -> str | None:
        if not await self._store.has_open(account_id):
            return None
        return "Jobs of yours are still going on. Wait for them, or cancel them; see `jobs`."

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {"jobs": await self._store.dump(account_id)}

    async def erase(self, erasure: Erasure) -> None:
        await self._store.erase(erasure.account_id)
