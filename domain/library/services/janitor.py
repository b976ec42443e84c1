"""Deletes for good what was in the trash for too long, and what its owner does not want to wait for."""

import structlog

from domain.kit.blobs import BlobStore
from domain.kit.clock import Clock
from domain.library.folders import folders_of
from domain.library.followers import TrackFollowers
from domain.library.stores.trash import DoomedTrack, TrashStore
from domain.library.trash import outermost, strangers

log = structlog.get_logger()

BATCH = 100


class TrashJanitor:
    """A mark comes before the objects, and the track's record goes last, so that a round may break off anywhere."""

    def __init__(self, store: TrashStore, followers: TrackFollowers, blobs: BlobStore, clock: Clock) -> None:
        self._store = store
        self._followers = followers
        self._blobs = blobs
        self._clock = clock

    async def sweep(self) -> int:
        """One round; returns how many tracks it deleted."""
        await self._store.doom_expired(self._clock.now())
        deleted, last = 0, None
        while doomed := await self._store.doomed(BATCH, last):
            for track in doomed:
                await self._delete(track)
                deleted += 1
            last = doomed[-1].id
        return deleted

    async def _delete(self, doomed: DoomedTrack) -> None:
        """Objects that other tracks name stay, and those that only this one names go, wherever they lie."""
        named = await self._store.keys_of(doomed.id)
        folders = outermost([*folders_of(doomed.id), *await self._followers.folders(doomed.id)])
        keep = await self._store.keys_of_others(doomed.id, folders, named)
        keep |= await self._followers.kept(doomed.id, folders)
        for folder in folders:
            await self._blobs.delete_folder(folder, keep)
        for key in strangers(named, folders):
            if key not in keep:
                await self._blobs.delete(key)
        await self._followers.forget(doomed.id)
        await self._store.forget(doomed)
        log.info("track_deleted", track_id=doomed.id)
