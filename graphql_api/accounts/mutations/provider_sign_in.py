"""Signing in by a provider."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain.accounts.provider_attempts import StartedAttempt
from domain.accounts.services.provider_sign_in import ProviderSignIn
from graphql_api.accounts.identity_inputs import CompleteProviderSignInInput, StartProviderSignInInput
from graphql_api.accounts.identity_types import (
    IdentityLinkRequired,
    ProviderEmailUnverified,
    ProviderSignInRefused,
    SignInProviderUnavailable,
)
from graphql_api.accounts.types import AccountBeingDeleted, SecondFactorRequired, Session, TooManyAttempts
from graphql_api.core.context import Info
from graphql_api.core.problems import ValidationFailed
from graphql_api.core.scalars import URL


@strawberry.type(description="The person can go to the provider.")
class StartProviderSignInSuccess:
    authorization_url: URL = strawberry.field(description="Where to sign in at the provider; open it in the browser.")
    ticket: str = strawberry.field(
        description="Goes with the provider's answer. Keep it where only this browser or program reads it."
    )
    expires_at: datetime = strawberry.field(description="Until when to be back; the answer counts once.")

    @classmethod
    def of(cls, started: StartedAttempt) -> Self:
        return cls(
            authorization_url=URL(started.authorization_url), ticket=started.ticket, expires_at=started.expires_at
        )


@strawberry.type(description="The person is signed in.")
class CompleteProviderSignInSuccess:
    session: Session = strawberry.field(description="The new session.")
    is_new_account: bool = strawberry.field(description="Whether the account was made just now.")


StartProviderSignInResult = Annotated[
    StartProviderSignInSuccess | ValidationFailed | SignInProviderUnavailable | TooManyAttempts,
    strawberry.union("StartProviderSignInResult", description="How the beginning of a sign-in by a provider ended."),
]
CompleteProviderSignInResult = Annotated[
    CompleteProviderSignInSuccess
    | SecondFactorRequired
    | AccountBeingDeleted
    | IdentityLinkRequired
    | ProviderEmailUnverified
    | ProviderSignInRefused
    | SignInProviderUnavailable
    | TooManyAttempts,
    strawberry.union("CompleteProviderSignInResult", description="How a sign-in by a provider ended."),
]


@strawberry.type
class ProviderSignInMutation:
    @strawberry.mutation(description="Begins to sign in by one of `signInProviders`.")
    async def start_provider_sign_in(
        self,
        info: Info,
        input: Annotated[StartProviderSignInInput, strawberry.argument(description="Which, and whence.")],
    ) -> StartProviderSignInResult:
        signing_in = info.context.service(ProviderSignIn)
        started = await signing_in.start(input.provider, input.redirect_uri, info.context.client)
        return StartProviderSignInSuccess.of(started)

    @strawberry.mutation(
        description="Signs in whoever came back from a provider: to the account that is linked, to the one whose "
        "address both sides have verified, or to a new one."
    )
    async def complete_provider_sign_in(
        self,
        info: Info,
        input: Annotated[CompleteProviderSignInInput, strawberry.argument(description="The provider's answer.")],
    ) -> CompleteProviderSignInResult:
        signing_in = info.context.service(ProviderSignIn)
        arrival = await signing_in.complete(input.answer(), input.display_name, info.context.client)
        return CompleteProviderSignInSuccess(session=Session.of(arrival.session), is_new_account=arrival.is_new)
