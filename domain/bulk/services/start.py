"""Starting a bulk edit: who may, which tracks, and a job that is accepted with them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from domain.bulk.model import (
    JOB_KIND,
    MAX_TRACKS,
    BulkAction,
    BulkEdit,
    NewBulkEdit,
    bulk_issues,
    deadline_seconds,
    nominal_seconds,
)
from domain.bulk.store import BulkEditStore
from domain.credits.services.wallets import CreditWallets
from domain.idempotency.model import KeyedCall, key_issues, keyed_call
from domain.jobs.model import Job, NewJob, Share
from domain.jobs.services.accept import JobAcceptance
from domain.kit.caller import Caller, Client, Scope
from domain.kit.clock import Clock
from domain.kit.errors import Forbidden, Issue, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from domain.library.listing import TrackFilter
from domain.library.services.select import TrackSelection
from domain.library.services.share import TrackSharing
from domain.playlists.services.entries import PlaylistEntries

OPERATION = "startBulkEdit"


class BulkEditStart:
    """What would be refused for every track is refused here; what concerns single tracks is told when it is over."""

    def __init__(
        self,
        store: BulkEditStore,
        selection: TrackSelection,
        sharing: TrackSharing,
        entries: PlaylistEntries,
        wallets: CreditWallets,
        acceptance: JobAcceptance,
        clock: Clock,
    ) -> None:
        self._store = store
        self._selection = selection
        self._sharing = sharing
        self._entries = entries
        self._wallets = wallets
        self._acceptance = acceptance
        self._clock = clock

    async def start(self, caller: Caller, client: Client, new: NewBulkEdit) -> Job:
        """Accepts the job, which costs nothing. What a filter means is decided now.

        Raises `ValidationFailed`, `Forbidden`, `EmailUnverified`, `NotFound` for a playlist, `IdempotencyConflict`,
        `TooManyJobs` and `Overloaded`.
        """
        owner_id = caller.require(Scope.LIBRARY)
        if issues := [*bulk_issues(new), *key_issues(new.idempotency_key)]:
            raise ValidationFailed(issues)
        call = _keyed(owner_id, new)
        if (repeated := await self._acceptance.repeated(call)) is not None:
            return repeated[0]
        await self._check(caller, new)
        track_ids = await self._chosen(caller, new)
        edit = BulkEdit(
            job_id=new_id(),
            owner_id=owner_id,
            change=new.change,
            track_ids=track_ids,
            total=len(track_ids),
            credential=caller.credential,
            scopes=caller.scopes,
            client=client,
        )
        return await self._accept(edit, call)

    async def _check(self, caller: Caller, new: NewBulkEdit) -> None:
        change = new.change
        if change.action in (BulkAction.LIKE, BulkAction.UNLIKE) and caller.is_partner:
            raise Forbidden("Only people like tracks, not organisations. Use a person's session or key.")
        if change.visibility is not None:
            await self._sharing.check(caller, change.visibility)
        if change.playlist_id is not None:
            await self._entries.check(caller, change.playlist_id)

    async def _chosen(self, caller: Caller, new: NewBulkEdit) -> Sequence[str]:
        """Each track once."""
        if new.track_ids is not None:
            return tuple(dict.fromkeys(new.track_ids))
        in_trash = new.change.action.is_of_the_trash
        found = await self._selection.ids(caller, new.wanted or TrackFilter(), in_trash, MAX_TRACKS + 1)
        if len(found) > MAX_TRACKS:
            raise ValidationFailed([Issue("filter", f"More than {MAX_TRACKS:,} tracks fit. Ask for fewer at once.")])
        return found

    async def _accept(self, edit: BulkEdit, call: KeyedCall | None) -> Job:
        job = NewJob(
            id=edit.job_id,
            kind=JOB_KIND,
            owner_id=edit.owner_id,
            share=Share.of(await self._wallets.plan_of(edit.owner_id), is_batch=True),
            price=0,
            nominal_seconds=nominal_seconds(edit.total),
            deadline_seconds=deadline_seconds(edit.total),
        )

        async def write(session: Session) -> None:
            await self._store.insert(edit, self._clock.now(), session)

        (accepted,) = await self._acceptance.accept([job], call, write)
        return accepted


def _keyed(owner_id: str, new: NewBulkEdit) -> KeyedCall | None:
    wanted: dict[str, Any] | None = None if new.wanted is None else asdict(new.wanted)
    if wanted is not None:
        wanted |= {name: str(value) for name, value in wanted.items() if name.startswith("created_")}
    given = {"change": asdict(new.change), "trackIds": new.track_ids, "filter": wanted}
    return keyed_call(owner_id, new.idempotency_key, OPERATION, given)
