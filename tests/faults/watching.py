"""Watchers of jobs that lose their connection now and then, and what they may see: no change twice, no gap, the end."""

import asyncio
import random
import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from bootstrap.cli import documents
from tests.credits.audit import FINAL
from tests.faults.api import Api, StreamBroken, bare
from tests.faults.evidence import Record

PAUSE_SECONDS = 0.5
FEED_SECONDS = 40.0
RANK: Mapping[str, int] = {"QUEUED": 0, "RUNNING": 1, **dict.fromkeys(FINAL, 2)}


@dataclass
class JobWatch:
    """What one watcher of one job has been told, over all its connections."""

    job_id: str
    last: int | None = None
    status: str | None = None
    faults: list[str] = field(default_factory=list)

    def note(self, event: Mapping[str, Any]) -> None:
        revision = int(event["eventId"])
        if self.last is not None and revision <= self.last:
            self.faults.append(f"job {self.job_id}: told revision {revision} after {self.last}")
        if self.status in FINAL:
            self.faults.append(f"job {self.job_id}: told {event['status']} after {self.status}")
        self.last, self.status = revision, event["status"]


@dataclass
class FeedWatch:
    """What one watcher of all jobs of a person has been told, over all its connections."""

    cursor: str | None = None
    states: dict[str, tuple[int, int]] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    ends: dict[tuple[str, int], str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def note(self, event: Mapping[str, Any]) -> None:
        before, self.cursor = self.cursor, event["eventId"]
        job_id, attempt, status = bare(event["jobId"]), event["attempt"], event["status"]
        state = (attempt, RANK[status])
        if state < self.states.get(job_id, state):
            self.faults.append(f"job {job_id}: its feed told {status} of attempt {attempt} after {self.states[job_id]}")
        self.states[job_id], self.statuses[job_id] = state, status
        if status in FINAL:
            self._note_end((job_id, attempt), f"{status} at {self.cursor} behind {before}")

    def _note_end(self, job: tuple[str, int], told: str) -> None:
        if job in self.ends:
            self.faults.append(f"job {job[0]}: its feed told {told}, and earlier {self.ends[job]}")
        self.ends[job] = told


@dataclass
class Watchers:
    """Follows jobs for one person. Connections are dropped with this chance after each event."""

    api: Api
    chance: random.Random
    drops: float = 0.03
    connections: int = 0
    jobs: list[JobWatch] = field(default_factory=list)
    feed: FeedWatch = field(default_factory=FeedWatch)
    expected_in_feed: set[str] = field(default_factory=set)

    def expect(self, job_id: str) -> None:
        """A new job; a feed that has a place to go on behind must tell of it."""
        if self.feed.cursor is not None:
            self.expected_in_feed.add(bare(job_id))

    async def follow(self, job_id: str) -> str:
        """Watches a job to its end, by its global id; returns its last status."""
        watch = JobWatch(bare(job_id))
        self.jobs.append(watch)
        while watch.status not in FINAL:
            after = None if watch.last is None else str(watch.last)
            await self._connected(documents.PROGRESS, {"jobId": job_id, "after": after}, watch)
        return watch.status or ""

    async def follow_all(self) -> None:
        """Watches all jobs of the person until cancelled."""
        while True:
            await self._connected(documents.MY_JOBS, {"after": self.feed.cursor}, self.feed)

    async def told_all(self) -> None:
        """Returns when the feed has told the end of all jobs, or should have: a broken connection takes its time."""
        end = time.monotonic() + FEED_SECONDS
        while time.monotonic() < end:
            if all(self.feed.statuses.get(job_id) in FINAL for job_id in self.expected_in_feed):
                return
            await asyncio.sleep(0.2)

    async def _connected(self, document: str, variables: Mapping[str, Any], watch: JobWatch | FeedWatch) -> None:
        self.connections += 1
        try:
            async with aclosing(self.api.events(document, variables)) as events:
                async for event in events:
                    watch.note(event)
                    if self.chance.random() < self.drops:
                        return
        except StreamBroken as broken:
            self.api.heard.append(("stream", broken.answer))
            await asyncio.sleep(PAUSE_SECONDS)

    def faults(self, jobs: Mapping[str, Record]) -> list[str]:
        """What is wrong with all that was told, once the records (by bare id) do not change any more."""
        found = [*self.feed.faults, *(fault for watch in self.jobs for fault in watch.faults)]
        latest = {watch.job_id: watch for watch in self.jobs}
        for job_id, watch in latest.items():
            record = jobs.get(job_id)
            if record and (watch.last, watch.status) != (record["revision"], record["status"]):
                told = f"{watch.status} at {watch.last}"
                found.append(f"job {job_id}: told {told}, and it is {record['status']} at {record['revision']}")
        for job_id in self.expected_in_feed & jobs.keys():
            if self.feed.statuses.get(job_id) != jobs[job_id]["status"]:
                told = self.feed.statuses.get(job_id, "nothing")
                found.append(f"job {job_id}: its feed told {told}, and it is {jobs[job_id]['status']}")
        return found
