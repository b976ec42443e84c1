"""Changing passwords, and getting a new one."""

from typing import Annotated

import strawberry

from domain.accounts.services.passwords import PasswordService
from graphql_api.accounts.identity_types import PasswordNotSet
from graphql_api.accounts.inputs import ChangePasswordInput, RequestPasswordResetInput, ResetPasswordInput
from graphql_api.accounts.types import LinkRefused, TooManyAttempts, WrongCredentials
from graphql_api.core.context import Info
from graphql_api.core.problems import Forbidden, Unauthenticated, ValidationFailed


@strawberry.type(description="The password is changed; all other sessions are over.")
class ChangePasswordSuccess:
    changed: bool = strawberry.field(description="Always true.")


@strawberry.type(description="If there is such an account, a mail is on its way to it.")
class RequestPasswordResetSuccess:
    accepted: bool = strawberry.field(description="Always true.")


@strawberry.type(description="The password is changed; all sessions are over.")
class ResetPasswordSuccess:
    changed: bool = strawberry.field(description="Always true.")
    revoked_api_key_count: int = strawberry.field(description="How many API keys were revoked with it.")


ChangePasswordResult = Annotated[
    ChangePasswordSuccess
    | ValidationFailed
    | PasswordNotSet
    | WrongCredentials
    | TooManyAttempts
    | Forbidden
    | Unauthenticated,
    strawberry.union("ChangePasswordResult", description="How the change of a password ended."),
]
RequestPasswordResetResult = Annotated[
    RequestPasswordResetSuccess | TooManyAttempts,
    strawberry.union("RequestPasswordResetResult", description="How the wish for a new password ended."),
]
ResetPasswordResult = Annotated[
    ResetPasswordSuccess | ValidationFailed | LinkRefused,
    strawberry.union("ResetPasswordResult", description="How the choice of a new password ended."),
]


@strawberry.type
class PasswordMutation:
    @strawberry.mutation(description="Changes your password and ends all of your other sessions; API keys go on.")
    async def change_password(
        self, info: Info, input: Annotated[ChangePasswordInput, strawberry.argument(description="Both passwords.")]
    ) -> ChangePasswordResult:
        context = info.context
        passwords = context.service(PasswordService)
        await passwords.change(context.caller, input.password, input.new_password, context.client)
        return ChangePasswordSuccess(changed=True)

    @strawberry.mutation(
        description="Mails a link for a new password. The answer does not tell if there is an account."
    )
    async def request_password_reset(
        self, info: Info, input: Annotated[RequestPasswordResetInput, strawberry.argument(description="The address.")]
    ) -> RequestPasswordResetResult:
        await info.context.service(PasswordService).ask_for_reset(input.email, info.context.client)
        return RequestPasswordResetSuccess(accepted=True)

    @strawberry.mutation(
        description="Sets a new password by the code of a mail; ends all sessions and, unless told not to, API keys."
    )
    async def reset_password(
        self, info: Info, input: Annotated[ResetPasswordInput, strawberry.argument(description="Code and password.")]
    ) -> ResetPasswordResult:
        context, passwords = info.context, info.context.service(PasswordService)
        revoked = await passwords.reset(
            input.token, input.new_password, context.client, revoke_keys=input.revoke_api_keys
        )
        return ResetPasswordSuccess(changed=True, revoked_api_key_count=revoked)
