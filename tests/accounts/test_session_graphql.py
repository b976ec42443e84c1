"""Sessions through the public API."""

from dataclasses import replace
from datetime import datetime
from ipaddress import IPv4Network
from typing import Any

import httpx
import pytest
from strawberry.relay.utils import to_base64

from bootstrap.schema import build
from tests.graphql.client import GraphQLClient
from tests.graphql.harness import PASSWORD, POLICY, Api, Door, open_api

SIGN_IN = """
mutation($input: SignInInput!) {
  signIn(input: $input) {
    ... on SignInSuccess { session { accessToken refreshToken expiresAt refreshExpiresAt } }
  }
}
"""
REFRESH = """
mutation($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    __typename
    ... on RefreshSessionSuccess { session { accessToken refreshToken viewer { email } } }
    ... on Problem { code message }
    ... on RefreshRefused { isReuse }
  }
}
"""
SESSIONS = "{ sessions { id createdAt lastUsedAt expiresAt address userAgent isCurrent } }"
END = """
mutation($input: EndSessionInput!) {
  endSession(input: $input) { __typename ... on Problem { code } ... on EndSessionSuccess { sessionId } }
}
"""
SIGN_OUT = "mutation($input: SignOutInput!) { signOut(input: $input) { __typename ... on Problem { code } } }"
EVERYWHERE = """
mutation($input: SignOutEverywhereInput!) {
  signOutEverywhere(input: $input) { __typename ... on SignOutEverywhereSuccess { sessionsEnded } }
}
"""
EVENTS = "{ securityEvents(first: 10) { edges { node { kind address userAgent details { name value } } } } }"
VIEWER = "{ viewer { email } }"
NODE = "query($id: ID!) { node(id: $id) { id } }"


async def signed_in(api: Api, email: str, agent: str = "Phone/2.0") -> dict[str, Any]:
    answer = await api.anonymous.ask(SIGN_IN, {"User-Agent": agent}, input={"email": email, "password": PASSWORD})
    session: dict[str, Any] = answer.data["signIn"]["session"]
    return session


async def test_a_refresh_exchanges_the_tokens(api: Api) -> None:
    ada = await api.person()
    session = await signed_in(api, ada.email)
    answer = (await api.anonymous.data(REFRESH, input={"refreshToken": session["refreshToken"]}))["refreshSession"]
    assert answer["session"]["viewer"] == {"email": ada.email}
    assert answer["session"]["refreshToken"] != session["refreshToken"]
    # and one that was exchanged is told apart from one that never was
    api.world.clock.advance(60)
    again = (await api.anonymous.data(REFRESH, input={"refreshToken": session["refreshToken"]}))["refreshSession"]
    assert again == {
        "__typename": "RefreshRefused",
        "code": "REFRESH_REFUSED",
        "message": "This refresh token was used before, so the session was ended for safety. Sign in again.",
        "isReuse": True,
    }
    unknown = (await api.anonymous.data(REFRESH, input={"refreshToken": "unknown"}))["refreshSession"]
    assert (unknown["code"], unknown["isReuse"]) == ("REFRESH_REFUSED", False)
    assert (await api.anonymous.with_token(answer["session"]["accessToken"]).error(VIEWER)) == {
        "code": "UNAUTHENTICATED",
        "message": "This session was ended. Sign in again.",
    }


async def test_a_person_sees_where_they_are_signed_in(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    phone = await signed_in(api, ada.email)
    here = api.anonymous.with_token(phone["accessToken"])
    first, second = (await here.data(SESSIONS))["sessions"]
    assert (first["userAgent"], first["address"], first["isCurrent"]) == ("Phone/2.0", "127.0.0.1", True)
    assert (second["isCurrent"], len((await bob.client.data(SESSIONS))["sessions"])) == (False, 1)
    created, expires = (datetime.fromisoformat(first[name]) for name in ("createdAt", "expiresAt"))
    assert (expires - created).days == 30
    # and nobody else sees or ends them
    assert (await bob.client.data(NODE, id=first["id"])) == {"node": None}
    assert (await here.data(NODE, id=first["id"])) == {"node": {"id": first["id"]}}
    assert (await bob.client.data(END, input={"sessionId": first["id"]}))["endSession"]["code"] == "NOT_FOUND"
    assert (await here.data(VIEWER))["viewer"]["email"] == ada.email


async def test_an_ended_session_is_out_and_the_log_tells(api: Api) -> None:
    ada = await api.person()
    phone = await signed_in(api, ada.email)
    (session_id,) = [
        found["id"] for found in (await ada.client.data(SESSIONS))["sessions"] if found["userAgent"] == "Phone/2.0"
    ]
    assert (await ada.client.data(END, input={"sessionId": session_id}))["endSession"] == {
        "__typename": "EndSessionSuccess",
        "sessionId": session_id,
    }
    lost = api.anonymous.with_token(phone["accessToken"])
    assert (await lost.error(VIEWER))["code"] == "UNAUTHENTICATED"
    events = [edge["node"] for edge in (await ada.client.data(EVENTS))["securityEvents"]["edges"]]
    assert [event["kind"] for event in events] == ["SESSION_ENDED", "SIGNED_IN", "SIGNED_UP"]
    local = events[0]["details"][0]
    assert (local["name"], to_base64("AccountSession", local["value"])) == ("session_id", session_id)


async def test_signing_out_by_call_by_token_and_everywhere(api: Api) -> None:
    ada = await api.person()
    one, two, three = [await signed_in(api, ada.email) for _ in range(3)]
    clients = [api.anonymous.with_token(session["accessToken"]) for session in (one, two, three)]
    # by the session of the call
    assert (await clients[0].data(SIGN_OUT, input={}))["signOut"] == {"__typename": "SignOutSuccess"}
    assert (await clients[0].error(VIEWER))["code"] == "UNAUTHENTICATED"
    # by a refresh token, with an access token that is dead already
    given = {"refreshToken": two["refreshToken"]}
    assert (await clients[0].data(SIGN_OUT, input=given))["signOut"] == {"__typename": "SignOutSuccess"}
    assert (await clients[1].error(VIEWER))["code"] == "UNAUTHENTICATED"
    # everywhere: the third and that of the sign-up are left
    assert (await clients[2].data(EVERYWHERE, input={}))["signOutEverywhere"]["sessionsEnded"] == 2
    assert await api.world.documents("sessions") == []
    # and nobody cannot sign out
    assert (await api.anonymous.data(SIGN_OUT, input={}))["signOut"]["code"] == "UNAUTHENTICATED"


async def test_a_socket_of_an_ended_session_is_refused(api: Api) -> None:
    ada = await api.person()
    async with ada.client.socket() as socket:
        async for payload in socket.follow(VIEWER, {}):
            assert payload["data"]["viewer"]["email"] == ada.email
    await ada.client.data(EVERYWHERE, input={})
    async with ada.client.socket() as socket:
        async for payload in socket.follow(VIEWER, {}):
            assert payload["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.9", "203.0.113.5", "198.51.100.9"),
        ("10.1.2.3", "203.0.113.5", "203.0.113.5"),
        ("10.1.2.3", "192.0.2.66, 203.0.113.5, 10.9.9.9", "203.0.113.5"),
        ("10.1.2.3", "", "10.1.2.3"),
    ],
    ids=["a stranger", "a proxy", "a liar through proxies", "a proxy that says nothing"],
)
async def test_only_trusted_proxies_say_where_a_call_comes_from(
    api: Api, door: Door, peer: str, forwarded: str, address: str
) -> None:
    ada = await api.person()
    policy = replace(POLICY, proxies=[IPv4Network("10.0.0.0/8")])
    async with open_api(api.world, door, build(), policy=policy) as behind:
        transport = httpx.ASGITransport(behind.app, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://cadenza.example") as http:
            client = GraphQLClient(http, "", None)
            headers = {"X-Forwarded-For": forwarded} if forwarded else {}
            given = {"email": ada.email, "password": PASSWORD}
            session = (await client.ask(SIGN_IN, headers, input=given)).data["signIn"]["session"]
            found = (await client.with_token(session["accessToken"]).data(SESSIONS))["sessions"]
    assert found[0]["address"] == address
