"""Opens the providers that the settings name."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.sign_in import apple, github, google
from adapters.sign_in.answers import DEADLINE_SECONDS
from adapters.sign_in.apple_secret import AppleKey
from adapters.sign_in.code_flow import Registration
from adapters.sign_in.oidc import OidcProvider, Traits
from adapters.sign_in.outbound import BoundedTransport, open_transport
from bootstrap.sign_in_settings import OidcClient, SignInSettings
from domain.accounts.identity_provider import IdentityProvider, IdentityProviders
from domain.kit.clock import Clock
from graphql_api.accounts.http import RETURN_PATH

OIDC_SCOPES = ("openid", "email", "profile")


@asynccontextmanager
async def open_providers(
    settings: SignInSettings, api_address: str, clock: Clock
) -> AsyncGenerator[IdentityProviders, None]:
    """`api_address` is where clients reach the API: Apple posts its answers there."""
    if not settings.redirect_uris:
        yield IdentityProviders({})
        return
    async with AsyncExitStack() as stack:
        transport = await stack.enter_async_context(open_transport())
        opened = _openid_providers(settings, api_address, transport, clock)
        for provider in opened.values():
            stack.callback(provider.close)
        yield IdentityProviders({**opened, **_github(settings, transport)})


def _openid_providers(
    settings: SignInSettings, api_address: str, transport: BoundedTransport, clock: Clock
) -> dict[str, OidcProvider]:
    found: dict[str, OidcProvider] = {}
    if settings.google_client_id and settings.google_client_secret:
        found[google.NAME] = google.google_provider(
            settings.google_client_id, settings.google_client_secret, transport, clock
        )
    if settings.apple_client_id:
        key = AppleKey(settings.apple_team_id or "", settings.apple_key_id or "", settings.apple_private_key or "")
        returns_to = api_address.rstrip("/") + RETURN_PATH
        found[apple.NAME] = apple.apple_provider(settings.apple_client_id, key, returns_to, transport, clock)
    others = {name: other_provider(name, client, transport, clock) for name, client in settings.oidc.items()}
    return {**found, **others}


def _github(settings: SignInSettings, transport: BoundedTransport) -> dict[str, IdentityProvider]:
    if not settings.github_client_id or not settings.github_client_secret:
        return {}
    provider = github.GitHubProvider(
        settings.github_client_id,
        settings.github_client_secret,
        transport,
        settings.github_url,
        settings.github_api_url,
    )
    return {github.NAME: provider}


def other_provider(
    name: str,
    client: OidcClient,
    transport: BoundedTransport,
    clock: Clock,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> OidcProvider:
    """Any OpenID provider, by its issuer."""
    registration = Registration(name, client.display_name, client.client_id, lambda: client.client_secret, OIDC_SCOPES)
    traits = Traits({}, lambda claims: client.links_by_email)
    return OidcProvider(registration, client.issuer, traits, transport, clock, deadline_seconds)
