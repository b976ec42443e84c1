"""Gives facets to tracks that an earlier release has written."""

from domain.library.stores.indexing import IndexingStore

BATCH = 500


class TrackIndexing:
    """Looks for tracks without facets, or with those of another format. When all is well that is one look."""

    def __init__(self, store: IndexingStore) -> None:
        self._store = store

    async def sweep(self) -> int:
        """One round; returns how many tracks got new facets."""
        changed = 0
        while found := await self._store.outdated(BATCH):
            changed += await self._store.write(found)
            if len(found) < BATCH:
                break
        return changed
