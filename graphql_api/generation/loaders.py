"""The requests behind the caller's jobs, many in one query."""

from domain.generation.model import Generation
from domain.generation.services.request import GenerationRequests
from graphql_api.core.context import AreaLoader


class GenerationLoader(AreaLoader[str, Generation | None]):
    async def load_batch(self, keys: list[str]) -> list[Generation | None]:
        found = await self.context.service(GenerationRequests).by_job(self.context.caller, keys)
        return [found.get(key) for key in keys]
