"""Providers, linked identities and their problems as the schema shows them."""

from datetime import datetime
from typing import Self

import strawberry

from domain.accounts import identity_errors as errors
from domain.accounts.identities import LinkedIdentity as LinkedIdentityModel
from domain.accounts.services.provider_sign_in import OfferedProvider
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler


@strawberry.type(description="Somebody else who can say who a person is, such as Google.")
class SignInProvider:
    name: str = strawberry.field(description="Its name for `startProviderSignIn` and `startProviderLink`.")
    display_name: str = strawberry.field(description="What people call it.")

    @classmethod
    def of(cls, offered: OfferedProvider) -> Self:
        return cls(name=offered.name, display_name=offered.display_name)


@strawberry.type(description="A provider that signs in to your account.")
class LinkedIdentity:
    provider: str = strawberry.field(description="The provider's name.")
    email: str | None = strawberry.field(description="Your address there when it was linked, where it told one.")
    linked_at: datetime = strawberry.field(description="When it was linked.")

    @classmethod
    def of(cls, identity: LinkedIdentityModel) -> Self:
        return cls(provider=identity.provider, email=identity.email, linked_at=identity.linked_at)


@strawberry.type(
    description="What came back is over, was used, belongs to somebody else's beginning, or was not confirmed by the "
    "provider. Start again."
)
class ProviderSignInRefused(Problem):
    pass


@strawberry.type(description="The provider is down, slow, or answers nonsense. Nothing was done; start again later.")
class SignInProviderUnavailable(Problem):
    provider: str = strawberry.field(description="What people call it.")

    @classmethod
    def of(cls, error: errors.SignInProviderUnavailable) -> "SignInProviderUnavailable":
        return cls(code=ProblemCode.SIGN_IN_PROVIDER_UNAVAILABLE, message=error.message, provider=error.provider)


@strawberry.type(description="The provider has verified no address of the person's, so no account was made.")
class ProviderEmailUnverified(Problem):
    provider: str = strawberry.field(description="What people call it.")

    @classmethod
    def of(cls, error: errors.ProviderEmailUnverified) -> "ProviderEmailUnverified":
        return cls(code=ProblemCode.PROVIDER_EMAIL_UNVERIFIED, message=error.message, provider=error.provider)


@strawberry.type(
    description="There is an account with this address, and the provider's word does not suffice to open it: sign in "
    "by its password (`requestPasswordReset` gives a new one), then see `startProviderLink`."
)
class IdentityLinkRequired(Problem):
    provider: str = strawberry.field(description="What people call it.")
    email: str = strawberry.field(description="The address.")

    @classmethod
    def of(cls, error: errors.IdentityLinkRequired) -> "IdentityLinkRequired":
        return cls(
            code=ProblemCode.IDENTITY_LINK_REQUIRED,
            message=error.message,
            provider=error.provider,
            email=error.email,
        )


@strawberry.type(description="This person at the provider signs in to another account here.")
class IdentityTaken(Problem):
    provider: str = strawberry.field(description="What people call it.")

    @classmethod
    def of(cls, error: errors.IdentityTaken) -> "IdentityTaken":
        return cls(code=ProblemCode.IDENTITY_TAKEN, message=error.message, provider=error.provider)


@strawberry.type(description="Your account is linked with another person at this provider.")
class ProviderAlreadyLinked(Problem):
    provider: str = strawberry.field(description="What people call it.")

    @classmethod
    def of(cls, error: errors.ProviderAlreadyLinked) -> "ProviderAlreadyLinked":
        return cls(code=ProblemCode.PROVIDER_ALREADY_LINKED, message=error.message, provider=error.provider)


@strawberry.type(description="Without this provider you could not sign in any more; see `requestPasswordReset`.")
class LastWayIn(Problem):
    provider: str = strawberry.field(description="What people call it.")

    @classmethod
    def of(cls, error: errors.LastWayIn) -> "LastWayIn":
        return cls(code=ProblemCode.LAST_WAY_IN, message=error.message, provider=error.provider)


@strawberry.type(
    description="This asks for your password, and you sign in without one; `requestPasswordReset` mails you a link to "
    "choose one."
)
class PasswordNotSet(Problem):
    pass


@strawberry.type(description="Your own address has to be verified first; see `resendVerification`.")
class EmailUnverified(Problem):
    pass


HANDLERS = (
    ProblemHandler(errors.ProviderSignInRefused, ProviderSignInRefused),
    ProblemHandler(errors.SignInProviderUnavailable, SignInProviderUnavailable),
    ProblemHandler(errors.ProviderEmailUnverified, ProviderEmailUnverified),
    ProblemHandler(errors.IdentityLinkRequired, IdentityLinkRequired),
    ProblemHandler(errors.IdentityTaken, IdentityTaken),
    ProblemHandler(errors.ProviderAlreadyLinked, ProviderAlreadyLinked),
    ProblemHandler(errors.LastWayIn, LastWayIn),
    ProblemHandler(errors.PasswordNotSet, PasswordNotSet),
    ProblemHandler(errors.EmailUnverified, EmailUnverified),
)
