"""What a person wrote in prompts, and the objects of songs that were never finished."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.generation.store import GenerationStore
from domain.kit.blobs import BlobStore
from domain.kit.personal_data import Erasure, PersonalData
from domain.library.folders import folders_of


class GenerationPersonalData(PersonalData):
    """Every song that was asked for has its own folder, also if nothing but litter came of it."""

    def __init__(self, store: GenerationStore, blobs: BlobStore) -> None:
        self._store = store
        self._blobs = blobs

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {"requests": await self._store.dump(account_id)}

    async def erase(self, erasure: Erasure) -> None:
        for generation in await self._store.dump(erasure.account_id):
            for folder in folders_of(generation["track_id"]):
                await self._blobs.delete_folder(folder)
        await self._store.erase(erasure.account_id)
