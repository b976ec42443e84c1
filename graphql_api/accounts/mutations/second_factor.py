"""Switching the second factor on and off."""

from typing import Annotated

import strawberry

from domain.accounts.services.second_factor import SecondFactorService
from graphql_api.accounts.identity_types import PasswordNotSet
from graphql_api.accounts.inputs import ConfirmSecondFactorInput, DisableSecondFactorInput, EnrolSecondFactorInput
from graphql_api.accounts.types import SecondFactorConflict, TooManyAttempts, WrongCode, WrongCredentials
from graphql_api.core.context import Info
from graphql_api.core.problems import Forbidden, Unauthenticated


@strawberry.type(description="A secret for an authenticator app. It counts once `confirmSecondFactor` gets a code.")
class EnrolSecondFactorSuccess:
    secret: str = strawberry.field(description="The secret in base 32, to be typed in.")
    otpauth_uri: str = strawberry.field(description="The same as an `otpauth:` address, for a QR code.")


@strawberry.type(description="From now on a sign-in asks for a code as well.")
class ConfirmSecondFactorSuccess:
    recovery_codes: list[str] = strawberry.field(
        description="Each stands in for the app once. They are shown this once and never again."
    )


@strawberry.type(description="A sign-in asks for the password only.")
class DisableSecondFactorSuccess:
    disabled: bool = strawberry.field(description="Always true.")


EnrolSecondFactorResult = Annotated[
    EnrolSecondFactorSuccess
    | SecondFactorConflict
    | PasswordNotSet
    | WrongCredentials
    | TooManyAttempts
    | Forbidden
    | Unauthenticated,
    strawberry.union("EnrolSecondFactorResult", description="How the enrolment of a second factor ended."),
]
ConfirmSecondFactorResult = Annotated[
    ConfirmSecondFactorSuccess | SecondFactorConflict | WrongCode | TooManyAttempts | Forbidden | Unauthenticated,
    strawberry.union("ConfirmSecondFactorResult", description="How switching on a second factor ended."),
]
DisableSecondFactorResult = Annotated[
    DisableSecondFactorSuccess
    | SecondFactorConflict
    | PasswordNotSet
    | WrongCredentials
    | WrongCode
    | TooManyAttempts
    | Forbidden
    | Unauthenticated,
    strawberry.union("DisableSecondFactorResult", description="How switching off a second factor ended."),
]


@strawberry.type
class SecondFactorMutation:
    @strawberry.mutation(description="Begins with a second factor (RFC 6238): gives a secret for an authenticator app.")
    async def enrol_second_factor(
        self, info: Info, input: Annotated[EnrolSecondFactorInput, strawberry.argument(description="The password.")]
    ) -> EnrolSecondFactorResult:
        context = info.context
        enrolling = context.service(SecondFactorService)
        secret, uri = await enrolling.enrol(context.caller, input.password, context.client)
        return EnrolSecondFactorSuccess(secret=secret, otpauth_uri=uri)

    @strawberry.mutation(description="Switches the second factor on with a first code, and gives the recovery codes.")
    async def confirm_second_factor(
        self, info: Info, input: Annotated[ConfirmSecondFactorInput, strawberry.argument(description="The code.")]
    ) -> ConfirmSecondFactorResult:
        context = info.context
        codes = await context.service(SecondFactorService).confirm(context.caller, input.code, context.client)
        return ConfirmSecondFactorSuccess(recovery_codes=list(codes))

    @strawberry.mutation(description="Switches the second factor off.")
    async def disable_second_factor(
        self,
        info: Info,
        input: Annotated[DisableSecondFactorInput, strawberry.argument(description="Password and code.")],
    ) -> DisableSecondFactorResult:
        context = info.context
        await context.service(SecondFactorService).disable(context.caller, input.password, input.code, context.client)
        return DisableSecondFactorSuccess(disabled=True)
