"""A person's renditions, with the segments of those."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.kit.blobs import BlobStore
from domain.kit.personal_data import Erasure, PersonalData
from domain.playback.store import RenditionStore


class PlaybackPersonalData(PersonalData):
    """A rendition holds nothing that the track of the library does not, so it is not exported."""

    def __init__(self, store: RenditionStore, blobs: BlobStore) -> None:
        self._store = store
        self._blobs = blobs

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {}

    async def erase(self, erasure: Erasure) -> None:
        for prefix in await self._store.prefixes_of(erasure.account_id):
            await self._blobs.delete_folder(prefix)
        await self._store.erase(erasure.account_id)
