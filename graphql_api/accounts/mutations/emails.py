"""Verifying and changing the e-mail address."""

from typing import Annotated

import strawberry

from domain.accounts.services.emails import EmailService
from graphql_api.accounts.identity_types import PasswordNotSet
from graphql_api.accounts.inputs import (
    ChangeEmailInput,
    ConfirmEmailChangeInput,
    ResendVerificationInput,
    VerifyEmailInput,
)
from graphql_api.accounts.types import Account, EmailTaken, LinkRefused, TooManyAttempts, WrongCredentials
from graphql_api.core.context import Info
from graphql_api.core.problems import Forbidden, Unauthenticated, ValidationFailed


@strawberry.type(description="The address is verified.")
class VerifyEmailSuccess:
    verified: bool = strawberry.field(description="Always true.")


@strawberry.type(description="If there is such an account that is not verified yet, a mail is on its way to it.")
class ResendVerificationSuccess:
    accepted: bool = strawberry.field(description="Always true.")


@strawberry.type(description="A mail with a link is on its way to the new address.")
class ChangeEmailSuccess:
    accepted: bool = strawberry.field(description="Always true.")


@strawberry.type(description="The account has its new address.")
class ConfirmEmailChangeSuccess:
    account: Account = strawberry.field(description="The account.")


VerifyEmailResult = Annotated[
    VerifyEmailSuccess | LinkRefused,
    strawberry.union("VerifyEmailResult", description="How a verification ended."),
]
ResendVerificationResult = Annotated[
    ResendVerificationSuccess | TooManyAttempts,
    strawberry.union("ResendVerificationResult", description="How the wish for another mail ended."),
]
ChangeEmailResult = Annotated[
    ChangeEmailSuccess
    | ValidationFailed
    | EmailTaken
    | PasswordNotSet
    | WrongCredentials
    | TooManyAttempts
    | Forbidden
    | Unauthenticated,
    strawberry.union("ChangeEmailResult", description="How the wish for another address ended."),
]
ConfirmEmailChangeResult = Annotated[
    ConfirmEmailChangeSuccess | LinkRefused | EmailTaken,
    strawberry.union("ConfirmEmailChangeResult", description="How the move to another address ended."),
]


@strawberry.type
class EmailMutation:
    @strawberry.mutation(description="Shows that the address of an account is its owner's, by the code of a mail.")
    async def verify_email(
        self, info: Info, input: Annotated[VerifyEmailInput, strawberry.argument(description="The code.")]
    ) -> VerifyEmailResult:
        await info.context.service(EmailService).verify(input.token, info.context.client)
        return VerifyEmailSuccess(verified=True)

    @strawberry.mutation(description="Mails the code again. The answer does not tell whether there is an account.")
    async def resend_verification(
        self, info: Info, input: Annotated[ResendVerificationInput, strawberry.argument(description="The address.")]
    ) -> ResendVerificationResult:
        await info.context.service(EmailService).resend(input.email, info.context.client)
        return ResendVerificationSuccess(accepted=True)

    @strawberry.mutation(description="Moves the account to another address, once a link mailed there is opened.")
    async def change_email(
        self, info: Info, input: Annotated[ChangeEmailInput, strawberry.argument(description="The new address.")]
    ) -> ChangeEmailResult:
        context = info.context
        emails = context.service(EmailService)
        await emails.ask_for_change(context.caller, input.new_email, input.password, context.client)
        return ChangeEmailSuccess(accepted=True)

    @strawberry.mutation(description="Completes `changeEmail` by the code that was mailed to the new address.")
    async def confirm_email_change(
        self, info: Info, input: Annotated[ConfirmEmailChangeInput, strawberry.argument(description="The code.")]
    ) -> ConfirmEmailChangeResult:
        account = await info.context.service(EmailService).confirm_change(input.token, info.context.client)
        return ConfirmEmailChangeSuccess(account=Account.of(account))
