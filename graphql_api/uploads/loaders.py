"""Uploads of the caller, by their ids and by their jobs', many in one query."""

from domain.uploads.model import Upload
from domain.uploads.services.look import UploadLooking
from graphql_api.core.context import AreaLoader


class UploadLoader(AreaLoader[str, Upload | None]):
    async def load_batch(self, keys: list[str]) -> list[Upload | None]:
        found = await self.context.service(UploadLooking).by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]


class JobUploadLoader(AreaLoader[str, Upload | None]):
    """By the ids of the jobs that process them."""

    async def load_batch(self, keys: list[str]) -> list[Upload | None]:
        found = await self.context.service(UploadLooking).by_job(self.context.caller, keys)
        return [found.get(key) for key in keys]
