"""Bringing a picture, making it a track's cover, and removing what is left of both."""

import hashlib
from pathlib import Path

import structlog

from domain.kit.blob_intake import BlobIntake, BlobTooLarge
from domain.kit.blobs import BlobStore
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable, NotFound, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.pictures import PictureReader, UnusablePicture
from domain.library.errors import EditConflict
from domain.library.model import Asset, AssetKind, Track
from domain.library.service import LibraryService
from domain.library.services.edit import TrackEditing
from domain.playback.services.record import work_folder
from domain.uploads.covers import MAX_OPEN, CoverUpload, NewCover, cover_issues, cover_key
from domain.uploads.errors import CoverMissing, CoverRefused, TooManyUploads
from domain.uploads.model import URLS_LIVE
from domain.uploads.stores.covers import CoverUploadStore

log = structlog.get_logger()

BATCH = 100


class CoverUploads:
    """Where to send pictures. An address is good for an hour."""

    def __init__(self, store: CoverUploadStore, intake: BlobIntake, library: LibraryService, clock: Clock) -> None:
        self._store = store
        self._intake = intake
        self._library = library
        self._clock = clock

    async def create(self, caller: Caller, new: NewCover) -> tuple[CoverUpload, str]:
        """With the address to PUT it to. Raises `ValidationFailed`, `NotFound` and `TooManyUploads`."""
        if issues := cover_issues(new):
            raise ValidationFailed(issues)
        track, now = await self._library.track(caller, new.track_id), self._clock.now()
        if await self._store.count_open(track.owner_id, now) >= MAX_OPEN:
            raise TooManyUploads(MAX_OPEN, "Each of them ends an hour after it was opened.")
        upload = CoverUpload(new_id(), track.owner_id, track.id, new.size_bytes, now, now + URLS_LIVE)
        await self._store.insert(upload)
        return upload, await self._intake.put_url(upload.key, upload.size_bytes, URLS_LIVE)


class CoverSetting:
    """A picture is decoded in the locked process, and what is kept is made of its pixels alone.

    The new file is there before the track names it, and the old one goes after that: in between both are.
    """

    def __init__(
        self,
        store: CoverUploadStore,
        intake: BlobIntake,
        pictures: PictureReader,
        blobs: BlobStore,
        library: LibraryService,
        editing: TrackEditing,
        clock: Clock,
        work_root: Path,
    ) -> None:
        self._store = store
        self._intake = intake
        self._pictures = pictures
        self._blobs = blobs
        self._library = library
        self._editing = editing
        self._clock = clock
        self._work_root = work_root

    async def set(self, caller: Caller, upload_id: str, expected_revision: int) -> Track:
        """Raises `NotFound`, `EditConflict`, `CoverMissing` and `CoverRefused`; then nothing has changed."""
        upload = await self._store.find_open(caller.require(Scope.LIBRARY), upload_id, self._clock.now())
        if upload is None:
            raise NotFound("picture on its way", upload_id)
        track = await self._expected(caller, upload.track_id, expected_revision)
        cover = await self._stored(track, await self._square(upload))
        try:
            changed = await self._editing.set_own_cover(caller, track.id, expected_revision, cover)
        except BaseException:
            await self._let_go(cover)
            raise
        await self._let_go(track.own_cover)
        return changed

    async def remove(self, caller: Caller, track_id: str, expected_revision: int) -> Track:
        """Back to the cover of its version. Raises `NotFound` and `EditConflict`."""
        track = await self._expected(caller, track_id, expected_revision)
        changed = await self._editing.set_own_cover(caller, track_id, expected_revision, None)
        await self._let_go(track.own_cover)
        return changed

    async def _expected(self, caller: Caller, track_id: str, revision: int) -> Track:
        track = await self._library.track(caller, track_id)
        if track.revision != revision:
            raise EditConflict(track)
        return track

    async def _square(self, upload: CoverUpload) -> bytes:
        with work_folder(self._work_root, upload.id) as folder:
            path = folder / "picture"
            try:
                fetched = await self._intake.fetch(upload.key, path, upload.size_bytes)
            except (NotFound, BlobTooLarge):
                raise CoverMissing() from None
            if fetched.size_bytes != upload.size_bytes:
                raise CoverMissing()
            try:
                return await self._pictures.square(path)
            except UnusablePicture as unusable:
                raise CoverRefused(unusable.fault) from unusable

    async def _stored(self, track: Track, jpeg: bytes) -> Asset:
        key = cover_key(track.id, new_id())
        await self._blobs.put(key, jpeg, "image/jpeg")
        return Asset(AssetKind.COVER, key, hashlib.sha256(jpeg).hexdigest(), len(jpeg), "image/jpeg")

    async def _let_go(self, cover: Asset | None) -> None:
        """What cannot be removed now lies in the track's folder and goes with it."""
        if cover is None:
            return
        try:
            await self._blobs.delete(cover.key)
        except DependencyUnavailable as error:
            log.warning("cover_left_behind", key=cover.key, reason=error.detail)


class CoverJanitor:
    """Removes pictures when nobody can use them any more, and what was still being sent has long arrived."""

    def __init__(self, store: CoverUploadStore, blobs: BlobStore, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock

    async def sweep(self) -> int:
        """One round; returns how many it removed."""
        removed = 0
        before = self._clock.now() - URLS_LIVE
        while over := await self._store.over(before, BATCH):
            for upload in over:
                await self._blobs.delete_folder(upload.folder)
                await self._store.remove(upload.id)
            removed += len(over)
        return removed
