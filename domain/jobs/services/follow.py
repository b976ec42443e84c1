"""What people do with their jobs: look, list, watch, cancel."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress

from domain.jobs.errors import JobAlreadyFinished
from domain.jobs.events import changed, topic_of
from domain.jobs.model import CANCELED_BY_OWNER, Job, JobStatus
from domain.jobs.services.end import JobEnding
from domain.jobs.services.look_again import JobGlances
from domain.jobs.services.tell import tell
from domain.jobs.stores.jobs import JobStore
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable, NotFound
from domain.kit.event_bus import Event, EventBus
from domain.kit.paging import Page, PageRequest
from domain.kit.queue import JobQueue, QueuePlace


class JobFollowing:
    """The caller's own jobs; and, for other areas, whether any job is playable or over."""

    def __init__(
        self,
        store: JobStore,
        ending: JobEnding,
        queue: JobQueue,
        events: EventBus,
        clock: Clock,
        glances: JobGlances,
        poll_seconds: float = 2.0,
        silence_seconds: float = 5.0,
    ) -> None:
        """Watched jobs are looked at every `poll_seconds` without the bus, and when it said nothing so long."""
        self._store = store
        self._ending = ending
        self._queue = queue
        self._events = events
        self._clock = clock
        self._glances = glances
        self._poll_seconds = poll_seconds
        self._silence_seconds = silence_seconds

    async def get(self, caller: Caller, job_id: str) -> Job:
        job = await self._store.find_owned(caller.require(Scope.JOBS), job_id)
        if job is None:
            raise NotFound("job", job_id)
        return job

    async def page(self, caller: Caller, page: PageRequest) -> Page[Job]:
        return await self._store.page_owned(caller.require(Scope.JOBS), page)

    async def jobs_by_id(self, caller: Caller, job_ids: Sequence[str]) -> dict[str, Job]:
        """The caller's jobs among these ids, in one query."""
        return await self._store.find_many_owned(caller.require(Scope.JOBS), job_ids)

    async def queue_places(self, job_ids: Sequence[str]) -> Mapping[str, QueuePlace]:
        """Where these jobs stand in the queue, those that wait; of none while the queue cannot be asked."""
        try:
            return await self._queue.places(job_ids)
        except DependencyUnavailable:
            return {}

    async def is_playable(self, job_id: str) -> bool:
        """Whether what a job has made so far may be played: it runs and has begun to publish, or has succeeded."""
        job = await self._store.find(job_id)
        return job is not None and job.is_playable and job.status in (JobStatus.RUNNING, JobStatus.SUCCEEDED)

    async def ended(self, job_ids: Sequence[str]) -> set[str]:
        """Which of these jobs, of whatever owner, are over."""
        found = await self._store.find_many(job_ids) if job_ids else []
        return {job.id for job in found if job.status.is_final}

    async def cancel(self, caller: Caller, job_id: str) -> Job:
        """Ends a queued job at once; asks the worker of a running one, which stops its streams.

        Raises `NotFound` and `JobAlreadyFinished`.
        """
        job = await self._store.request_cancel(caller.require(Scope.JOBS), job_id, self._clock.now())
        if job is None:
            found = await self.get(caller, job_id)
            raise JobAlreadyFinished(found.id, found.status)
        if job.status is JobStatus.QUEUED:
            ended = await self._ending.give_up(job, JobStatus.CANCELED, CANCELED_BY_OWNER)
            await self._withdraw(job_id)
            return ended or await self.get(caller, job_id)
        await tell(self._events, job)
        return job

    async def _withdraw(self, job_id: str) -> None:
        """A message that stays in the queue does no harm: nobody can claim a job that is finished."""
        with suppress(DependencyUnavailable):
            await self._queue.withdraw(job_id)

    async def watch(self, caller: Caller, job_id: str, after: int | None = None) -> AsyncGenerator[Event, None]:
        """The state now, then every change, then the end.

        With `after` (an event's id) a client that reconnects gets what it missed. Events come from the bus;
        the record is looked at again whenever the bus is silent, has a gap or is gone, so nothing depends on it.
        """
        job = await self.get(caller, job_id)
        last = after if after is not None else -1
        if after is None or not await self._is_replayable(job, after):
            last = job.revision
            yield changed(job)
        while not (job.status.is_final and last >= job.revision):
            fresh = await self._next_events(job_id, last)
            for event in fresh:
                last = event.id
                yield event
            if fresh:
                has_news = JobStatus(fresh[-1].data["status"]).is_final
            else:
                revision = await self._glances.revision(job.owner_id, job_id)
                has_news = revision is None or revision > last
            if has_news:
                job = await self.get(caller, job_id)
                if job.revision > last:
                    last = job.revision
                    yield changed(job)

    async def _is_replayable(self, job: Job, after: int) -> bool:
        if after >= job.revision:
            return after == job.revision
        try:
            missed = await self._events.read(topic_of(job.id), after)
        except DependencyUnavailable:
            return False
        return bool(missed) and missed[0].id == after + 1

    async def _next_events(self, job_id: str, last: int) -> list[Event]:
        try:
            return await self._events.read(topic_of(job_id), last, self._silence_seconds)
        except DependencyUnavailable:
            await asyncio.sleep(self._poll_seconds)
            return []
