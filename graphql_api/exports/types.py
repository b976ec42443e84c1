"""The job that packs a person's data, and its problems, as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import strawberry

from domain.exports import errors
from domain.exports.model import Export
from domain.exports.services.look import ExportLooking
from graphql_api.core.context import Info
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler
from graphql_api.core.scalars import URL, BigInt
from graphql_api.exports.loaders import ExportLoader
from graphql_api.jobs.loaders import JobLoader
from graphql_api.jobs.types import Job


@strawberry.type(description="Where an archive can be fetched, by whoever has this address.")
class AccountExportDownload:
    url: URL = strawberry.field(description="The address.")
    expires_at: datetime = strawberry.field(description="When it stops working; ask again for another.")


@strawberry.type(
    description="Everything that is known of you being packed into a ZIP file: the records of each area as JSON, the "
    "files of every version in folders, and a manifest with their SHA-256. It is kept for seven days."
)
class AccountExportJob(Job):
    @strawberry.field(description="How large the archive is; null until it is packed, and once it is deleted.")
    async def size_bytes(self, info: Info) -> BigInt | None:
        export = await _export(self, info)
        return None if export is None or export.archive is None else BigInt(export.archive.size_bytes)

    @strawberry.field(description="When it will be deleted; null until it is packed, and once it is deleted.")
    async def expires_at(self, info: Info) -> datetime | None:
        export = await _export(self, info)
        return None if export is None or export.archive is None else export.expires_at

    @strawberry.field(description="Where to fetch it now; null while there is nothing to fetch. Not for API keys.")
    async def download(self, info: Info) -> AccountExportDownload | None:
        export = await _export(self, info)
        if export is None:
            return None
        link = await info.context.service(ExportLooking).link(info.context.caller, export)
        return None if link is None else AccountExportDownload(url=URL(link.url), expires_at=link.expires_at)

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(JobLoader).load_many(list(node_ids))
        return [None if job is None else cls.of(job) for job in found]


async def _export(job: AccountExportJob, info: Info) -> Export | None:
    return await info.context.loader(ExportLoader).load(job.record.id)


@strawberry.type(description="Your data are being packed already.")
class ExportUnderWay(Problem):
    pass


@strawberry.type(description="You have asked for your data as often as one may in a day.")
class TooManyExports(Problem):
    max_a_day: int = strawberry.field(description="How often one may.")
    retry_after_seconds: int = strawberry.field(description="When to ask again, in seconds from now.")

    @classmethod
    def of(cls, error: errors.TooManyExports) -> "TooManyExports":
        return cls(
            code=ProblemCode.TOO_MANY_EXPORTS,
            message=error.message,
            max_a_day=error.limit,
            retry_after_seconds=error.retry_after_seconds,
        )


HANDLERS = (
    ProblemHandler(errors.ExportUnderWay, ExportUnderWay),
    ProblemHandler(errors.TooManyExports, TooManyExports),
)
