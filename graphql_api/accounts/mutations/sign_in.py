"""Signing up and signing in."""

from typing import Annotated

import strawberry

from domain.accounts.service import AccountService
from domain.accounts.services.sign_in import SignInService
from graphql_api.accounts.inputs import CompleteSignInInput, SignInInput, SignUpInput
from graphql_api.accounts.types import (
    AccountBeingDeleted,
    EmailTaken,
    SecondFactorRequired,
    Session,
    TooManyAttempts,
    WrongCode,
    WrongCredentials,
)
from graphql_api.core.context import Info
from graphql_api.core.problems import ValidationFailed


@strawberry.type(description="The account exists and is signed in.")
class SignUpSuccess:
    session: Session = strawberry.field(description="The new session.")


@strawberry.type(description="The person is signed in.")
class SignInSuccess:
    session: Session = strawberry.field(description="The new session.")


@strawberry.type(description="The person is signed in.")
class CompleteSignInSuccess:
    session: Session = strawberry.field(description="The new session.")


SignUpResult = Annotated[
    SignUpSuccess | ValidationFailed | EmailTaken | TooManyAttempts,
    strawberry.union("SignUpResult", description="How a sign-up ended."),
]
SignInResult = Annotated[
    SignInSuccess | SecondFactorRequired | AccountBeingDeleted | WrongCredentials | TooManyAttempts,
    strawberry.union("SignInResult", description="How a sign-in ended."),
]

CompleteSignInResult = Annotated[
    CompleteSignInSuccess | AccountBeingDeleted | WrongCode | WrongCredentials | TooManyAttempts,
    strawberry.union("CompleteSignInResult", description="How the second half of a sign-in ended."),
]


@strawberry.type
class SignInMutation:
    @strawberry.mutation(
        description="Makes an account and signs it in. That an address is taken is told, so sign-ups are counted."
    )
    async def sign_up(
        self, info: Info, input: Annotated[SignUpInput, strawberry.argument(description="The new account.")]
    ) -> SignUpResult:
        accounts = info.context.service(AccountService)
        session = await accounts.sign_up(input.email, input.password, input.display_name, info.context.client)
        return SignUpSuccess(session=Session.of(session))

    @strawberry.mutation(description="Starts a session for an account.")
    async def sign_in(
        self, info: Info, input: Annotated[SignInInput, strawberry.argument(description="The credentials.")]
    ) -> SignInResult:
        signing_in = info.context.service(SignInService)
        session = await signing_in.sign_in(input.email, input.password, info.context.client)
        return SignInSuccess(session=Session.of(session))

    @strawberry.mutation(description="Completes a sign-in that asked for a second factor.")
    async def complete_sign_in(
        self, info: Info, input: Annotated[CompleteSignInInput, strawberry.argument(description="The code.")]
    ) -> CompleteSignInResult:
        signing_in = info.context.service(SignInService)
        session = await signing_in.complete(input.challenge, input.code, info.context.client)
        return CompleteSignInSuccess(session=Session.of(session))
