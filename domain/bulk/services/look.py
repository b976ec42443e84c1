"""Looking at one's own bulk edits."""

from collections.abc import Sequence

from domain.bulk.model import BulkEdit
from domain.bulk.store import BulkEditStore
from domain.kit.caller import Caller, Scope


class BulkEditLooking:
    """A person sees their own bulk edits, by the ids of their jobs."""

    def __init__(self, store: BulkEditStore) -> None:
        self._store = store

    async def by_job(self, caller: Caller, job_ids: Sequence[str]) -> dict[str, BulkEdit]:
        """What these jobs of the caller do, in one query."""
        return await self._store.find_many(caller.require(Scope.JOBS, Scope.LIBRARY), job_ids)
