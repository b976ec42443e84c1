"""Accounts through the public API."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.playback.services.playback import PLAYBACK_AUDIENCE
from tests.graphql.harness import PASSWORD, Api

SIGN_UP = """
mutation($input: SignUpInput!) {
  signUp(input: $input) {
    __typename
    ... on SignUpSuccess { session { accessToken expiresAt viewer { id email displayName createdAt } } }
    ... on Problem { code message }
    ... on ValidationFailed { issues { path message } }
    ... on EmailTaken { email }
  }
}
"""
SIGN_IN = """
mutation($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on SignInSuccess { session { accessToken viewer { email } } }
    ... on Problem { code message }
  }
}
"""
VIEWER = "{ viewer { email displayName } }"

ADA = {"email": "ada@cadenza.example", "password": PASSWORD, "displayName": "Ada"}
NO_EMAIL = {"path": "email", "message": "This is not an e-mail address."}
NO_PASSWORD = {"path": "password", "message": "A password has 8 to 256 characters."}
NO_NAME = {"path": "displayName", "message": "A display name has 1 to 80 characters."}
BAD_TOKEN = {
    "message": "The access token is not valid or has expired. Sign in again.",
    "code": "UNAUTHENTICATED",
}


async def sign_up(api: Api, **changes: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.anonymous.data(SIGN_UP, input={**ADA, **changes}))["signUp"]
    return found


async def sign_in(api: Api, email: str, password: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.anonymous.data(SIGN_IN, input={"email": email, "password": password}))["signIn"]
    return found


async def test_a_sign_up_makes_an_account_and_a_session(api: Api) -> None:
    before = api.world.clock.now()
    # when somebody signs up, with a careless address and name
    answer = await sign_up(api, email="  Ada@Cadenza.Example ", displayName=" Ada Lovelace ")
    # then the account is there under the tidy ones, and the access token lasts a quarter of an hour
    assert answer["__typename"] == "SignUpSuccess"
    session = answer["session"]
    assert (session["viewer"]["email"], session["viewer"]["displayName"]) == ("ada@cadenza.example", "Ada Lovelace")
    lifetime = datetime.fromisoformat(session["expiresAt"]) - before
    assert timedelta(minutes=15) <= lifetime < timedelta(minutes=16)
    # and the token is good for who it says
    assert await api.anonymous.with_token(session["accessToken"]).data(VIEWER) == {
        "viewer": {"email": "ada@cadenza.example", "displayName": "Ada Lovelace"}
    }
    # and the password is kept as a hash only
    (account,) = await api.world.documents("accounts")
    assert await api.world.kit.hasher.verify(account["password_hash"], PASSWORD)
    assert PASSWORD not in str(account)


@pytest.mark.parametrize(
    ("changes", "issues"),
    [
        ({"email": ""}, [NO_EMAIL]),
        ({"email": "ada"}, [NO_EMAIL]),
        ({"email": "@cadenza.example"}, [NO_EMAIL]),
        ({"email": "ada@localhost"}, [NO_EMAIL]),
        ({"email": "ada@.example."}, [NO_EMAIL]),
        ({"email": "ada lovelace@cadenza.example"}, [NO_EMAIL]),
        ({"email": "a" * 240 + "@cadenza.example"}, [NO_EMAIL]),
        ({"email": "ada\x00@cadenza.example"}, [NO_EMAIL]),
        ({"email": "ada@eve@cadenza.example"}, [NO_EMAIL]),
        ({"email": ":;@cadenza.example"}, [NO_EMAIL]),
        ({"email": "ada@[192.0.2.1]"}, [NO_EMAIL]),
        ({"password": "1234567"}, [NO_PASSWORD]),
        ({"password": "p" * 257}, [NO_PASSWORD]),
        ({"displayName": "   "}, [NO_NAME]),
        ({"displayName": "n" * 81}, [NO_NAME]),
        ({"email": "ada", "password": "", "displayName": ""}, [NO_EMAIL, NO_PASSWORD, NO_NAME]),
    ],
)
async def test_a_sign_up_that_cannot_be_accepted_names_every_field(
    edge: Api, changes: dict[str, str], issues: list[dict[str, str]]
) -> None:
    answer = await sign_up(edge, **changes)
    assert answer == {
        "__typename": "ValidationFailed",
        "code": "VALIDATION_FAILED",
        "message": " ".join(issue["message"] for issue in issues),
        "issues": issues,
    }
    assert await edge.world.documents("accounts") == []


async def test_an_address_is_taken_once_whatever_its_case(api: Api) -> None:
    await sign_up(api)
    before = await api.contents()
    for email in ("ada@cadenza.example", "ADA@cadenza.EXAMPLE", " ada@cadenza.example\t"):
        assert await sign_up(api, email=email, password="another password", displayName="Eve") == {
            "__typename": "EmailTaken",
            "code": "EMAIL_TAKEN",
            "message": "There already is an account for ada@cadenza.example. Sign in instead.",
            "email": "ada@cadenza.example",
        }
    assert await api.contents() == before


async def test_an_address_is_taken_once_however_many_want_it(api: Api) -> None:
    answers = await asyncio.gather(*(sign_up(api, displayName=f"Ada {number}") for number in range(10)))
    assert sorted(answer["__typename"] for answer in answers) == ["EmailTaken"] * 9 + ["SignUpSuccess"]
    assert len(await api.world.documents("accounts")) == 1


async def test_a_sign_in_starts_a_session(api: Api) -> None:
    await sign_up(api)
    answer = await sign_in(api, "ADA@cadenza.example ", PASSWORD)
    assert answer["__typename"] == "SignInSuccess"
    assert (await api.anonymous.with_token(answer["session"]["accessToken"]).data(VIEWER))["viewer"] == {
        "email": "ada@cadenza.example",
        "displayName": "Ada",
    }


async def test_a_failed_sign_in_does_not_tell_what_was_wrong(api: Api) -> None:
    await sign_up(api)
    before = await api.contents()
    known, unknown = "ada@cadenza.example", "nobody@cadenza.example"
    for email, password in ((known, "a wrong password"), (unknown, PASSWORD), ("", ""), ("ada", "a" * 5000)):
        assert await sign_in(api, email, password) == {
            "__typename": "WrongCredentials",
            "code": "WRONG_CREDENTIALS",
            "message": "The e-mail address or the password is wrong.",
        }
    # and nothing has changed but the log of such things
    after = await api.contents()
    assert after.pop("security_events") != before.pop("security_events")
    assert after == before


async def test_nobody_is_signed_in_without_a_token(edge: Api) -> None:
    assert await edge.anonymous.data(VIEWER) == {"viewer": None}


@pytest.mark.parametrize(
    "token",
    ["garbage", "a.b.c", "", "null", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "..", "a" * 5000],
    ids=["word", "three parts", "empty", "null", "no algorithm", "dots", "long"],
)
async def test_a_forged_token_is_refused(edge: Api, token: str) -> None:
    assert await edge.anonymous.with_token(token).error(VIEWER) == BAD_TOKEN


async def test_a_scheme_other_than_bearer_is_refused(edge: Api) -> None:
    answer = await edge.anonymous.ask(VIEWER, {"Authorization": "Basic YWRhOnBhc3N3b3Jk"})
    assert answer.problem == BAD_TOKEN


async def test_a_token_dies_with_its_time_and_signing_in_helps(api: Api) -> None:
    ada = await api.person()
    # given an access token of 15 minutes that is one second too old
    api.world.clock.advance(15 * 60 + 1)
    assert await ada.client.error(VIEWER) == BAD_TOKEN
    # when its holder signs in, still sending the dead token
    answer = await ada.client.data(SIGN_IN, input={"email": ada.email, "password": PASSWORD})
    # then the new one works
    fresh = ada.client.with_token(answer["signIn"]["session"]["accessToken"])
    assert (await fresh.data(VIEWER))["viewer"]["email"] == ada.email


async def test_the_token_of_a_deleted_account_is_refused(api: Api) -> None:
    ada = await api.person()
    await api.world.client[api.world.database]["accounts"].delete_one({"_id": ada.caller.account_id})
    assert await ada.client.error(VIEWER) == {
        "message": "This account no longer exists. Sign in again.",
        "code": "UNAUTHENTICATED",
    }


async def test_a_token_for_listening_does_not_sign_in(api: Api) -> None:
    ada = await api.person()
    signer, later = api.world.kit.signer, datetime.now(UTC) + timedelta(hours=1)
    listening = signer.sign(PLAYBACK_AUDIENCE, ada.caller.require(), later)
    assert await api.anonymous.with_token(listening).error(VIEWER) == BAD_TOKEN
