"""Giving out playback: signed playlist URLs for listeners, segment lists written by workers."""

from collections.abc import Sequence
from datetime import timedelta

from domain.jobs.services.follow import JobFollowing
from domain.kit.blobs import BlobStore
from domain.kit.caller import Caller
from domain.kit.clock import Clock
from domain.kit.errors import NotFound
from domain.kit.transactions import Session
from domain.kit.trust.credentials import TokenSigner
from domain.library.model import Asset, AssetKind, Track, Version
from domain.library.service import LibraryService
from domain.library.services.listen import TrackListening, viewer_of
from domain.library.sharing import link_mark
from domain.playback.model import DownloadLink, Playback, Rendition, Segment
from domain.playback.services.download import TAGGED, TaggedDownloads, file_name
from domain.playback.store import RenditionStore
from domain.plays.services.tickets import Played, PlayTickets

PLAYBACK_AUDIENCE = "cadenza:playback"
# For other listeners than the owner: good only as long as the track is shared.
LISTENERS_AUDIENCE = "cadenza:listeners-playback"
# A player follows the redirect at once, and may remember it for a minute.
SEGMENT_LIVES = timedelta(minutes=5)
# A shared cache would answer after the address has expired.
SEGMENT_CACHING = "private, max-age=31536000, immutable"


class PlaybackService:
    """The token in a playlist URL is bound to one version and dies with its time."""

    def __init__(
        self,
        store: RenditionStore,
        library: LibraryService,
        listening: TrackListening,
        following: JobFollowing,
        blobs: BlobStore,
        signer: TokenSigner,
        clock: Clock,
        tickets: PlayTickets,
        tagged: TaggedDownloads,
        public_url: str,
        lives: timedelta,
    ) -> None:
        self._store = store
        self._library = library
        self._listening = listening
        self._following = following
        self._blobs = blobs
        self._signer = signer
        self._clock = clock
        self._tickets = tickets
        self._tagged = tagged
        self._public_url = public_url.rstrip("/")
        self._lives = lives

    async def playback(
        self, caller: Caller, track_id: str, version_id: str | None = None, secret: str | None = None
    ) -> Playback:
        """Of the version that is asked for, else of the current one, else of the first while it is being made.

        One's own works from the first segment on. Of others' tracks the current version, when they are public, or with
        the secret of their link. Raises `NotFound` for everything else.
        """
        viewer_id = viewer_of(caller)
        if viewer_id is not None:
            track = (await self._library.tracks_by_id(caller, [track_id])).get(track_id)
            wanted = track.current_version_id if version_id is None and track is not None else version_id
            rendition = await self._store.find_owned(viewer_id, track_id, wanted)
            if rendition is not None and await self._is_playable(rendition):
                downloads = await self._downloads(caller, track, rendition)
                return self._given(caller, PLAYBACK_AUDIENCE, rendition, downloads)
            if track is not None:
                raise NotFound("playable version of the track", track_id)
        return await self._for_listener(caller, track_id, version_id, secret)

    async def _for_listener(
        self, caller: Caller, track_id: str, version_id: str | None, secret: str | None
    ) -> Playback:
        track, version = await self._listening.to_hear(track_id, secret)
        rendition = await self._store.find(version.id) if version_id in (None, version.id) else None
        if rendition is None:
            raise NotFound("playable track", track_id)
        mark = "" if secret is None else link_mark(track.sharing)
        links = await self._links(track, version, is_own=False, mark=mark)
        return self._given(caller, LISTENERS_AUDIENCE, rendition, links, mark)

    def _given(
        self, caller: Caller, audience: str, rendition: Rendition, downloads: tuple[DownloadLink, ...], mark: str = ""
    ) -> Playback:
        """Addresses for one listen, by a link if there is a mark of one."""
        expires_at = self._clock.now() + self._lives
        token = self._signer.sign(audience, f"{rendition.version_id} {mark}".rstrip(), expires_at)
        seconds = rendition.duration_seconds if rendition.is_complete else None
        played = Played(rendition.track_id, rendition.owner_id, rendition.version_id, seconds)
        return Playback(
            track_id=rendition.track_id,
            version_id=rendition.version_id,
            hls_url=f"{self._public_url}/hls/{token}/master.m3u8",
            report_url=self._tickets.report_url(caller.account_id, played),
            expires_at=expires_at,
            is_complete=rendition.is_complete,
            duration_seconds=rendition.duration_seconds,
            downloads=downloads,
        )

    async def rendition_for(self, token: str) -> Rendition:
        """What the bearer of a playlist token may play; raises `NotFound` for a bad or expired one."""
        rendition = await self._rendition_of(token)
        if rendition is None or not await self._is_playable(rendition):
            raise NotFound("playlist", token)
        return rendition

    async def _rendition_of(self, token: str) -> Rendition | None:
        """Listeners hear a track as long as the way is open by which they came."""
        if (version_id := self._signer.read(PLAYBACK_AUDIENCE, token)) is not None:
            return await self._store.find(version_id)
        version_id, _, mark = (self._signer.read(LISTENERS_AUDIENCE, token) or "").partition(" ")
        rendition = await self._store.find(version_id) if version_id else None
        if rendition is None or not await self._listening.is_open(rendition.track_id, mark):
            return None
        return rendition

    async def _is_playable(self, rendition: Rendition) -> bool:
        """A growing rendition is shown as long as its job goes on, whatever a killed worker left behind."""
        if rendition.is_complete:
            return True
        return bool(rendition.segments) and await self._following.is_playable(rendition.job_id)

    async def segment_url(self, token: str, variant: str, name: str) -> str:
        """A short-lived URL in object storage for one file of a variant's playlist."""
        rendition = await self.rendition_for(token)
        key = rendition.key_of(variant, name)
        if key is None:
            raise NotFound("segment", name)
        return await self._blobs.presigned_url(key, min(self._lives, SEGMENT_LIVES), caching=SEGMENT_CACHING)

    async def asset_link(
        self, track: Track, version_id: str, asset: Asset, is_own: bool, mark: str = ""
    ) -> DownloadLink:
        """A link to one file of a version that the caller, its owner or a listener, was already allowed to see.

        `mark` is of the link by which a listener came.
        """
        expires_at = self._clock.now() + self._lives
        if asset.kind in TAGGED:
            url = self._tagged.url(track, version_id, asset, expires_at, is_own, mark)
        else:
            url = await self._blobs.presigned_url(asset.key, self._lives, file_name(track.title, asset))
        return DownloadLink(asset.kind, asset.label, url, asset.content_type, asset.size_bytes, expires_at)

    async def file(self, caller: Caller, track_id: str, *kinds: AssetKind) -> DownloadLink:
        """A link to what `asset` finds. Raises `NotFound`."""
        track, asset = await self.asset(caller, track_id, *kinds)
        is_own = track.owner_id == viewer_of(caller)
        return await self.asset_link(track, track.current_version_id, asset, is_own)

    async def asset(self, caller: Caller, track_id: str, *kinds: AssetKind) -> tuple[Track, Asset]:
        """The file of the current version of the first of these kinds that there is, and that the caller may fetch.

        One's own, and of public tracks what listeners get. Raises `NotFound`.
        """
        own = {} if viewer_of(caller) is None else await self._library.tracks_by_id(caller, [track_id])
        version: Version | None
        if (track := own.get(track_id)) is None:
            track, version = await self._listening.to_hear(track_id, None)
        else:
            current = track.current_version_id
            version = (await self._library.versions_by_id(caller, [current])).get(current)
        files = () if version is None else track.files_of(version)
        asset = next((each for kind in kinds for each in files if each.kind is kind), None)
        if asset is None:
            raise NotFound("such file of the track", track_id)
        return track, asset

    async def begin(self, rendition: Rendition, session: Session) -> str | None:
        """See `RenditionStore.begin`."""
        return await self._store.begin(rendition, self._clock.now(), session)

    async def adopt(self, version_id: str, prefix: str, attempt: int, session: Session) -> Rendition | None:
        """See `RenditionStore.adopt`."""
        return await self._store.adopt(version_id, prefix, attempt, session)

    async def append(self, rendition: Rendition, segments: Sequence[Segment], peaks: Sequence[int] = ()) -> bool:
        """See `RenditionStore.append`."""
        return await self._store.append(rendition.version_id, rendition.attempt, segments, peaks)

    async def complete(self, rendition: Rendition, session: Session) -> bool:
        return await self._store.complete(rendition.version_id, rendition.attempt, session)

    async def take_back(self, rendition: Rendition) -> bool:
        """Removes an unfinished rendition and its objects; False when it is not this attempt's any more.

        It is hidden first and its record goes last, so that objects are only removed under a name that nobody can
        take up, and are still named by a record when this breaks in the middle. The janitor then ends it. A worker that
        was frozen in an upload may end it after another has begun anew: what no record names any more goes at once.
        """
        if not await self._store.doom(rendition.version_id, rendition.attempt):
            if not await self._store.names(rendition.version_id, rendition.prefix):
                await self._blobs.delete_folder(rendition.prefix)
            return False
        await self._blobs.delete_folder(rendition.prefix)
        return await self._store.discard(rendition.version_id, rendition.attempt)

    async def _downloads(self, caller: Caller, track: Track | None, rendition: Rendition) -> tuple[DownloadLink, ...]:
        """The files of the version that plays; none while it is being made."""
        if track is None or not rendition.is_complete:
            return ()
        versions = await self._library.versions_by_id(caller, [rendition.version_id])
        return await self._links(track, versions[rendition.version_id], is_own=True)

    async def _links(self, track: Track, version: Version, is_own: bool, mark: str = "") -> tuple[DownloadLink, ...]:
        files = track.files_of(version)
        return tuple([await self.asset_link(track, version.id, asset, is_own, mark) for asset in files])
