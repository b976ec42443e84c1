"""What the mutations around providers take."""

import strawberry

from domain.accounts.provider_attempts import ProviderAnswer

ISSUER = "The `iss` that the browser came back with, where there is one (RFC 9207)."


@strawberry.input(description="By whom to sign in, and where the app waits.")
class StartProviderSignInInput:
    provider: str = strawberry.field(description="Its name; see `signInProviders`.")
    redirect_uri: str = strawberry.field(
        description="Where the provider sends the browser back to; exactly one of those that the server allows."
    )


@strawberry.input(description="What the browser came back with, and the ticket that it had kept.")
class CompleteProviderSignInInput:
    state: str = strawberry.field(description="The `state` that the browser came back with.")
    code: str = strawberry.field(description="The `code` that the browser came back with.")
    ticket: str = strawberry.field(description="What `startProviderSignIn` gave.")
    issuer: str | None = strawberry.field(default=None, description=ISSUER)
    display_name: str | None = strawberry.field(
        default=None,
        description="A name for a new account whose provider tells none, such as the `name` that Apple sends along.",
    )

    def answer(self) -> ProviderAnswer:
        return ProviderAnswer(self.state, self.code, self.ticket, self.issuer)


@strawberry.input(description="Whom to link, and where the app waits.")
class StartProviderLinkInput:
    provider: str = strawberry.field(description="Its name; see `signInProviders`.")
    redirect_uri: str = strawberry.field(
        description="Where the provider sends the browser back to; exactly one of those that the server allows."
    )
    password: str = strawberry.field(description="The account's password.")


@strawberry.input(description="What the browser came back with, and the ticket that it had kept.")
class CompleteProviderLinkInput:
    state: str = strawberry.field(description="The `state` that the browser came back with.")
    code: str = strawberry.field(description="The `code` that the browser came back with.")
    ticket: str = strawberry.field(description="What `startProviderLink` gave.")
    issuer: str | None = strawberry.field(default=None, description=ISSUER)

    def answer(self) -> ProviderAnswer:
        return ProviderAnswer(self.state, self.code, self.ticket, self.issuer)


@strawberry.input(description="Which provider to unlink.")
class UnlinkProviderInput:
    provider: str = strawberry.field(description="Its name; see `linkedIdentities`.")
