"""A track of its own out of one version of another. No byte is copied: both name the same objects."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from domain.idempotency.model import key_issues, keyed_call
from domain.idempotency.service import Idempotency
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import NotFound, ValidationFailed
from domain.kit.transactions import Session
from domain.library.editing import TrackChanges, branched, change_issues
from domain.library.followers import TrackFollowers
from domain.library.model import Track
from domain.library.stores.library import LibraryStore
from domain.library.stores.moderation import ModerationStore
from domain.library.stores.structures import StructureStore

OPERATION = "branchTrack"


@dataclass(frozen=True)
class NewBranch:
    """Which version to begin with; without a `title` the branch has its track's."""

    version_id: str
    title: str | None = None
    idempotency_key: str | None = None


class TrackBranching:
    """What either track becomes later is nothing to the other, and what the two share goes with the last of them."""

    def __init__(
        self,
        store: LibraryStore,
        structures: StructureStore,
        moderation: ModerationStore,
        followers: TrackFollowers,
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._store = store
        self._structures = structures
        self._moderation = moderation
        self._followers = followers
        self._idempotency = idempotency
        self._clock = clock

    async def branch(self, caller: Caller, new: NewBranch) -> Track:
        """Raises `ValidationFailed`, `IdempotencyConflict`, and `NotFound`, also for a version in the trash."""
        owner_id = caller.require(Scope.LIBRARY)
        title = TrackChanges(title=new.title).tidied()
        if issues := [*change_issues(title), *key_issues(new.idempotency_key)]:
            raise ValidationFailed(issues)
        call = keyed_call(owner_id, new.idempotency_key, OPERATION, asdict(replace(new, idempotency_key=None)))

        async def work(session: Session) -> Sequence[str]:
            return [await self._write(owner_id, new.version_id, title.title, session)]

        (track_id,), _ = await self._idempotency.once(call, work)
        if (track := await self._store.find_track(owner_id, track_id)) is None:
            raise NotFound("track", track_id)
        return track

    async def _write(self, owner_id: str, version_id: str, title: str | None, session: Session) -> str:
        """The track is held, so that it is not thrown away and deleted before its objects have a second name."""
        now = self._clock.now()
        version = (await self._store.find_versions(owner_id, [version_id], session)).get(version_id)
        held = None if version is None else await self._store.hold(owner_id, version.track_id, now, session)
        if version is None or held is None:
            raise NotFound("version", version_id)
        track, first = branched(held, version, title, now)
        await self._store.insert(track, first, session)
        if track.sharing.taken_down is not None:
            await self._moderation.hand_down(held, track, session)
        await self._structures.copy(version.id, first, session)
        await self._followers.branch(version.id, first, session)
        return track.id
