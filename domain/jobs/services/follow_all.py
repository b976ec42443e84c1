"""Watching all jobs of a person: every change once, across reconnects, with the record behind the event bus."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.jobs.events import changed, feed_of
from domain.jobs.feed_cursor import FeedCursor
from domain.jobs.model import Job, JobStatus
from domain.jobs.stores.jobs import JobStore
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import START, EventBus, Post, order_of

# Clocks of workers and of Redis may differ by this much.
CLOCK_SKEW = timedelta(seconds=5)
# A change that is older than this has been posted, or never will be.
STILL_TO_BE_POSTED = timedelta(seconds=3)
# A watcher who is connected has been told of a change by now, from the record if not by the bus.
TOLD_WITHIN = timedelta(seconds=10)
LOOK_SECONDS = 2.0
CATCH_UP = 1000
BUSY_POLL_SECONDS = 2.0
IDLE_POLL_SECONDS = 15.0


class JobFeed:
    """Positions come from the bus. What a lost bus did not tell is read from the record, by its revision."""

    def __init__(self, store: JobStore, events: EventBus, clock: Clock) -> None:
        self._store = store
        self._events = events
        self._clock = clock

    async def watch(self, caller: Caller, after: FeedCursor | None = None) -> AsyncGenerator[Post, None]:
        """Without `after`, the open jobs as they are; with it, what came behind it; then every change.

        The position of each post is the text of the cursor to go on behind it.
        """
        owner_id = caller.require(Scope.JOBS)
        kept = await self._kept(owner_id)
        if after is None:
            seen = _Seen(FeedCursor(kept[-1].position if kept else self._now(), {}), self._clock.now())
            first = self._from_record(await self._look_up(owner_id, kept, seen), seen, again=True)
        else:
            seen = _Seen(after, self._clock.now())
            first = await self._missed(owner_id, after, kept, seen)
        for post in first:
            yield post
        while True:
            for post in await self._next(owner_id, seen):
                yield post

    async def _missed(self, owner_id: str, after: FeedCursor, kept: Sequence[Post], seen: "_Seen") -> list[Post]:
        """What only the record knows, because Redis was away or the feed was trimmed, then what the feed still has."""
        before = order_of(after.position)
        await self._look_up(owner_id, [post for post in kept if post.order <= before], seen)
        changed_since = await self._store.changed_owned(owner_id, _untold_since(after.position), CATCH_UP)
        known = await self._store.find_many_owned(owner_id, list(after.told))
        return self._merged([post for post in kept if post.order > before], [*changed_since, *known.values()], seen)

    async def _look_up(self, owner_id: str, told: Sequence[Post], seen: "_Seen") -> Sequence[Job]:
        """The open jobs. The feed may lack the end of one, so the record says which they are."""
        found = await self._store.open_owned(owner_id)
        seen.note(told)
        seen.open = {job.id for job in found}
        return found

    async def _next(self, owner_id: str, seen: "_Seen") -> list[Post]:
        """News of the bus. The record is asked when there is none, and every so often when there is much."""
        wait = BUSY_POLL_SECONDS if seen.open else IDLE_POLL_SECONDS
        try:
            posts = await self._events.posts(feed_of(owner_id), seen.position, wait)
        except DependencyUnavailable:
            posts = []
            await asyncio.sleep(BUSY_POLL_SECONDS)
        now = self._clock.now()
        if posts and (now - seen.looked_at).total_seconds() < LOOK_SECONDS:
            return seen.fresh(posts)
        seen.looked_at = now
        known = await self._store.find_many_owned(owner_id, list(seen.open))
        return self._merged(posts, [*known.values(), *await self._store.open_owned(owner_id)], seen)

    async def _kept(self, owner_id: str) -> Sequence[Post]:
        try:
            return await self._events.posts(feed_of(owner_id), START)
        except DependencyUnavailable:
            return []

    def _merged(self, posts: Sequence[Post], jobs: Sequence[Job], seen: "_Seen") -> list[Post]:
        """The record's news come first: whoever leaves halfway has not gone past them."""
        newest: dict[str, int] = {}
        for post in posts:
            newest[post.data["job_id"]] = max(post.data["revision"], newest.get(post.data["job_id"], 0))
        untold = [job for job in jobs if job.revision > newest.get(job.id, 0)]
        return self._from_record(untold, seen) + seen.fresh(posts)

    def _from_record(self, jobs: Sequence[Job], seen: "_Seen", *, again: bool = False) -> list[Post]:
        """What the bus has lost of these jobs' changes; with `again`, how all of them are now.

        What may still be posted is looked at again.
        """
        recent = self._clock.now() - STILL_TO_BE_POSTED
        told = []
        for job in jobs:
            data = changed(job).data
            if again or (seen.is_new(data) and job.changed_at <= recent):
                told.append(seen.tell(data, job.changed_at))
            elif seen.is_new(data):
                seen.open.add(job.id)
        return told

    def _now(self) -> str:
        """A position for a feed that has none: everything that is posted from now on lies behind it."""
        return f"{int((self._clock.now() - CLOCK_SKEW).timestamp() * 1000)}-0"


class _Seen:
    """What a watcher has been told: the last revision of each job, which are open, and where the feed stands.

    The cursor keeps in mind what was told of open jobs and of late, because that is what the record is asked for when
    the bus has forgotten it, or never knew.
    """

    def __init__(self, cursor: FeedCursor, now: datetime) -> None:
        self.position = cursor.position
        self.open: set[str] = set()
        self.looked_at = now
        self._revisions = dict(cursor.told)
        self._told_at = dict.fromkeys(cursor.told, now)

    def is_new(self, data: dict[str, Any]) -> bool:
        return int(data["revision"]) > self._revisions.get(data["job_id"], 0)

    def note(self, posts: Iterable[Post]) -> None:
        """Counts posts as told."""
        for post in posts:
            self._note(post.data, _time_of(post.position))

    def fresh(self, posts: Iterable[Post]) -> list[Post]:
        """Those of the bus's posts that tell something new."""
        told = []
        for post in posts:
            self.position = post.position
            if self.is_new(post.data):
                told.append(self.tell(post.data, _time_of(post.position)))
        return told

    def tell(self, data: dict[str, Any], changed_at: datetime) -> Post:
        """Something that the bus or the record tells."""
        self._note(data, changed_at)
        return Post(self._cursor(), data)

    def _note(self, data: dict[str, Any], changed_at: datetime) -> None:
        job_id = data["job_id"]
        self._revisions[job_id] = max(data["revision"], self._revisions.get(job_id, 0))
        self._told_at[job_id] = max(changed_at, self._told_at.get(job_id, changed_at))
        if JobStatus(data["status"]).is_final:
            self.open.discard(job_id)
        else:
            self.open.add(job_id)

    def _cursor(self) -> str:
        since = _untold_since(self.position) - CLOCK_SKEW
        late = {job_id for job_id, at in self._told_at.items() if at >= since}
        self._told_at = {job_id: at for job_id, at in self._told_at.items() if job_id in late | self.open}
        return str(FeedCursor(self.position, {job_id: self._revisions[job_id] for job_id in self._told_at}))


def _time_of(position: str) -> datetime:
    return datetime.fromtimestamp(order_of(position)[0] / 1000, UTC)


def _untold_since(position: str) -> datetime:
    """What changed before then was told before this position."""
    return _time_of(position) - TOLD_WITHIN
