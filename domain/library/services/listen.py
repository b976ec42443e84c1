"""Finding tracks that one may listen to: one's own, what is public, and what a link opens."""

from collections.abc import Sequence

from domain.kit.caller import Caller, Scope
from domain.kit.errors import NotFound
from domain.kit.keyset import SortedPageRequest
from domain.kit.paging import Page
from domain.kit.trust.secret_links import hash_of
from domain.library.model import Track, Version, VersionFacts
from domain.library.sharing import SeenTrack, files_for_listeners, for_listeners, is_open_by
from domain.library.stores.library import LibraryStore
from domain.library.stores.shared import SharedStore


class TrackListening:
    """Nobody in particular may call. What is not there and what is not shown to the caller is the same."""

    def __init__(self, library: LibraryStore, shared: SharedStore) -> None:
        self._library = library
        self._shared = shared

    async def by_id(self, caller: Caller, track_ids: Sequence[str]) -> dict[str, SeenTrack]:
        """The caller's own and public ones among these, in two queries at most."""
        viewer_id = viewer_of(caller)
        own = {} if viewer_id is None else await self._library.find_tracks(viewer_id, track_ids)
        found = {track_id: SeenTrack(track, is_own=True) for track_id, track in own.items()}
        others = [track_id for track_id in track_ids if track_id not in found]
        public = await self._shared.find_public(others) if others else ()
        return found | {track.id: for_listeners(track) for track in public}

    async def by_secret(self, caller: Caller, secret: str) -> SeenTrack:
        """What a link opens, to its owner as to anybody. Raises `NotFound`."""
        return self._seen(caller, await self._linked(secret))

    async def published(self, caller: Caller, owner_id: str, page: SortedPageRequest) -> Page[SeenTrack]:
        """A person's public tracks, the latest first."""
        found = await self._shared.page_public(owner_id, page)
        return found.map(lambda track: self._seen(caller, track))

    async def versions_by_id(self, caller: Caller, version_ids: Sequence[str]) -> dict[str, VersionFacts]:
        """The caller's own and those that play of public tracks, in two queries at most."""
        viewer_id = viewer_of(caller)
        found: dict[str, VersionFacts] = {}
        if viewer_id is not None:
            found |= await self._library.find_versions(viewer_id, version_ids)
        others = [version_id for version_id in version_ids if version_id not in found]
        playing = await self._shared.find_playing(others) if others else ()
        return found | {track.current_version_id: for_listeners(track).track.current for track in playing}

    async def to_hear(self, track_id: str, secret: str | None) -> tuple[Track, Version]:
        """A track and its current version with the files that listeners get. Raises `NotFound`."""
        if secret is None:
            (track,) = await self._shared.find_public([track_id]) or (None,)
        else:
            track = await self._linked(secret)
        version = None if track is None or track.id != track_id else await self._shared.version_of(track)
        if track is None or version is None:
            raise NotFound("track", track_id)
        return track, files_for_listeners(track, version)

    async def is_open(self, track_id: str, mark: str) -> bool:
        """Whether somebody who was given the track to hear may go on: by a link of this mark, or by none."""
        sharing = await self._shared.sharing_of(track_id)
        return sharing is not None and is_open_by(sharing, mark)

    async def _linked(self, secret: str) -> Track:
        hashed = hash_of(secret)
        track = None if hashed is None else await self._shared.find_by_link(hashed)
        if track is None:
            raise NotFound("track with this link", secret)
        return track

    @staticmethod
    def _seen(caller: Caller, track: Track) -> SeenTrack:
        return SeenTrack(track, is_own=True) if track.owner_id == viewer_of(caller) else for_listeners(track)


def viewer_of(caller: Caller) -> str | None:
    """None for nobody; raises `Forbidden` for a key that may not look at libraries."""
    return None if caller.account_id is None else caller.require(Scope.LIBRARY)
