"""Signing in by a provider: whose account it becomes, and everything that must not let anybody in."""

import asyncio
from typing import Any

import pyotp
import pytest

from domain.accounts.identities import ProvenIdentity, display_name_of
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.deletion import AccountDeletion
from domain.accounts.services.provider_sign_in import COMPLETE, START
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.services.sign_in import SignInService
from domain.accounts.throttling import PER_ADDRESS
from domain.kit.caller import UNKNOWN_CLIENT, Client
from tests.accounts.providers.calls import (
    PROVIDERS,
    Trip,
    ada,
    complete,
    complete_link,
    start,
    start_link,
    trip,
    verified,
    with_password,
)
from tests.graphql.harness import PASSWORD, Api, Person
from tests.world import APP

REFUSED = {
    "__typename": "ProviderSignInRefused",
    "code": "PROVIDER_SIGN_IN_REFUSED",
    "message": "This sign-in is over, was begun elsewhere, or was not confirmed. Start again.",
}
COMPLETE_FACTOR = """
mutation($input: CompleteSignInInput!) {
  completeSignIn(input: $input) { __typename ... on Problem { code } }
}
"""
EVENTS = "{ securityEvents { edges { node { kind details { name value } } } } }"


async def events_of(api: Api, token: str) -> list[tuple[str, dict[str, str]]]:
    found = await api.anonymous.with_token(token).data(EVENTS)
    nodes = [edge["node"] for edge in found["securityEvents"]["edges"]]
    return [(node["kind"], {each["name"]: each["value"] for each in node["details"]}) for node in nodes]


async def without_attempts(api: Api) -> dict[str, list[dict[str, Any]]]:
    """Everything but the attempts, of which one is used up even when it fails."""
    return {name: found for name, found in (await api.contents()).items() if name != "provider_attempts"}


async def test_providers_are_offered_to_everybody(api: Api) -> None:
    assert await api.anonymous.data(PROVIDERS) == {"signInProviders": [{"name": "twin", "displayName": "Twin"}]}


async def test_somebody_new_gets_an_account_with_the_address_that_the_provider_has_verified(api: Api) -> None:
    answer = await complete(api.anonymous, (await trip(api, ada(email="Ada@Cadenza.Example"))).answer())

    assert (answer["__typename"], answer["isNewAccount"]) == ("CompleteProviderSignInSuccess", True)
    assert answer["session"]["viewer"] == {
        "email": "ada@cadenza.example",
        "displayName": "Ada Lovelace",
        "isEmailVerified": True,
        "hasPassword": False,
    }
    # and no mail asks to verify it again
    assert await api.world.mail_to("ada@cadenza.example") == []
    assert await events_of(api, answer["session"]["accessToken"]) == [("SIGNED_UP", {"provider": "twin"})]


async def test_the_same_person_comes_back_to_the_same_account_whatever_their_address_is_now(api: Api) -> None:
    first = await complete(api.anonymous, (await trip(api, ada())).answer())

    again = await complete(api.anonymous, (await trip(api, ada(email="new@x.example", email_verified=False))).answer())

    assert (again["isNewAccount"], again["session"]["viewer"]) == (False, first["session"]["viewer"])
    (newest, *_) = await events_of(api, again["session"]["accessToken"])
    assert (newest[0], newest[1]["provider"]) == ("SIGNED_IN", "twin")


async def test_another_person_with_the_address_of_a_linked_account_is_not_let_in(api: Api) -> None:
    await complete(api.anonymous, (await trip(api, ada())).answer())
    before = await without_attempts(api)

    answer = await complete(api.anonymous, (await trip(api, ada(subject="1002"))).answer())

    assert answer["code"] == "IDENTITY_LINK_REQUIRED"
    assert await without_attempts(api) == before


async def test_an_account_is_linked_by_itself_when_both_sides_have_verified_the_address(api: Api) -> None:
    person = await verified(api)

    answer = await complete(api.anonymous, (await trip(api, ada())).answer())

    assert (answer["isNewAccount"], answer["session"]["viewer"]["email"]) == (False, person.email)
    assert [kind for kind, _ in await events_of(api, answer["session"]["accessToken"])][:2] == [
        "SIGNED_IN",
        "IDENTITY_LINKED",
    ]
    # and its owner is told, and the password is still good
    assert (await api.world.mail_to(person.email))[-1].subject == "Twin was linked with your account"
    assert (await api.world.get(SignInService).sign_in(person.email, PASSWORD)).account.has_password


LINK_REQUIRED = {
    "__typename": "IdentityLinkRequired",
    "code": "IDENTITY_LINK_REQUIRED",
    "message": "There already is an account for ada@cadenza.example. Sign in with its password, or ask for a new one, "
    "and link Twin in your settings.",
    "provider": "Twin",
    "email": "ada@cadenza.example",
}


async def test_an_account_whose_own_address_is_not_verified_is_not_linked(api: Api) -> None:
    await with_password(api)
    await api.world.mail_to("ada@cadenza.example")
    before = await without_attempts(api)

    assert await complete(api.anonymous, (await trip(api, ada())).answer()) == LINK_REQUIRED
    assert await without_attempts(api) == before


@pytest.mark.parametrize(
    "identity",
    [ada(email_verified=False), ada(links_by_email=False)],
    ids=["an address that the provider has not verified", "a provider that does not vouch for it"],
)
async def test_an_account_is_not_taken_over_by_an_address(api: Api, identity: ProvenIdentity) -> None:
    await verified(api)
    await api.world.mail_to("ada@cadenza.example")
    before = await without_attempts(api)

    assert await complete(api.anonymous, (await trip(api, identity)).answer()) == LINK_REQUIRED
    assert await without_attempts(api) == before


async def test_letters_that_fold_into_others_are_another_address(api: Api) -> None:
    # given an account, and somebody who owns an address that becomes the same one in lower case
    await verified(api, "ada@strasse.example")
    before = await without_attempts(api)

    answer = await complete(api.anonymous, (await trip(api, ada(email="ada@stra\u00dfe.example"))).answer())

    assert answer["code"] == "PROVIDER_EMAIL_UNVERIFIED"
    assert await without_attempts(api) == before


async def test_an_account_with_a_second_factor_is_not_linked_by_less(api: Api) -> None:
    person = await verified(api)
    await switch_factor_on(api, person)
    before = await without_attempts(api)

    assert await complete(api.anonymous, (await trip(api, ada())).answer()) == LINK_REQUIRED
    assert await without_attempts(api) == before


async def switch_factor_on(api: Api, person: Person) -> pyotp.TOTP:
    factor = api.world.get(SecondFactorService)
    secret, _ = await factor.enrol(person.caller, PASSWORD, UNKNOWN_CLIENT)
    codes = pyotp.TOTP(secret)
    await factor.confirm(person.caller, str(codes.at(api.world.clock.now())), UNKNOWN_CLIENT)
    await api.world.mail_to(person.email)
    return codes


async def test_a_linked_account_with_a_second_factor_asks_for_it(api: Api) -> None:
    person = await verified(api)
    await complete(api.anonymous, (await trip(api, ada())).answer())
    codes = await switch_factor_on(api, person)

    answer = await complete(api.anonymous, (await trip(api, ada())).answer())

    assert answer["code"] == "SECOND_FACTOR_REQUIRED"
    api.world.clock.advance(60)
    given = {"challenge": answer["challenge"], "code": str(codes.at(api.world.clock.now()))}
    done = await api.anonymous.data(COMPLETE_FACTOR, input=given)
    assert done == {"completeSignIn": {"__typename": "CompleteSignInSuccess"}}
    last = (await api.world.documents("security_events"))[-1]
    assert (last["kind"], last["detail"]["provider"]) == ("SIGNED_IN", "twin")


async def test_an_account_that_is_being_deleted_can_be_restored(api: Api) -> None:
    person = await verified(api)
    await complete(api.anonymous, (await trip(api, ada())).answer())
    await api.world.get(AccountDeletion).ask(person.caller, PASSWORD, "", UNKNOWN_CLIENT)

    answer = await complete(api.anonymous, (await trip(api, ada())).answer())

    assert answer["code"] == "ACCOUNT_BEING_DELETED"
    session = await api.world.get(AccountDeletion).restore(answer["restoreToken"], UNKNOWN_CLIENT)
    assert session.account.id == person.caller.account_id


async def test_an_account_that_is_being_deleted_is_not_linked(api: Api) -> None:
    person = await verified(api)
    await api.world.get(AccountDeletion).ask(person.caller, PASSWORD, "", UNKNOWN_CLIENT)

    assert (await complete(api.anonymous, (await trip(api, ada())).answer()))["code"] == "IDENTITY_LINK_REQUIRED"
    (account,) = await api.world.documents("accounts")
    assert account["identities"] == []


@pytest.mark.parametrize(
    "identity",
    [ada(email_verified=False), ada(email=None), ada(email="no address")],
    ids=["an address that is not verified", "no address", "what is no address"],
)
async def test_nobody_gets_an_account_without_a_verified_address(api: Api, identity: ProvenIdentity) -> None:
    before = await without_attempts(api)

    answer = await complete(api.anonymous, (await trip(api, identity)).answer())

    assert answer == {
        "__typename": "ProviderEmailUnverified",
        "code": "PROVIDER_EMAIL_UNVERIFIED",
        "message": "Twin has verified no e-mail address of yours. Verify one there, or sign up with a password.",
        "provider": "Twin",
    }
    assert await without_attempts(api) == before


@pytest.mark.parametrize(
    "told, offered, name",
    [
        ("Ada  Lovelace\n", "Eve", "Ada Lovelace"),
        (None, " Ada ", "Ada"),
        ("\u202e \x00", None, "ada"),
        (None, None, "ada"),
        ("n" * 100, None, "n" * 80),
        ("\ud800Ada", None, "Ada"),
    ],
)
def test_a_new_account_has_the_best_name_that_is_known(told: str | None, offered: str | None, name: str) -> None:
    assert display_name_of(ada(display_name=told), offered) == name


async def test_apple_people_bring_their_name_themselves(api: Api) -> None:
    back = await trip(api, ada(display_name=None))

    answer = await complete(api.anonymous, back.answer(displayName="Ada L."))

    assert answer["session"]["viewer"]["displayName"] == "Ada L."


async def test_an_answer_counts_once(api: Api) -> None:
    back = await trip(api, ada())
    await complete(api.anonymous, back.answer())

    assert await complete(api.anonymous, back.answer()) == REFUSED


async def test_an_answer_counts_once_however_many_bring_it(api: Api) -> None:
    back = await trip(api, ada())

    answers = await asyncio.gather(*(complete(api.anonymous, back.answer()) for _ in range(10)))

    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["CompleteProviderSignInSuccess", *["ProviderSignInRefused"] * 9]
    assert len(await api.world.documents("accounts")) == 1


async def test_a_person_who_comes_in_twice_at_once_gets_one_account(api: Api) -> None:
    trips = [await trip(api, ada()) for _ in range(5)]

    answers = await asyncio.gather(*(complete(api.anonymous, back.answer()) for back in trips))

    assert [answer["__typename"] for answer in answers] == ["CompleteProviderSignInSuccess"] * 5
    (account,) = await api.world.documents("accounts")
    assert [identity["key"] for identity in account["identities"]] == ["twin:1001"]


async def test_an_account_is_linked_once_however_often_its_owner_comes_in_at_once(api: Api) -> None:
    person = await verified(api)
    trips = [await trip(api, ada()) for _ in range(5)]

    answers = await asyncio.gather(*(complete(api.anonymous, back.answer()) for back in trips))

    assert [answer["__typename"] for answer in answers] == ["CompleteProviderSignInSuccess"] * 5
    (account,) = await api.world.documents("accounts")
    assert [identity["key"] for identity in account["identities"]] == ["twin:1001"]
    subjects = [mail.subject for mail in await api.world.mail_to(person.email)]
    assert subjects.count("Twin was linked with your account") == 1


async def test_an_answer_is_worth_nothing_in_another_browser(api: Api) -> None:
    # given somebody who has begun, and an attacker who plants the answer to a beginning of their own
    victim, attacker = await trip(api, ada()), await trip(api, ada(subject="666", email="eve@x.example"))
    before = await api.contents()

    planted = await complete(api.anonymous, attacker.answer(ticket=victim.ticket))
    stolen = await complete(api.anonymous, victim.answer(ticket=attacker.ticket))

    assert (planted, stolen) == (REFUSED, REFUSED)
    # and neither has taken anything away from those who began
    assert await api.contents() == before
    assert (await complete(api.anonymous, victim.answer()))["isNewAccount"]


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "another"},
        {"state": ""},
        {"ticket": ""},
        {"ticket": "another"},
        {"code": "another"},
        {"code": ""},
        {"code": "c" * 4097},
        {"issuer": "https://evil.example"},
    ],
    ids=lambda changes: f"{next(iter(changes))} {next(iter(changes.values()))[:10]}",
)
async def test_an_answer_that_does_not_fit_lets_nobody_in(api: Api, changes: dict[str, str]) -> None:
    back = await trip(api, ada())
    before = await without_attempts(api)

    assert await complete(api.anonymous, back.answer(**changes)) == REFUSED
    assert await without_attempts(api) == before


async def test_an_answer_with_the_right_issuer_is_taken(api: Api) -> None:
    back = await trip(api, ada())

    assert (await complete(api.anonymous, back.answer(issuer=api.world.provider.issuer)))["isNewAccount"]


async def test_an_answer_that_comes_after_ten_minutes_is_too_late(api: Api) -> None:
    in_time, too_late = await trip(api, ada()), await trip(api, ada())
    api.world.clock.advance(500)
    assert (await complete(api.anonymous, in_time.answer()))["isNewAccount"]
    api.world.clock.advance(100)

    assert await complete(api.anonymous, too_late.answer()) == REFUSED


async def test_a_beginning_for_linking_signs_nobody_in_and_the_other_way_round(api: Api) -> None:
    person = await verified(api)
    to_link = await start_link(person.client, PASSWORD)
    state, code = api.world.provider.signs_in(ada())
    before = await api.contents()

    assert await complete(api.anonymous, Trip(state, code, to_link["ticket"]).answer()) == REFUSED
    assert await api.contents() == before
    to_sign_in = await trip(api, ada())
    assert (await complete_link(person.client, to_sign_in.answer()))["code"] == "PROVIDER_SIGN_IN_REFUSED"


async def test_nothing_that_is_kept_of_a_beginning_is_of_use_to_a_thief(api: Api) -> None:
    started = await start(api.anonymous)

    kept = str(await api.world.documents("provider_attempts"))

    (asked,) = api.world.provider.asked
    for secret in (started["ticket"], asked.state, asked.nonce, asked.verifier):
        assert secret not in kept


@pytest.mark.parametrize(
    "provider, redirect_uri, paths",
    [
        ("google", APP, ["provider"]),
        ("twin", "https://evil.example/", ["redirectUri"]),
        ("twin", f"{APP}/", ["redirectUri"]),
        ("twin", f"{APP}?next=https://evil.example", ["redirectUri"]),
        ("twin", APP.upper(), ["redirectUri"]),
        ("", "", ["provider", "redirectUri"]),
    ],
)
async def test_only_known_providers_and_addresses_are_taken(
    edge: Api, provider: str, redirect_uri: str, paths: list[str]
) -> None:
    answer = await start(edge.anonymous, provider, redirect_uri)

    assert answer["code"] == "VALIDATION_FAILED"
    assert [issue["path"] for issue in answer["issues"]] == paths


async def test_a_provider_that_is_down_is_told_and_nothing_is_kept(api: Api) -> None:
    unavailable = {
        "__typename": "SignInProviderUnavailable",
        "code": "SIGN_IN_PROVIDER_UNAVAILABLE",
        "message": "Twin does not answer as it should. Start again in a moment, or sign in another way.",
        "provider": "Twin",
    }
    back = await trip(api, ada())
    before = await without_attempts(api)
    api.world.provider.is_down = True

    assert await start(api.anonymous) == unavailable
    assert await complete(api.anonymous, back.answer()) == unavailable
    assert await without_attempts(api) == before
    assert await api.world.documents("provider_attempts") == []


async def used_up(api: Api, purpose: str) -> None:
    """As many attempts as one address has at once."""
    for _ in range(PER_ADDRESS.burst):
        await api.world.get(Attempts).count(purpose, "", Client("127.0.0.1"))


async def test_guessing_from_one_address_is_slowed_down(api: Api) -> None:
    back = await trip(api, ada())
    await used_up(api, COMPLETE)

    assert (await complete(api.anonymous, back.answer()))["code"] == "TOO_MANY_ATTEMPTS"


async def test_beginnings_from_one_address_are_slowed_down(api: Api) -> None:
    await used_up(api, START)

    assert (await start(api.anonymous))["code"] == "TOO_MANY_ATTEMPTS"
    assert await api.world.documents("provider_attempts") == []
