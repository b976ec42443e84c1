"""Leaving: deleting and restoring the account, and taking one's data along."""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.accounts.services.deletion import AccountDeletion
from domain.accounts.services.export import AccountExport
from graphql_api.accounts.identity_types import PasswordNotSet
from graphql_api.accounts.inputs import DeleteAccountInput, ExportAccountInput, RestoreAccountInput
from graphql_api.accounts.types import (
    DeletionBlocked,
    LinkRefused,
    Session,
    TooManyAttempts,
    WrongCode,
    WrongCredentials,
)
from graphql_api.core.context import Info
from graphql_api.core.problems import Forbidden, Unauthenticated
from graphql_api.core.scalars import URL, BigInt


@strawberry.type(description="The account is locked and will be erased. Signing in until then offers to restore it.")
class DeleteAccountSuccess:
    erase_at: datetime = strawberry.field(description="When it will be erased.")


@strawberry.type(description="The account is kept, and signed in. API keys have to be made anew.")
class RestoreAccountSuccess:
    session: Session = strawberry.field(description="The new session.")


@strawberry.type(description="Everything that is known of you, as a ZIP file of JSON files.")
class ExportAccountSuccess:
    url: URL = strawberry.field(description="Where it can be fetched, by whoever has this address.")
    expires_at: datetime = strawberry.field(description="Until when.")
    size_bytes: BigInt = strawberry.field(description="How large it is.")


DeleteAccountResult = Annotated[
    DeleteAccountSuccess
    | DeletionBlocked
    | PasswordNotSet
    | WrongCredentials
    | WrongCode
    | TooManyAttempts
    | Forbidden
    | Unauthenticated,
    strawberry.union("DeleteAccountResult", description="How the wish to be forgotten ended."),
]
RestoreAccountResult = Annotated[
    RestoreAccountSuccess | LinkRefused,
    strawberry.union("RestoreAccountResult", description="How the wish to keep an account ended."),
]
ExportAccountResult = Annotated[
    ExportAccountSuccess | PasswordNotSet | WrongCredentials | TooManyAttempts | Forbidden | Unauthenticated,
    strawberry.union("ExportAccountResult", description="How the wish for one's data ended."),
]


@strawberry.type
class DeletionMutation:
    @strawberry.mutation(description="Locks your account at once, and erases it with all that is yours after a while.")
    async def delete_account(
        self, info: Info, input: Annotated[DeleteAccountInput, strawberry.argument(description="Password and code.")]
    ) -> DeleteAccountResult:
        context = info.context
        deletion = context.service(AccountDeletion)
        erase_at = await deletion.ask(context.caller, input.password, input.code, context.client)
        return DeleteAccountSuccess(erase_at=erase_at)

    @strawberry.mutation(description="Keeps an account that was to be erased, by the token that its sign-in gave.")
    async def restore_account(
        self, info: Info, input: Annotated[RestoreAccountInput, strawberry.argument(description="The token.")]
    ) -> RestoreAccountResult:
        session = await info.context.service(AccountDeletion).restore(input.restore_token, info.context.client)
        return RestoreAccountSuccess(session=Session.of(session))

    @strawberry.mutation(
        description="Gathers everything that is known of you, with links to your songs, while you wait.",
        deprecation_reason="It cannot hold your files, nor the notes of your recordings. Use `requestAccountExport`.",
    )
    async def export_account(
        self, info: Info, input: Annotated[ExportAccountInput, strawberry.argument(description="The password.")]
    ) -> ExportAccountResult:
        context = info.context
        link = await context.service(AccountExport).export(context.caller, input.password, context.client)
        return ExportAccountSuccess(url=URL(link.url), expires_at=link.expires_at, size_bytes=BigInt(link.size_bytes))
