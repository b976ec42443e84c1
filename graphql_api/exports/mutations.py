"""Asking for one's data."""

from typing import Annotated

import strawberry

from domain.exports.services.request import ExportRequests
from graphql_api.accounts.identity_types import PasswordNotSet
from graphql_api.accounts.types import TooManyAttempts, WrongCredentials
from graphql_api.core.context import Info
from graphql_api.core.idempotency import KEY_DESCRIPTION, IdempotencyConflict
from graphql_api.core.problems import Forbidden, Unauthenticated, ValidationFailed
from graphql_api.exports.types import AccountExportJob, ExportUnderWay, TooManyExports
from graphql_api.jobs.types import Overloaded, TooManyJobs


@strawberry.input(description="The wish for everything that is known of you.")
class RequestAccountExportInput:
    password: str = strawberry.field(description="The account's password.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)


@strawberry.type(description="It will be packed, and you get a mail when it is ready.")
class RequestAccountExportSuccess:
    job: AccountExportJob = strawberry.field(description="The job that packs it; it costs no credits.")


RequestAccountExportResult = Annotated[
    RequestAccountExportSuccess
    | ValidationFailed
    | PasswordNotSet
    | WrongCredentials
    | TooManyAttempts
    | ExportUnderWay
    | TooManyExports
    | IdempotencyConflict
    | TooManyJobs
    | Overloaded
    | Forbidden
    | Unauthenticated,
    strawberry.union("RequestAccountExportResult", description="How asking for one's data ended."),
]


@strawberry.type
class ExportMutation:
    @strawberry.mutation(description="Packs everything that is known of you, with all your files, as a job.")
    async def request_account_export(
        self, info: Info, input: Annotated[RequestAccountExportInput, strawberry.argument(description="The password.")]
    ) -> RequestAccountExportResult:
        context = info.context
        requests = context.service(ExportRequests)
        job = await requests.request(context.caller, input.password, context.client, input.idempotency_key)
        return RequestAccountExportSuccess(job=AccountExportJob.of(job))
