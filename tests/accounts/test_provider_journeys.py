"""The whole way of a browser through the public API and a provider over HTTP, with Apple's detour by a form."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from adapters.sign_in.apple import apple_provider
from adapters.sign_in.apple_secret import AppleKey
from adapters.sign_in.github import GitHubProvider
from adapters.sign_in.google import google_provider
from adapters.sign_in.outbound import open_transport
from bootstrap.sign_in import other_provider
from bootstrap.sign_in_settings import OidcClient
from deploy.embedded import Endpoints
from domain.accounts.identity_provider import IdentityProvider
from graphql_api.accounts.http import MAX_FORM_BYTES, RETURN_PATH
from tests.accounts.providers import github, openid
from tests.accounts.providers.apple import KEY_ID, TEAM_ID, new_p8, opens_for
from tests.accounts.providers.calls import PROVIDERS, complete, complete_link, start, start_link, verified
from tests.accounts.providers.openid import OpenIdServer, open_openid
from tests.accounts.providers.serving import flat, visit, visit_for_form
from tests.graphql.harness import PASSWORD, Api
from tests.world import APP, TurnableClock, World, open_world

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
async def corp(clock: TurnableClock) -> AsyncGenerator[OpenIdServer, None]:
    async with open_openid(clock) as server:
        yield server


@pytest.fixture
async def appleid(clock: TurnableClock) -> AsyncGenerator[OpenIdServer, None]:
    async with open_openid(clock) as server:
        yield server


@pytest.fixture
async def hub() -> AsyncGenerator[github.GitHubServer, None]:
    async with github.open_github() as server:
        yield server


@pytest.fixture
async def world(
    endpoints: Endpoints,
    tmp_path: Path,
    clock: TurnableClock,
    corp: OpenIdServer,
    appleid: OpenIdServer,
    hub: github.GitHubServer,
) -> AsyncGenerator[World, None]:
    """With a provider of each kind."""
    pem = new_p8()
    opens_for(appleid, pem)
    ids = (openid.CLIENT_ID, openid.CLIENT_SECRET)
    known = {"issuer": corp.issuer, "client_id": ids[0], "client_secret": ids[1], "display_name": "Corp"}
    async with open_transport() as transport:
        providers: dict[str, IdentityProvider] = {
            "google": google_provider(*ids, transport, clock, corp.issuer),
            "apple": apple_provider(
                ids[0], AppleKey(TEAM_ID, KEY_ID, pem), f"http://api{RETURN_PATH}", transport, clock, appleid.issuer
            ),
            "github": GitHubProvider(github.CLIENT_ID, github.CLIENT_SECRET, transport, hub.url, f"{hub.url}/api"),
            "corp": other_provider("corp", OidcClient.model_validate(known), transport, clock),
        }
        async with open_world(endpoints.mongo_url, tmp_path, providers=providers, clock=clock) as opened:
            yield opened


async def came_back(api: Api, provider: str) -> dict[str, str]:
    """The answer of a provider to somebody who begins anew, as the app gets it."""
    started = await start(api.anonymous, provider)
    fields = await visit(started["authorizationUrl"])
    return {"state": fields["state"], "code": fields["code"], "ticket": started["ticket"]}


async def posted(api: Api, fields: dict[str, str]) -> httpx.Response:
    return await api.http.post(RETURN_PATH, content=urlencode(fields), headers=FORM)


async def test_all_kinds_of_providers_are_offered(api: Api) -> None:
    found = (await api.anonymous.data(PROVIDERS))["signInProviders"]

    assert [each["displayName"] for each in found] == ["Twin", "Google", "Apple", "GitHub", "Corp"]


@pytest.mark.parametrize("provider", ["google", "github", "corp"])
async def test_a_browser_goes_there_and_back_and_is_signed_in(api: Api, provider: str) -> None:
    answer = await complete(api.anonymous, await came_back(api, provider))

    assert answer["isNewAccount"]
    assert answer["session"]["viewer"]["email"] == "ada@cadenza.example"
    signed_in = api.anonymous.with_token(answer["session"]["accessToken"])
    assert (await signed_in.data("{ viewer { displayName } }"))["viewer"]["displayName"] == "Ada Lovelace"
    # and comes back to the same account
    again = await complete(api.anonymous, await came_back(api, provider))
    assert not again["isNewAccount"]
    assert len(await api.world.documents("accounts")) == 1


async def test_all_kinds_of_providers_can_be_linked_with_one_account(api: Api) -> None:
    person = await verified(api)

    for provider in ("google", "github", "corp"):
        started = await start_link(person.client, PASSWORD, provider)
        fields = await visit(started["authorizationUrl"])
        answer = {"state": fields["state"], "code": fields["code"], "ticket": started["ticket"]}
        linked = await complete_link(person.client, answer)
        assert linked["identity"]["provider"] == provider


async def test_apples_answer_is_posted_here_and_sent_on_to_the_app(api: Api) -> None:
    started = await start(api.anonymous, "apple")
    fields = await visit_for_form(started["authorizationUrl"])
    user = json.dumps({"name": {"firstName": "Ada", "lastName": "Lovelace"}, "email": "eve@x.example"})

    sent_on = await posted(api, {**fields, "id_token": "a token", "user": user})

    assert (sent_on.status_code, sent_on.headers["cache-control"]) == (303, "no-store")
    address, _, query = sent_on.headers["location"].partition("?")
    found = flat(query)
    assert (address, found) == (
        APP,
        {"code": fields["code"], "state": fields["state"], "iss": fields["iss"], "name": "Ada Lovelace"},
    )
    # and the app completes with it
    given = {"state": found["state"], "code": found["code"], "ticket": started["ticket"], "displayName": found["name"]}
    answer = await complete(api.anonymous, given)
    assert answer["session"]["viewer"]["displayName"] == "Ada Lovelace"
    assert answer["session"]["viewer"]["email"] == "ada@cadenza.example"


async def test_a_refusal_at_apple_reaches_the_app(api: Api) -> None:
    started = await start(api.anonymous, "apple")
    state = flat(urlsplit(started["authorizationUrl"]).query)["state"]

    sent_on = await posted(api, {"error": "user_cancelled_authorize", "state": state})

    assert sent_on.headers["location"] == f"{APP}?state={state}&error=user_cancelled_authorize"


@pytest.mark.parametrize(
    "user",
    ["", "no JSON", "[]", '{"name": 1}', '{"name": {"firstName": 1}}', "[" * 5000],
    ids=["none", "no JSON", "a list", "a number", "a number inside", "deeply nested"],
)
async def test_a_name_that_cannot_be_read_is_left_out(api: Api, user: str) -> None:
    started = await start(api.anonymous, "apple")
    fields = await visit_for_form(started["authorizationUrl"])

    sent_on = await posted(api, {"code": fields["code"], "state": fields["state"], "user": user})

    assert flat(urlsplit(sent_on.headers["location"]).query) == {"code": fields["code"], "state": fields["state"]}


@pytest.mark.parametrize(
    "content, headers, status",
    [
        ("state=unknown&code=x", FORM, 400),
        ("", FORM, 400),
        ("&".join(f"field{number}=x" for number in range(30)), FORM, 400),
        (b"state=\xff\xfe", FORM, 400),
        ("state=" + "x" * MAX_FORM_BYTES, FORM, 413),
        ('{"state": "x"}', {"content-type": "application/json"}, 415),
        ("state=x", {}, 415),
    ],
    ids=["an unknown state", "nothing", "too many fields", "no text", "too much", "JSON", "no type"],
)
async def test_what_nobody_waits_for_goes_nowhere(
    api: Api, content: str | bytes, headers: dict[str, str], status: int
) -> None:
    response = await api.http.post(RETURN_PATH, content=content, headers=headers)

    assert response.status_code == status
    assert "location" not in response.headers


async def test_an_answer_that_comes_too_late_goes_nowhere(api: Api) -> None:
    started = await start(api.anonymous, "apple")
    state = flat(urlsplit(started["authorizationUrl"]).query)["state"]
    api.world.clock.advance(600)

    assert (await posted(api, {"state": state, "code": "x"})).status_code == 400


@pytest.mark.parametrize(
    "status, emails",
    [
        (403, []),
        (404, []),
        (200, []),
        (200, [{"email": "ada@cadenza.example", "primary": True, "verified": False}]),
        (200, [{"email": "ada@cadenza.example", "primary": False, "verified": True}]),
    ],
    ids=["not allowed", "not found", "none", "not verified", "not the primary one"],
)
async def test_only_a_verified_primary_address_at_github_makes_an_account(
    api: Api, hub: github.GitHubServer, status: int, emails: list[dict[str, Any]]
) -> None:
    hub.emails_status, hub.emails = status, emails

    answer = await complete(api.anonymous, await came_back(api, "github"))

    assert (answer["code"], answer["provider"]) == ("PROVIDER_EMAIL_UNVERIFIED", "GitHub")
    assert await api.world.documents("accounts") == []


@pytest.mark.parametrize("person", [{}, {"id": "583231"}, {"id": True}], ids=["nothing", "a text", "a truth"])
async def test_somebody_without_a_number_at_github_is_nobody(
    api: Api, hub: github.GitHubServer, person: dict[str, Any]
) -> None:
    hub.person = person

    answer = await complete(api.anonymous, await came_back(api, "github"))

    assert answer["code"] == "SIGN_IN_PROVIDER_UNAVAILABLE"


@pytest.mark.parametrize(
    "changes, code",
    [
        ({}, "IDENTITY_LINK_REQUIRED"),
        ({"hd": "cadenza.example"}, None),
        ({"email": "ada@gmail.com"}, None),
        ({"email": "ada@gmail.com.evil.example"}, "IDENTITY_LINK_REQUIRED"),
    ],
    ids=["an address elsewhere", "of a Workspace", "Gmail", "what only looks like Gmail"],
)
async def test_google_links_by_itself_only_addresses_that_google_keeps(
    api: Api, corp: OpenIdServer, changes: dict[str, str], code: str | None
) -> None:
    await verified(api, changes.get("email", "ada@cadenza.example"))
    corp.person.update(changes)

    assert (await complete(api.anonymous, await came_back(api, "google"))).get("code") == code


async def test_a_forged_token_leaves_nothing_behind(api: Api, corp: OpenIdServer) -> None:
    corp.forge = lambda at, claims: openid.by_hand({"alg": "none"}, claims, None)
    answer = await came_back(api, "corp")

    refused = await complete(api.anonymous, answer)

    assert refused["code"] == "PROVIDER_SIGN_IN_REFUSED"
    found = {name: kept for name, kept in (await api.contents()).items() if kept}
    assert found == {}
    # and the answer is used up all the same
    corp.forge = None
    assert (await complete(api.anonymous, answer))["code"] == "PROVIDER_SIGN_IN_REFUSED"
