"""Exports in one query for all that a request shows."""

from domain.exports.model import Export
from domain.exports.services.look import ExportLooking
from graphql_api.core.context import AreaLoader


class ExportLoader(AreaLoader[str, Export | None]):
    """By the ids of their jobs."""

    async def load_batch(self, keys: list[str]) -> list[Export | None]:
        found = await self.context.service(ExportLooking).by_job(self.context.caller, keys)
        return [found.get(key) for key in keys]
