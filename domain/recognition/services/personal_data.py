"""What a person's recordings are recognised by."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.kit.personal_data import Erasure, PersonalData
from domain.recognition.store import RecognitionStore


class RecognitionPersonalData(PersonalData):
    """Likenesses to recordings of others are not exported: they would tell of these."""

    def __init__(self, store: RecognitionStore) -> None:
        self._store = store

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        recordings, likenesses = await self._store.dump(account_id)
        return {"recordings": recordings, "likenesses": likenesses}

    async def erase(self, erasure: Erasure) -> None:
        await self._store.erase(erasure.account_id)
