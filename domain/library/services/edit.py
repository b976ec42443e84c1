"""Changing a track: what is said of it, and which of its versions plays. Files never change."""

from collections.abc import Callable, Mapping, Sequence

from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import DomainError, NotFound, ValidationFailed
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
from domain.library.lyric_wish import LyricsWish, wished_lyrics
from domain.library.model import Asset, Track, Visibility
from domain.library.services.publishing import PublishingRight
from domain.library.services.revisions import TrackRevisions
from domain.library.stores.library import LibraryStore


class TrackEditing:
    """Every change names the revision that the client has read, and is written only behind exactly that one.

    All calls raise `NotFound` and, with the track as it is, `EditConflict`.
    """

    def __init__(self, store: LibraryStore, publishing: PublishingRight, clock: Clock) -> None:
        self._store = store
        self._publishing = publishing
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
        self, caller: Caller, track_ids: Sequence[str], wish: Callable[[Track], TrackChanges], session: Session
    ) -> Mapping[str, bool | DomainError]:
        """Changes tracks from whatever they are inside the transaction, in two commands; in the order of the ids.

        No revision is expected: each change is made of what the transaction sees. Tells of each whether it was
        changed, or why it cannot be: `NotFound` or `ValidationFailed`.
        """
        found = await self._store.find_tracks(caller.require(Scope.LIBRARY), track_ids, session)
        revised = {track_id: self._revised(found.get(track_id), track_id, wish) for track_id in track_ids}
        changed = [track for track in revised.values() if isinstance(track, Track)]
        await self._store.save_all(changed, session)
        return {
            track_id: made if isinstance(made, DomainError) else made is not None for track_id, made in revised.items()
        }

    def _revised(
        self, track: Track | None, track_id: str, wish: Callable[[Track], TrackChanges]
    ) -> Track | DomainError | None:
        """The next revision; None when it is so already."""
        if track is None:
            return NotFound("track", track_id)
        changes = wish(track).tidied()
        if issues := change_issues(changes):
            return ValidationFailed(issues)
        return edited(track, changes, self._clock.now()) if differs(track, changes) else None

    async def set_current_version(
        self, caller: Caller, track_id: str, version_id: str, expected_revision: int
    ) -> Track:
        """Raises `NotFound` for a version of another track, too.

        Of a public track it is what everybody hears: raises `Forbidden` and `EmailUnverified` for who may not publish.
        """
        owner_id = caller.require(Scope.LIBRARY)
        track = await self._revisions.expected(owner_id, track_id, expected_revision)
        version = (await self._store.find_versions(owner_id, [version_id])).get(version_id)
        if version is None or version.track_id != track_id:
            raise NotFound("version of this track", version_id)
        if version_id == track.current_version_id:
            return track
        if track.sharing.visibility is Visibility.PUBLIC:
            await self._publishing.check(caller)
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
