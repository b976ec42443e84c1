"""What uploads tell of a person, and what they have in storage."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from domain.kit.blobs import BlobStore
from domain.kit.personal_data import Erasure, PersonalData
from domain.library.folders import folders_of
from domain.uploads.services.storage import UploadStorage
from domain.uploads.store import UploadStore
from domain.uploads.stores.covers import CoverUploadStore

# Where storage gathers parts is no fact about the person.
_INTERNAL = ("owner_id", "gathering")


class UploadPersonalData(PersonalData):
    """The brought file itself is the original of a version, which the library gives and removes."""

    def __init__(self, store: UploadStore, storage: UploadStorage, blobs: BlobStore, covers: CoverUploadStore) -> None:
        self._store = store
        self._storage = storage
        self._blobs = blobs
        self._covers = covers

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        found = [asdict(upload) for upload in await self._store.all_of(account_id)]
        covers = [asdict(upload) for upload in await self._covers.all_of(account_id)]
        return {"uploads": _told(found), "cover_uploads": _told(covers)}

    async def erase(self, erasure: Erasure) -> None:
        for upload in await self._store.all_of(erasure.account_id):
            await self._storage.clear(upload)
            for folder in folders_of(upload.track_id):
                await self._blobs.delete_folder(folder)
        for cover in await self._covers.all_of(erasure.account_id):
            await self._blobs.delete_folder(cover.folder)
        await self._covers.erase(erasure.account_id)
        await self._store.erase(erasure.account_id)


def _told(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: record[name] for name in record if name not in _INTERNAL} for record in records]
