"""A person's tracks and versions, with the files of those."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.kit.blobs import BlobStore
from domain.kit.personal_data import Erasure, PersonalData
from domain.library.stores.library import LibraryStore
from domain.library.stores.structures import StructureStore


class LibraryPersonalData(PersonalData):
    """Files go before the records that name them."""

    def __init__(self, store: LibraryStore, structures: StructureStore, blobs: BlobStore) -> None:
        self._store = store
        self._structures = structures
        self._blobs = blobs

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        """Each file with a link to fetch it by."""
        tracks, versions = await self._store.dump(account_id)
        for version in versions:
            for asset in version["assets"]:
                asset["url"] = await self._blobs.presigned_url(asset["key"], links_live)
        return {"tracks": tracks, "versions": versions, "structures": await self._structures.dump(account_id)}

    async def erase(self, erasure: Erasure) -> None:
        _, versions = await self._store.dump(erasure.account_id)
        folders = {asset["key"].rpartition("/")[0] for version in versions for asset in version["assets"]}
        for folder in folders:
            await self._blobs.delete_folder(folder)
        await self._structures.erase(erasure.account_id)
        await self._store.erase(erasure.account_id)
