"""Linking providers with one's account, and unlinking them."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain.accounts.provider_attempts import StartedAttempt
from domain.accounts.services.identity_links import IdentityLinks
from graphql_api.accounts.identity_inputs import (
    CompleteProviderLinkInput,
    StartProviderLinkInput,
    UnlinkProviderInput,
)
from graphql_api.accounts.identity_types import (
    EmailUnverified,
    IdentityTaken,
    LastWayIn,
    LinkedIdentity,
    PasswordNotSet,
    ProviderAlreadyLinked,
    ProviderSignInRefused,
    SignInProviderUnavailable,
)
from graphql_api.accounts.types import TooManyAttempts, WrongCredentials
from graphql_api.core.context import Info
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.core.scalars import URL


@strawberry.type(description="You can go to the provider.")
class StartProviderLinkSuccess:
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


@strawberry.type(description="The provider is linked, and signs in to your account from now on.")
class CompleteProviderLinkSuccess:
    identity: LinkedIdentity = strawberry.field(description="Who you are there.")


@strawberry.type(description="The provider does not sign in to your account any more. Open sessions go on.")
class UnlinkProviderSuccess:
    provider: str = strawberry.field(description="The provider's name.")


StartProviderLinkResult = Annotated[
    StartProviderLinkSuccess
    | ValidationFailed
    | EmailUnverified
    | PasswordNotSet
    | WrongCredentials
    | SignInProviderUnavailable
    | TooManyAttempts
    | Forbidden
    | Unauthenticated,
    strawberry.union("StartProviderLinkResult", description="How the beginning of linking a provider ended."),
]
CompleteProviderLinkResult = Annotated[
    CompleteProviderLinkSuccess
    | IdentityTaken
    | ProviderAlreadyLinked
    | ProviderSignInRefused
    | SignInProviderUnavailable
    | Forbidden
    | Unauthenticated,
    strawberry.union("CompleteProviderLinkResult", description="How linking a provider ended."),
]
UnlinkProviderResult = Annotated[
    UnlinkProviderSuccess | LastWayIn | NotFound | Forbidden | Unauthenticated,
    strawberry.union("UnlinkProviderResult", description="How unlinking a provider ended."),
]


@strawberry.type
class IdentityMutation:
    @strawberry.mutation(description="Begins to link one of `signInProviders` with your account.")
    async def start_provider_link(
        self,
        info: Info,
        input: Annotated[StartProviderLinkInput, strawberry.argument(description="Which, and whence.")],
    ) -> StartProviderLinkResult:
        context = info.context
        started = await context.service(IdentityLinks).start(
            context.caller, input.provider, input.redirect_uri, input.password, context.client
        )
        return StartProviderLinkSuccess.of(started)

    @strawberry.mutation(description="Links whoever you are at the provider that you came back from.")
    async def complete_provider_link(
        self,
        info: Info,
        input: Annotated[CompleteProviderLinkInput, strawberry.argument(description="The provider's answer.")],
    ) -> CompleteProviderLinkResult:
        context = info.context
        identity = await context.service(IdentityLinks).complete(context.caller, input.answer(), context.client)
        return CompleteProviderLinkSuccess(identity=LinkedIdentity.of(identity))

    @strawberry.mutation(description="Unlinks a provider from your account, unless you could not sign in without it.")
    async def unlink_provider(
        self, info: Info, input: Annotated[UnlinkProviderInput, strawberry.argument(description="Which provider.")]
    ) -> UnlinkProviderResult:
        context = info.context
        await context.service(IdentityLinks).unlink(context.caller, input.provider, context.client)
        return UnlinkProviderSuccess(provider=input.provider)
