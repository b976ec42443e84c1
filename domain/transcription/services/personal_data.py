"""The notes that were found in a person's recordings."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from domain.kit.notes import unpacked
from domain.kit.personal_data import Erasure, PersonalData
from domain.transcription.store import TranscriptionStore


class TranscriptionPersonalData(PersonalData):
    """Notes are told one by one: nobody can read how they are kept."""

    def __init__(self, store: TranscriptionStore) -> None:
        self._store = store

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        found = await self._store.dump(account_id)
        told = [{**each, "notes": [asdict(note) for note in unpacked(each["notes"])]} for each in found]
        return {"transcriptions": told}

    async def erase(self, erasure: Erasure) -> None:
        await self._store.erase(erasure.account_id)
