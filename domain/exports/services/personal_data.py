"""What exports tell of a person, and what of them lies in storage."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.exports.model import folder_of
from domain.exports.store import ExportStore
from domain.kit.blob_intake import BlobIntake
from domain.kit.blobs import BlobStore
from domain.kit.personal_data import Erasure, PersonalData


class ExportPersonalData(PersonalData):
    """An archive holds no other archive."""

    def __init__(self, store: ExportStore, blobs: BlobStore, intake: BlobIntake) -> None:
        self._store = store
        self._blobs = blobs
        self._intake = intake

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {"exports": await self._store.dump(account_id)}

    async def erase(self, erasure: Erasure) -> None:
        await self._intake.drop_all(folder_of(erasure.account_id))
        await self._blobs.delete_folder(folder_of(erasure.account_id))
        await self._store.erase(erasure.account_id)
