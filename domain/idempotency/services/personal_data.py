"""What idempotency keys tell of a person: that a call was made within the last day."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.idempotency.store import KeyStore
from domain.kit.personal_data import Erasure, PersonalData


class KeyPersonalData(PersonalData):
    """Keys are removed with their person, and after a day in any case."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {"idempotency_keys": await self._store.dump(account_id)}

    async def erase(self, erasure: Erasure) -> None:
        await self._store.erase(erasure.account_id)
