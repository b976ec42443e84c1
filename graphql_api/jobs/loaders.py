"""The caller's jobs and their places in the queue, many in one query."""

from domain.jobs.model import Job
from domain.jobs.services.follow import JobFollowing
from graphql_api.core.context import AreaLoader


class JobLoader(AreaLoader[str, Job | None]):
    async def load_batch(self, keys: list[str]) -> list[Job | None]:
        found = await self.context.service(JobFollowing).jobs_by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]


class QueuePositionLoader(AreaLoader[Job, int | None]):
    async def load_batch(self, keys: list[Job]) -> list[int | None]:
        return await self.context.service(JobFollowing).queue_positions(keys)
