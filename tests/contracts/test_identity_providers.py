"""Identity providers: over HTTP at stand-ins on this machine, and in memory."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from adapters.memory.identity_provider import MemoryIdentityProvider
from adapters.sign_in.apple import apple_provider
from adapters.sign_in.apple_secret import AppleKey
from adapters.sign_in.github import GitHubProvider
from adapters.sign_in.google import google_provider
from adapters.sign_in.outbound import BoundedTransport, open_transport
from domain.accounts.identities import ProvenIdentity
from domain.accounts.identity_errors import ProviderSignInRefused, SignInProviderUnavailable
from domain.accounts.identity_provider import AuthorizationRequest, AuthorizationResponse, IdentityProvider
from domain.accounts.provider_attempts import new_secret, request_of
from tests.accounts.providers import github, openid
from tests.accounts.providers.apple import KEY_ID, TEAM_ID, new_p8, opens_for
from tests.accounts.providers.serving import visit, visit_for_form
from tests.contracts.closed_port import closed_port
from tests.world import APP, TurnableClock

RETURNS_TO = "https://api.cadenza.example/sign-in/return"

Browser = Callable[[str], Awaitable[dict[str, str]]]


@dataclass(frozen=True)
class Desk:
    """A provider, one of its kind that nobody answers for, who signs in there, and the browser that goes there."""

    provider: IdentityProvider
    silent: IdentityProvider
    ada: ProvenIdentity
    browse: Browser

    async def came_back(self, request: AuthorizationRequest) -> AuthorizationResponse:
        fields = await self.browse(await self.provider.authorization_url(request))
        assert fields["state"] == request.state
        return AuthorizationResponse(fields["code"], fields.get("iss"))


@pytest.fixture(params=["memory", "google", "apple", "github"])
async def desk(request: pytest.FixtureRequest) -> AsyncGenerator[Desk, None]:
    if request.param == "memory":
        yield _in_memory()
        return
    async with AsyncExitStack() as stack:
        transport = await stack.enter_async_context(open_transport())
        if request.param == "github":
            yield await _github(stack, transport)
        else:
            server = await stack.enter_async_context(openid.open_openid(TurnableClock()))
            yield (_google if request.param == "google" else _apple)(stack, server, transport)


def _in_memory() -> Desk:
    provider = MemoryIdentityProvider()
    ada = ProvenIdentity("twin", "1001", "ada@cadenza.example", True, "Ada Lovelace")

    async def browse(url: str) -> dict[str, str]:
        state, code = provider.signs_in(ada)
        return {"state": state, "code": code}

    return Desk(provider, MemoryIdentityProvider(is_down=True), ada, browse)


async def _github(stack: AsyncExitStack, transport: BoundedTransport) -> Desk:
    server = await stack.enter_async_context(github.open_github())
    ids = (github.CLIENT_ID, github.CLIENT_SECRET, transport)
    nowhere = f"http://127.0.0.1:{closed_port()}"
    return Desk(
        GitHubProvider(*ids, server.url, f"{server.url}/api"),
        GitHubProvider(*ids, nowhere, nowhere),
        ProvenIdentity("github", "583231", "ada@cadenza.example", True, "Ada Lovelace"),
        visit,
    )


def _google(stack: AsyncExitStack, server: openid.OpenIdServer, transport: BoundedTransport) -> Desk:
    server.person["hd"] = "cadenza.example"
    ids = (openid.CLIENT_ID, openid.CLIENT_SECRET, transport, server.clock)
    provider = google_provider(*ids, issuer=server.issuer)
    silent = google_provider(*ids, issuer=f"http://127.0.0.1:{closed_port()}")
    stack.callback(provider.close)
    return Desk(provider, silent, ProvenIdentity("google", "1001", "ada@cadenza.example", True, "Ada Lovelace"), visit)


def _apple(stack: AsyncExitStack, server: openid.OpenIdServer, transport: BoundedTransport) -> Desk:
    pem = new_p8()
    opens_for(server, pem)
    ids = (openid.CLIENT_ID, AppleKey(TEAM_ID, KEY_ID, pem), RETURNS_TO, transport, server.clock)
    provider = apple_provider(*ids, issuer=server.issuer)
    silent = apple_provider(*ids, issuer=f"http://127.0.0.1:{closed_port()}")
    stack.callback(provider.close)
    return Desk(provider, silent, ProvenIdentity("apple", "1001", "ada@cadenza.example", True), visit_for_form)


def new_request() -> AuthorizationRequest:
    return request_of(APP, new_secret(), new_secret())


async def test_whoever_signs_in_is_known_by_a_subject_and_an_address(desk: Desk) -> None:
    request = new_request()
    response = await desk.came_back(request)

    assert await desk.provider.identify(response, request) == desk.ada


async def test_a_code_counts_once(desk: Desk) -> None:
    request = new_request()
    response = await desk.came_back(request)
    await desk.provider.identify(response, request)

    with pytest.raises(ProviderSignInRefused):
        await desk.provider.identify(response, request)


async def test_a_code_counts_for_the_request_that_it_was_given_for(desk: Desk) -> None:
    request, other = new_request(), new_request()
    response = await desk.came_back(request)

    with pytest.raises(ProviderSignInRefused):
        await desk.provider.identify(response, other)


async def test_the_answer_of_another_issuer_is_refused(desk: Desk) -> None:
    request = new_request()
    response = await desk.came_back(request)

    with pytest.raises(ProviderSignInRefused):
        await desk.provider.identify(AuthorizationResponse(response.code, "https://evil.example"), request)


async def test_a_provider_that_is_down_says_so(desk: Desk) -> None:
    request = new_request()
    response = await desk.came_back(request)

    with pytest.raises(SignInProviderUnavailable):
        await desk.silent.identify(AuthorizationResponse(response.code), request)
