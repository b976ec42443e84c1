"""What everybody does who changes a track: reads the revision that was expected, and tells who was quicker."""

from domain.kit.errors import NotFound
from domain.library.errors import EditConflict
from domain.library.model import Track
from domain.library.stores.library import LibraryStore


class TrackRevisions:
    """A change names the revision that the client has read, and is written only behind exactly that one."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store

    async def expected(self, owner_id: str, track_id: str, revision: int) -> Track:
        """Raises `NotFound` and, with the track as it is, `EditConflict`."""
        track = await self._store.find_track(owner_id, track_id)
        if track is None:
            raise NotFound("track", track_id)
        if track.revision != revision:
            raise EditConflict(track)
        return track

    async def overtaken(self, changed: Track) -> NotFound | EditConflict:
        """Why a change was not written: somebody else was quicker since the track was read."""
        current = await self._store.find_track(changed.owner_id, changed.id)
        return NotFound("track", changed.id) if current is None else EditConflict(current)
