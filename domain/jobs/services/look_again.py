"""Whether watched jobs have changed without a word from the bus: one query for all who ask at about the same time."""

import asyncio
from collections.abc import Mapping

from domain.jobs.stores.jobs import JobStore

GATHER_SECONDS = 0.5


class JobGlances:
    """Reads revisions, many at once: who watches a silent job asks every few seconds, and thousands watch."""

    def __init__(self, store: JobStore, gather_seconds: float = GATHER_SECONDS) -> None:
        self._store = store
        self._gather_seconds = gather_seconds
        self._wanted: set[tuple[str, str]] = set()
        self._look: asyncio.Task[Mapping[str, int]] | None = None

    async def revision(self, owner_id: str, job_id: str) -> int | None:
        """The job's revision a moment from now; None if this owner has no such job."""
        if self._look is None:
            self._look = asyncio.create_task(self._together())
        self._wanted.add((owner_id, job_id))
        return (await asyncio.shield(self._look)).get(job_id)

    async def _together(self) -> Mapping[str, int]:
        await asyncio.sleep(self._gather_seconds)
        wanted, self._wanted, self._look = self._wanted, set(), None
        return await self._store.revisions_owned(wanted)
