"""An OpenID provider over HTTP: what is asked of it, and every answer that must not be believed."""

import asyncio
import gzip
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from adapters.sign_in.oidc import OidcProvider
from adapters.sign_in.outbound import MAX_ANSWER_BYTES, BoundedTransport, open_transport
from bootstrap.sign_in import other_provider
from bootstrap.sign_in_settings import OidcClient
from domain.accounts.identities import ProvenIdentity
from domain.accounts.identity_errors import ProviderSignInRefused, SignInProviderUnavailable
from domain.accounts.identity_provider import AuthorizationRequest, AuthorizationResponse
from domain.accounts.provider_attempts import new_secret, request_of
from tests.accounts.providers.openid import (
    CLIENT_ID,
    CLIENT_SECRET,
    Claims,
    OpenIdServer,
    by_hand,
    new_key,
    open_openid,
)
from tests.accounts.providers.serving import StoppedClock, flat, visit
from tests.world import APP, TurnableClock

ADA = ProvenIdentity("corp", "1001", "ada@cadenza.example", True, "Ada Lovelace")
DISCOVERY = "/.well-known/openid-configuration"

Forgery = Callable[[OpenIdServer, Claims], str]


@pytest.fixture
def clock() -> TurnableClock:
    return StoppedClock()


@pytest.fixture
async def server(clock: TurnableClock) -> AsyncGenerator[OpenIdServer, None]:
    async with open_openid(clock) as opened:
        yield opened


@pytest.fixture
async def transport() -> AsyncGenerator[BoundedTransport, None]:
    async with open_transport() as opened:
        yield opened


@pytest.fixture
async def provider(
    server: OpenIdServer, transport: BoundedTransport, clock: TurnableClock
) -> AsyncGenerator[OidcProvider, None]:
    opened = other_provider("corp", client(server), transport, clock)
    yield opened
    opened.close()


def client(server: OpenIdServer, **changes: Any) -> OidcClient:
    known = {"issuer": server.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "display_name": "Corp"}
    return OidcClient.model_validate({**known, **changes})


def new_request() -> AuthorizationRequest:
    return request_of(APP, new_secret(), new_secret())


async def came_back(provider: OidcProvider, request: AuthorizationRequest) -> AuthorizationResponse:
    answer = await visit(await provider.authorization_url(request))
    assert answer["state"] == request.state
    return AuthorizationResponse(answer["code"], answer["iss"])


async def signed_in(provider: OidcProvider) -> ProvenIdentity:
    request = new_request()
    return await provider.identify(await came_back(provider, request), request)


async def test_somebody_who_signed_in_is_known(provider: OidcProvider) -> None:
    assert await signed_in(provider) == ADA


async def test_the_way_there_says_what_has_to_come_back(provider: OidcProvider, server: OpenIdServer) -> None:
    request = new_request()

    url = await provider.authorization_url(request)

    address, _, query = url.partition("?")
    assert address == f"{server.issuer}/authorize"
    sent = flat(query)
    assert (sent["state"], sent["nonce"], sent["redirect_uri"]) == (request.state, request.nonce, APP)
    assert (sent["response_type"], sent["scope"], sent["code_challenge_method"]) == (
        "code",
        "openid email profile",
        "S256",
    )
    assert request.verifier not in url
    assert CLIENT_SECRET not in url


@pytest.mark.parametrize(
    "methods",
    [["client_secret_post"], ["client_secret_basic"], ["private_key_jwt", "client_secret_post"], "nonsense", None],
    ids=["by form", "by header", "of several", "nonsense", "unsaid"],
)
async def test_a_secret_goes_where_the_provider_wants_it(
    provider: OidcProvider, server: OpenIdServer, methods: object
) -> None:
    server.by_form = isinstance(methods, list) and "client_secret_post" in methods
    server.metadata = {"token_endpoint_auth_methods_supported": methods}

    assert await signed_in(provider) == ADA


async def test_configuration_and_keys_are_asked_for_once(provider: OidcProvider, server: OpenIdServer) -> None:
    await asyncio.gather(*(signed_in(provider) for _ in range(5)))

    assert (server.asked.count(DISCOVERY), server.asked.count("/keys")) == (1, 1)


async def test_configuration_and_keys_are_asked_for_again_after_an_hour(
    provider: OidcProvider, server: OpenIdServer, clock: TurnableClock
) -> None:
    await signed_in(provider)
    clock.advance(3600)

    await signed_in(provider)

    assert (server.asked.count(DISCOVERY), server.asked.count("/keys")) == (2, 2)


async def test_a_new_key_is_looked_for_once(provider: OidcProvider, server: OpenIdServer, clock: TurnableClock) -> None:
    await signed_in(provider)
    clock.advance(60)
    server.rotate()

    assert await signed_in(provider) == ADA
    assert server.asked.count("/keys") == 2


async def test_a_key_that_is_not_published_is_not_looked_for_without_end(
    provider: OidcProvider, server: OpenIdServer
) -> None:
    server.forge = lambda at, claims: at.sign(claims, {"kid": "nowhere"})

    for _ in range(3):
        with pytest.raises(ProviderSignInRefused):
            await signed_in(provider)

    assert server.asked.count("/keys") == 1


async def test_an_address_can_come_from_the_userinfo_endpoint(provider: OidcProvider, server: OpenIdServer) -> None:
    server.thin = True

    assert await signed_in(provider) == ADA


async def test_the_userinfo_of_somebody_else_is_refused(provider: OidcProvider, server: OpenIdServer) -> None:
    async def somebody_else(request: Request) -> Response:
        return JSONResponse({**server.person, "sub": "1002"})

    server.thin, server.instead = True, {"/userinfo": somebody_else}

    with pytest.raises(ProviderSignInRefused):
        await signed_in(provider)


@pytest.mark.parametrize(
    "value, is_verified",
    [(True, True), ("true", True), (False, False), ("false", False), (None, False), (1.5, False), ([True], False)],
)
async def test_an_address_is_verified_when_the_provider_says_so_in_one_of_two_ways(
    provider: OidcProvider, server: OpenIdServer, value: object, is_verified: bool
) -> None:
    server.person["email_verified"] = value

    assert (await signed_in(provider)).email_verified is is_verified


async def test_an_operator_can_decide_that_a_provider_links_nobody_by_an_address(
    server: OpenIdServer, transport: BoundedTransport, clock: TurnableClock
) -> None:
    cautious = other_provider("corp", client(server, links_by_email=False), transport, clock)

    assert not (await signed_in(cautious)).links_by_email
    cautious.close()


def changed(**claims: object) -> Forgery:
    return lambda at, right: at.sign({**right, **claims})


def without(name: str) -> Forgery:
    return lambda at, right: at.sign({key: value for key, value in right.items() if key != name})


def later(name: str, seconds: int) -> Forgery:
    return lambda at, right: at.sign({**right, name: int(at.clock.now().timestamp()) + seconds})


def unsigned(at: OpenIdServer, claims: Claims) -> str:
    return by_hand({"alg": "none", "kid": at.key.kid}, claims, None)


def signed_by_the_public_key(at: OpenIdServer, claims: Claims) -> str:
    pem = at.key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return by_hand({"alg": "HS256", "kid": at.key.kid}, claims, pem)


def signed_by_a_published_secret(at: OpenIdServer, claims: Claims) -> str:
    return by_hand({"alg": "HS256", "kid": "shared"}, claims, b"secret")


def signed_by_the_client_secret(at: OpenIdServer, claims: Claims) -> str:
    return by_hand({"alg": "HS256"}, claims, CLIENT_SECRET.encode())


def signed_by_another_key_of_that_name(at: OpenIdServer, claims: Claims) -> str:
    return at.sign(claims, key=new_key("second"))


def signed_by_a_key_of_its_own(at: OpenIdServer, claims: Claims) -> str:
    key = ECKey.generate_key("P-256")
    return at.sign(claims, {"alg": "ES256", "kid": at.key.kid, "jwk": key.as_dict(private=False)}, key)


def with_another_signature(at: OpenIdServer, claims: Claims) -> str:
    return at.sign(claims)[:-8] + "AAAAAAAA"


def with_other_claims(at: OpenIdServer, claims: Claims) -> str:
    head, _, signature = at.sign(claims).split(".")
    _, body, _ = at.sign({**claims, "sub": "1002"}).split(".")
    return f"{head}.{body}.{signature}"


FORGERIES: dict[str, Forgery] = {
    "another nonce": changed(nonce="another"),
    "a list with the nonce": lambda at, right: at.sign({**right, "nonce": [right["nonce"]]}),
    "no nonce": without("nonce"),
    "another audience": changed(aud="another client"),
    "no audience": without("aud"),
    "many audiences and no party": changed(aud=[CLIENT_ID, "another client"]),
    "another party": changed(aud=[CLIENT_ID, "another client"], azp="another client"),
    "another party for this audience": changed(azp="another client"),
    "another issuer": changed(iss="https://accounts.google.com"),
    "an issuer that begins alike": lambda at, right: at.sign({**right, "iss": f"{right['iss']}/"}),
    "no issuer": without("iss"),
    "expired": later("exp", -61),
    "no expiry": without("exp"),
    "an expiry that is none": changed(exp="never"),
    "issued in the future": later("iat", 120),
    "no time of issue": without("iat"),
    "not yet valid": later("nbf", 120),
    "no subject": without("sub"),
    "an empty subject": changed(sub=""),
    "a subject that is a number": changed(sub=1001),
    "a subject that is too long": changed(sub="1" * 256),
    "a subject beyond ASCII": changed(sub="ad\u00e4"),
    "alg none": unsigned,
    "HS256 with the public key": signed_by_the_public_key,
    "HS256 with a published secret": signed_by_a_published_secret,
    "HS256 with the client's secret": signed_by_the_client_secret,
    "another key of the same name": signed_by_another_key_of_that_name,
    "a key of its own in the header": signed_by_a_key_of_its_own,
    "another signature": with_another_signature,
    "other claims under the signature": with_other_claims,
    "no token": lambda at, right: "junk",
    "three empty parts": lambda at, right: "..",
    "too many parts": lambda at, right: at.sign(right) + ".x",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_token_that_is_not_right_in_every_way_is_refused(
    provider: OidcProvider, server: OpenIdServer, forge: Forgery
) -> None:
    server.forge = forge

    with pytest.raises(ProviderSignInRefused):
        await signed_in(provider)


@pytest.mark.parametrize(
    "forge",
    [
        later("exp", -30),
        later("iat", 30),
        changed(aud=[CLIENT_ID]),
        changed(aud=[CLIENT_ID, "another client"], azp=CLIENT_ID),
    ],
    ids=["a clock that is slow", "a clock that is fast", "a list of one audience", "the right party of many audiences"],
)
async def test_what_the_specification_allows_is_accepted(
    provider: OidcProvider, server: OpenIdServer, forge: Forgery
) -> None:
    server.forge = forge

    assert await signed_in(provider) == ADA


async def test_a_code_counts_once(provider: OidcProvider) -> None:
    request = new_request()
    response = await came_back(provider, request)
    await provider.identify(response, request)

    with pytest.raises(ProviderSignInRefused):
        await provider.identify(response, request)


async def test_a_code_is_worth_nothing_with_another_verifier(provider: OidcProvider) -> None:
    request = new_request()
    response = await came_back(provider, request)

    with pytest.raises(ProviderSignInRefused):
        await provider.identify(response, request_of(APP, request.state, new_secret()))


async def test_an_answer_that_says_to_be_of_another_issuer_is_not_taken_there(
    provider: OidcProvider, server: OpenIdServer
) -> None:
    request = new_request()
    response = await came_back(provider, request)

    with pytest.raises(ProviderSignInRefused):
        await provider.identify(AuthorizationResponse(response.code, "https://evil.example"), request)

    assert "/token" not in server.asked


async def test_a_wrong_client_secret_is_told_as_the_providers_trouble(
    server: OpenIdServer, transport: BoundedTransport, clock: TurnableClock
) -> None:
    misled = other_provider("corp", client(server, client_secret="another"), transport, clock)

    with pytest.raises(SignInProviderUnavailable):
        await signed_in(misled)
    misled.close()


async def too_large(request: Request) -> Response:
    return Response(b" " * (MAX_ANSWER_BYTES + 1), media_type="application/json")


async def compressed(request: Request) -> Response:
    return Response(gzip.compress(b"{}"), media_type="application/json", headers={"content-encoding": "gzip"})


async def elsewhere(request: Request) -> Response:
    return RedirectResponse("http://127.0.0.1:9/", 302)


async def broken(request: Request) -> Response:
    return PlainTextResponse("Internal Server Error", 500)


async def busy(request: Request) -> Response:
    return PlainTextResponse("slow down", 429)


async def no_json(request: Request) -> Response:
    return PlainTextResponse("<html>")


async def no_object(request: Request) -> Response:
    return JSONResponse([1])


async def nothing_in_it(request: Request) -> Response:
    return JSONResponse({})


async def deeply_nested(request: Request) -> Response:
    return Response(b"[" * 100_000, media_type="application/json")


async def an_odd_lifetime(request: Request) -> Response:
    return JSONResponse({"access_token": "x", "expires_in": [1]})


NONSENSE = [too_large, compressed, elsewhere, broken, busy, no_json, no_object, nothing_in_it, deeply_nested]


@pytest.mark.parametrize("path", [DISCOVERY, "/keys", "/token"])
@pytest.mark.parametrize("handler", [*NONSENSE, an_odd_lifetime], ids=lambda handler: handler.__name__)
async def test_nonsense_is_told_as_the_providers_trouble(
    provider: OidcProvider, server: OpenIdServer, path: str, handler: Callable[[Request], Any]
) -> None:
    server.instead = {path: handler}

    with pytest.raises(SignInProviderUnavailable) as told:
        await signed_in(provider)

    assert told.value.message == ("Corp does not answer as it should. Start again in a moment, or sign in another way.")


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": ["https://corp.example/keys"]},
        {"userinfo_endpoint": "http://[broken"},
    ],
    ids=lambda metadata: next(iter(metadata)),
)
async def test_a_configuration_that_leads_astray_is_not_followed(
    provider: OidcProvider, server: OpenIdServer, metadata: dict[str, Any]
) -> None:
    server.metadata = metadata

    with pytest.raises(SignInProviderUnavailable):
        await provider.authorization_url(new_request())

    assert server.asked == [DISCOVERY]


async def test_a_provider_that_is_down_is_not_asked_by_everybody(
    provider: OidcProvider, server: OpenIdServer, clock: TurnableClock
) -> None:
    server.instead = {DISCOVERY: broken}

    for _ in range(3):
        with pytest.raises(SignInProviderUnavailable):
            await provider.authorization_url(new_request())

    assert server.asked == [DISCOVERY]
    # and a moment later, when it is up again, it is asked again
    server.instead = {}
    clock.advance(5)
    assert (await provider.authorization_url(new_request())).startswith(server.issuer)


async def test_a_provider_that_is_slow_is_not_waited_for(
    provider: OidcProvider, server: OpenIdServer, transport: BoundedTransport, clock: TurnableClock
) -> None:
    never = asyncio.Event()

    async def silent(request: Request) -> Response:
        await never.wait()
        return PlainTextResponse("")

    server.instead = {"/token": silent}
    hasty = other_provider("corp", client(server), transport, clock, deadline_seconds=0.5)
    request = new_request()
    response = await came_back(provider, request)

    with pytest.raises(SignInProviderUnavailable):
        await hasty.identify(response, request)
    never.set()
    hasty.close()


async def test_whoever_gives_up_waiting_takes_nothing_from_the_others(
    provider: OidcProvider, server: OpenIdServer
) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def patient(request: Request) -> Response:
        asked.set()
        await may_answer.wait()
        server.instead = {}
        return await server.answer(request)

    server.instead = {DISCOVERY: patient}
    first = asyncio.create_task(provider.authorization_url(new_request()))
    second = asyncio.create_task(provider.authorization_url(new_request()))
    await asked.wait()

    first.cancel()
    await asyncio.wait([first])
    may_answer.set()

    assert (await second).startswith(server.issuer)
    assert first.cancelled()
