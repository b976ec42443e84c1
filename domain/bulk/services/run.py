"""Changing the tracks of a bulk edit, some at a time. Runs in a worker under a lease."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog

from domain.bulk.model import BulkEdit
from domain.bulk.services.change import TrackChanger
from domain.bulk.store import BulkEditStore
from domain.jobs.errors import JobYields
from domain.jobs.model import JobStage, Lease
from domain.jobs.services.run import JobRunning
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable
from domain.kit.queue import JobQueue, QueueName
from domain.kit.transactions import DuplicateKey, Session

log = structlog.get_logger()

# After so long it looks whether somebody waits for a song.
TURN = timedelta(seconds=5)
REPORT_EVERY = timedelta(seconds=0.5)
# How often somebody else may come first to the very same place.
TRIES = 5


class BulkEditing:
    """A batch of tracks and the count of what is done are one transaction under the lease.

    So each track is changed once, whatever dies, and a worker that was replaced changes none.
    """

    def __init__(
        self,
        store: BulkEditStore,
        changer: TrackChanger,
        running: JobRunning,
        queue: JobQueue,
        clock: Clock,
        turn: timedelta = TURN,
    ) -> None:
        self._store = store
        self._changer = changer
        self._running = running
        self._queue = queue
        self._clock = clock
        self._turn = turn

    async def run(self, lease: Lease) -> None:
        """Raises what the job runner sorts: `JobCanceled`, `LeaseLost`, `JobYields`."""
        edit = await self._store.find(lease.job_id)
        if edit is None:
            raise LookupError(f"the job {lease.job_id} has no bulk edit")
        await self._running.enter(lease, JobStage.EDITING, edit.progress)
        looked = reported = self._clock.now()
        while edit.next_ids:
            edit = await self._batch(lease, edit)
            now = self._clock.now()
            if now - reported >= REPORT_EVERY:
                await self._running.report(lease, round(edit.progress, 4))
                reported = now
            if now - looked >= self._turn:
                await self._make_room(edit)
                looked = now
        await self._finish(lease, edit)

    async def _finish(self, lease: Lease, edit: BulkEdit) -> None:
        async def effects(session: Session) -> None:
            await self._store.close(edit.job_id, session)

        await self._running.succeed(lease, effects)
        log.info("bulk_edit_done", changed=edit.tally.changed, unchanged=edit.tally.unchanged, failed=edit.tally.failed)

    async def _make_room(self, edit: BulkEdit) -> None:
        """Raises `JobYields` while songs wait."""
        try:
            waiting = (await self._queue.backlog()).waiting
        except DependencyUnavailable:
            return
        if edit.next_ids and any(count for queue, count in waiting.items() if queue is not QueueName.BATCH):
            raise JobYields()

    async def _batch(self, lease: Lease, edit: BulkEdit) -> BulkEdit:
        for _ in range(TRIES):
            try:
                return await self._running.under(lease, partial(self._change_next, edit))
            except DuplicateKey:
                # the transaction left nothing behind
                continue
        raise DuplicateKey()

    async def _change_next(self, edit: BulkEdit, session: Session) -> BulkEdit:
        """What is done is read in the transaction: an answer that was lost is no reason to do it again."""
        edit = replace(edit, tally=await self._store.tally(edit.job_id, session))
        tally = edit.tally.plus(await self._changer.change_all(edit, edit.next_ids, session))
        await self._store.count(edit.job_id, tally, session)
        return replace(edit, tally=tally)
