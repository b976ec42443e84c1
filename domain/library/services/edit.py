"""Changing a track: what is said of it, and which of its versions plays. Files never change."""

from collections.abc import Callable

from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import NotFound, ValidationFailed
from domain.kit.transactions import Session
from domain.library.editing import (
    TrackChanges,
    change_issues,
    differs,
    edited,
    with_current,
    with_lyrics,
    with_own_cover,
)
from domain.library.errors import EditConflict
from domain.library.lyric_wish import LyricsWish, wished_lyrics
from domain.library.model import Asset, Track
from domain.library.services.revisions import TrackRevisions
from domain.library.stores.library import LibraryStore


class TrackEditing:
    """Every change names the revision that the client has read, and is written only behind exactly that one.

    All calls raise `NotFound` and, with the track as it is, `EditConflict`.
    """

    def __init__(self, store: LibraryStore, clock: Clock) -> None:
        self._store = store
        self._revisions = TrackRevisions(store)
        self._clock = clock

    async def update(self, caller: Caller, track_id: str, expected_revision: int, changes: TrackChanges) -> Track:
        """Raises `ValidationFailed`. Without any change the track stays at its revision."""
        owner_id = caller.require(Scope.LIBRARY)
        changes = changes.tidied()
        if issues := change_issues(changes):
            raise ValidationFailed(issues)
        track = await self._revisions.expected(owner_id, track_id, expected_revision)
        if changes.is_empty:
            return track
        return await self._save(edited(track, changes, self._clock.now()))

    async def revise(
        self, caller: Caller, track_id: str, wish: Callable[[Track], TrackChanges], session: Session
    ) -> bool:
        """Changes a track from whatever it is inside the transaction; False when it is so already.

        No revision is expected: the change is made of what the transaction sees. Raises `ValidationFailed`.
        """
        track = await self._store.find_track(caller.require(Scope.LIBRARY), track_id, session)
        if track is None:
            raise NotFound("track", track_id)
        changes = wish(track).tidied()
        if issues := change_issues(changes):
            raise ValidationFailed(issues)
        if not differs(track, changes):
            return False
        if await self._store.save(edited(track, changes, self._clock.now()), session) is None:
            raise EditConflict(track)
        return True

    async def set_current_version(
        self, caller: Caller, track_id: str, version_id: str, expected_revision: int
    ) -> Track:
        """Raises `NotFound` for a version of another track, too."""
        owner_id = caller.require(Scope.LIBRARY)
        track = await self._revisions.expected(owner_id, track_id, expected_revision)
        version = (await self._store.find_versions(owner_id, [version_id])).get(version_id)
        if version is None or version.track_id != track_id:
            raise NotFound("version of this track", version_id)
        if version_id == track.current_version_id:
            return track
        return await self._save(with_current(track, version, self._clock.now()))

    async def set_lyrics(self, caller: Caller, track_id: str, expected_revision: int, wish: LyricsWish) -> Track:
        """Nothing wished for removes them. Raises `ValidationFailed` and `LyricsDamaged`."""
        owner_id = caller.require(Scope.LIBRARY)
        lyrics = wished_lyrics(wish)
        track = await self._revisions.expected(owner_id, track_id, expected_revision)
        if lyrics == track.lyrics:
            return track
        return await self._save(with_lyrics(track, lyrics, self._clock.now()))

    async def set_own_cover(self, caller: Caller, track_id: str, expected_revision: int, cover: Asset | None) -> Track:
        """The bytes are there already; those of the cover before are the caller's to remove."""
        track = await self._revisions.expected(caller.require(Scope.LIBRARY), track_id, expected_revision)
        if cover == track.own_cover:
            return track
        return await self._save(with_own_cover(track, cover, self._clock.now()))

    async def _save(self, changed: Track) -> Track:
        if (saved := await self._store.save(changed)) is not None:
            return saved
        raise await self._revisions.overtaken(changed)
