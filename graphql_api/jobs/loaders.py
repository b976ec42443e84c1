"""The caller's jobs and their places in the queue, many in one query."""

from domain.jobs.model import Job
from domain.jobs.services.follow import JobFollowing
from domain.kit.queue import QueuePlace
from graphql_api.core.context import AreaLoader


class JobLoader(AreaLoader[str, Job | None]):
    async def load_batch(self, keys: list[str]) -> list[Job | None]:
        found = await self.context.service(JobFollowing).jobs_by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]


class QueuePlaceLoader(AreaLoader[str, QueuePlace | None]):
    async def load_batch(self, keys: list[str]) -> list[QueuePlace | None]:
        found = await self.context.service(JobFollowing).queue_places(keys)
        return [found.get(key) for key in keys]
