"""Taking down what others shared, and lifting that again."""

from domain.accounts.audit import SecurityEventKind
from domain.accounts.model import Permission
from domain.accounts.service import AccountService
from domain.accounts.services.security_log import SecurityLog
from domain.kit.caller import UNKNOWN_CLIENT, Caller, Client
from domain.kit.clock import Clock
from domain.kit.errors import NotFound, ValidationFailed
from domain.kit.transactions import Session, Transactions
from domain.library.model import TakeDown, Track
from domain.library.sharing import SeenTrack, for_listeners, reason_issues
from domain.library.stores.moderation import ModerationStore


class TrackModeration:
    """A moderator sees what listeners see or last saw, and nothing that is private.

    A takedown reaches what else of the owner has the same sound, and is lifted with it. Both sides have it in the log
    of their account: the owner with the reason and without the moderator.
    """

    def __init__(
        self,
        store: ModerationStore,
        accounts: AccountService,
        security: SecurityLog,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._security = security
        self._transactions = transactions
        self._clock = clock

    async def take_down(self, caller: Caller, client: Client, track_id: str, reason: str) -> SeenTrack:
        """Again is no failure, and leaves the first reason. Raises `Forbidden`, `ValidationFailed` and `NotFound`."""
        moderator = await self._accounts.require(caller, Permission.MODERATE)
        if issues := reason_issues(reason := reason.strip()):
            raise ValidationFailed(issues)
        decided = TakeDown(self._clock.now(), reason)

        async def work(session: Session) -> Track | None:
            track = await self._store.take_down(track_id, decided, session)
            if track is not None:
                others = await self._store.reach(track, decided, session)
                detail = {"track_id": track_id, "reason": reason}
                kind = SecurityEventKind.TRACK_TAKEN_DOWN
                await self._tell(track, moderator.id, client, kind, detail, session, others)
            return track

        track = await self._transactions.run(work) or await self._store.find_taken_down(track_id)
        if track is None:
            raise NotFound("shared track", track_id)
        return for_listeners(track)

    async def reinstate(self, caller: Caller, client: Client, track_id: str) -> SeenTrack:
        """It is as visible again as its owner wants it. Raises `Forbidden`, and `NotFound` if it was not taken down."""
        moderator = await self._accounts.require(caller, Permission.MODERATE)

        async def work(session: Session) -> Track | None:
            track = await self._store.reinstate(track_id, session)
            if track is not None:
                await self._store.release(track, session)
                detail = {"track_id": track_id}
                await self._tell(track, moderator.id, client, SecurityEventKind.TRACK_REINSTATED, detail, session)
            return track

        track = await self._transactions.run(work)
        if track is None:
            raise NotFound("track that was taken down", track_id)
        return for_listeners(track)

    async def _tell(
        self,
        track: Track,
        moderator_id: str,
        client: Client,
        kind: SecurityEventKind,
        detail: dict[str, str],
        session: Session,
        others: int = 0,
    ) -> None:
        """How many others of the owner's tracks were reached is the owner's to know."""
        reached = {"other_tracks": str(others)} if others else {}
        await self._security.record(track.owner_id, kind, UNKNOWN_CLIENT, session, **detail, **reached)
        if moderator_id != track.owner_id:
            await self._security.record(moderator_id, kind, client, session, **detail)
