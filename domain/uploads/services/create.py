"""Opening an upload: who may bring how much, and where storage gathers it."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from domain.credits.errors import PlanLimitReached
from domain.credits.model import Plan
from domain.credits.services.wallets import CreditWallets
from domain.idempotency.model import keyed_call
from domain.idempotency.service import Idempotency
from domain.kit.artists import Artist, Artists
from domain.kit.blob_intake import BlobIntake
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import NotFound, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from domain.library.model import Track
from domain.library.services.join import TrackJoining
from domain.uploads.errors import TooManyUploads
from domain.uploads.meter import UploadMeter
from domain.uploads.model import (
    LIVES,
    NewUpload,
    Upload,
    UploadLimits,
    UploadStatus,
    comes_in_parts,
    upload_issues,
)
from domain.uploads.services.storage import UploadStorage
from domain.uploads.store import UploadStore

OPERATION = "createUpload"


class UploadCreation:
    """An upload is open for a day."""

    def __init__(
        self,
        store: UploadStore,
        intake: BlobIntake,
        storage: UploadStorage,
        artists: Artists,
        wallets: CreditWallets,
        joining: TrackJoining,
        idempotency: Idempotency,
        meter: UploadMeter,
        clock: Clock,
        limits: UploadLimits,
    ) -> None:
        self._store = store
        self._intake = intake
        self._storage = storage
        self._artists = artists
        self._wallets = wallets
        self._joining = joining
        self._idempotency = idempotency
        self._meter = meter
        self._clock = clock
        self._limits = limits

    async def create(self, caller: Caller, new: NewUpload) -> Upload:
        """Raises `Unauthenticated`, `Forbidden`, `ValidationFailed`, `PlanLimitReached`, `TooManyUploads` and
        `IdempotencyConflict`; `NotFound` when a repeated call's upload is gone, or the version to begin with;
        `EmailUnverified` for one that would be published.
        """
        artist = await self._artists.of_caller(caller, Scope.UPLOAD)
        if issues := upload_issues(new, self._limits):
            raise ValidationFailed(issues)
        given: dict[str, Any] = {
            "fileName": new.file_name,
            "sizeBytes": new.size_bytes,
            "contentType": new.content_type,
            **({} if new.descent is None else {"descent": asdict(new.descent)}),
        }
        call = keyed_call(artist.id, new.idempotency_key, OPERATION, given)
        if (repeated := await self._idempotency.results_of(call)) is not None:
            return await self._found(artist.id, repeated[0])
        joined: Track | None = None
        if new.descent is not None:
            joining = await self._joining.to_join(caller, new.descent)
            joined, new = joining.track, replace(new, descent=joining.descent)
        upload = await self._opened(artist, new, await self._wallets.plan_of(artist.id), joined)

        async def work(session: Session) -> Sequence[str]:
            await self._store.insert(upload, session)
            return [upload.id]

        try:
            (upload_id,), made = await self._idempotency.once(call, work)
        except BaseException:
            await self._storage.let_go(upload)
            raise
        if not made:
            await self._storage.let_go(upload)
            return await self._found(artist.id, upload_id)
        self._meter.opened(upload.size_bytes)
        return upload

    async def _opened(self, artist: Artist, new: NewUpload, plan: Plan, joined: Track | None) -> Upload:
        limits, now = self._limits.within(plan), self._clock.now()
        if new.size_bytes > limits.max_bytes:
            raise PlanLimitReached(plan.name, "sizeBytes", limits.max_bytes)
        if await self._store.count_open(artist.id, now) >= limits.max_open:
            raise TooManyUploads(limits.max_open)
        upload = Upload(
            id=new_id(),
            owner_id=artist.id,
            artist=artist.name if joined is None else joined.artist,
            file_name=new.file_name,
            size_bytes=new.size_bytes,
            content_type=new.content_type,
            gathering=None,
            max_seconds=limits.max_seconds,
            status=UploadStatus.OPEN,
            created_at=now,
            expires_at=now + LIVES,
            track_id=new_id() if joined is None else joined.id,
            version_id=new_id(),
            title=None if joined is None else joined.title,
            descent=new.descent,
        )
        if not comes_in_parts(new.size_bytes):
            return upload
        return replace(upload, gathering=await self._intake.begin_parts(upload.key))

    async def _found(self, owner_id: str, upload_id: str) -> Upload:
        upload = await self._store.find_owned(owner_id, upload_id)
        if upload is None:
            raise NotFound("upload", upload_id)
        return upload
