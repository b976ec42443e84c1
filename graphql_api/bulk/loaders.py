"""Bulk edits in one query for all that a request shows."""

from domain.bulk.model import BulkEdit
from domain.bulk.services.look import BulkEditLooking
from graphql_api.core.context import AreaLoader


class BulkEditLoader(AreaLoader[str, BulkEdit | None]):
    """By the ids of their jobs."""

    async def load_batch(self, keys: list[str]) -> list[BulkEdit | None]:
        found = await self.context.service(BulkEditLooking).by_job(self.context.caller, keys)
        return [found.get(key) for key in keys]
