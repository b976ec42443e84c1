"""Reading one's tracks and versions, and adding what a job made."""

from collections.abc import Sequence
from datetime import datetime

from domain.kit.audio.sound import Structure
from domain.kit.caller import Caller, Scope
from domain.kit.errors import NotFound, ValidationFailed
from domain.kit.keyset import SortedPageRequest
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.library.listing import ALL_TRACKS, TrackFilter, filter_issues
from domain.library.model import Track, Version
from domain.library.recording import NewTrack, NewVersion
from domain.library.stores.library import LibraryStore
from domain.library.stores.structures import StructureStore


class LibraryService:
    """A person sees their own tracks. What does not exist and what belongs to others is the same `NotFound`."""

    def __init__(self, store: LibraryStore, structures: StructureStore) -> None:
        self._store = store
        self._structures = structures

    async def track(self, caller: Caller, track_id: str) -> Track:
        track = await self._store.find_track(caller.require(Scope.LIBRARY), track_id)
        if track is None:
            raise NotFound("track", track_id)
        return track

    async def tracks(self, caller: Caller, page: SortedPageRequest, wanted: TrackFilter = ALL_TRACKS) -> Page[Track]:
        """Those that are wanted, in the order of the page. Raises `ValidationFailed`."""
        owner_id = caller.require(Scope.LIBRARY)
        if issues := filter_issues(wanted):
            raise ValidationFailed(issues)
        return await self._store.page_tracks(owner_id, page, wanted)

    async def versions(self, caller: Caller, track_ids: Sequence[str], page: PageRequest) -> dict[str, Page[Version]]:
        """The same page of the versions of each of these tracks, in one query; none of a track that has none."""
        return await self._store.page_versions(caller.require(Scope.LIBRARY), track_ids, page)

    async def tracks_by_id(self, caller: Caller, track_ids: Sequence[str]) -> dict[str, Track]:
        """The caller's tracks among these ids, in one query."""
        return await self._store.find_tracks(caller.require(Scope.LIBRARY), track_ids)

    async def versions_by_id(self, caller: Caller, version_ids: Sequence[str]) -> dict[str, Version]:
        """The caller's versions among these ids, in one query."""
        return await self._store.find_versions(caller.require(Scope.LIBRARY), version_ids)

    async def structures(self, caller: Caller, version_ids: Sequence[str]) -> dict[str, Structure]:
        """Beats and sections of the caller's versions among these ids, in one query, as far as they were measured."""
        return await self._structures.find_many(caller.require(Scope.LIBRARY), version_ids)

    async def has(self, owner_id: str, track_id: str) -> bool:
        """Whether a version may still join this track, for the worker that is about to make it."""
        return await self._store.find_track(owner_id, track_id) is not None

    async def add(
        self, made: NewTrack | NewVersion, structure: Structure | None, now: datetime, session: Session
    ) -> None:
        """Writes what a job has made inside its transaction.

        Raises `NotFound` when the track that a version was to join has gone into the trash meanwhile.
        """
        if isinstance(made, NewTrack):
            await self._store.insert(made.track, made.version, session)
        elif not await self._store.join(made, now, session):
            raise NotFound("track", made.version.track_id)
        if structure is not None:
            await self._structures.insert(made.owner_id, made.version, structure, session)
