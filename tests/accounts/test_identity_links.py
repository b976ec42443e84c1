"""Linking providers in the settings: what it asks for, what stands in the way, and the last way in."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.accounts.identities import LinkedIdentity
from domain.accounts.services.identity_links import IdentityLinks
from domain.accounts.services.passwords import PasswordService
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.stores.identities import IdentityStore, to_record
from domain.kit.caller import UNKNOWN_CLIENT, Caller, Credential, Scope
from domain.kit.errors import Forbidden
from domain.kit.transactions import Session as Transaction
from tests.accounts.letters import code_in
from tests.accounts.providers.calls import (
    IDENTITIES,
    UNLINK,
    ada,
    complete,
    complete_link,
    linking_trip,
    start_link,
    trip,
    unlink,
    verified,
    with_password,
)
from tests.graphql.harness import PASSWORD, Api, Person
from tests.world import World

NEEDS_PASSWORD = {
    "changePassword": {"password": "", "newPassword": PASSWORD},
    "changeEmail": {"newEmail": "new@cadenza.example", "password": ""},
    "enrolSecondFactor": {"password": ""},
    "disableSecondFactor": {"password": "", "code": ""},
    "deleteAccount": {"password": ""},
    "exportAccount": {"password": ""},
    "requestAccountExport": {"password": ""},
    "startProviderLink": {"provider": "twin", "redirectUri": "https://app.cadenza.example/signed-in", "password": ""},
}


async def linked(api: Api) -> Person:
    """Somebody with a password and the twin."""
    person = await verified(api)
    back_again = await linking_trip(api, person, PASSWORD, ada())
    assert (await complete_link(person.client, back_again.answer()))["__typename"] == "CompleteProviderLinkSuccess"
    return person


async def without_password(api: Api) -> Person:
    """Somebody who has only ever signed in by the twin."""
    session = (await complete(api.anonymous, (await trip(api, ada())).answer()))["session"]
    (account,) = await api.world.documents("accounts")
    (record,) = await api.world.documents("sessions")
    client = api.anonymous.with_token(session["accessToken"])
    return Person(Caller(account["_id"], record["_id"]), client, account["email"])


async def identities_of(person: Person) -> list[tuple[str, str | None]]:
    found = (await person.client.data(IDENTITIES))["linkedIdentities"]
    return [(each["provider"], each["email"]) for each in found]


async def kept(api: Api) -> dict[str, list[dict[str, Any]]]:
    return {name: found for name, found in (await api.contents()).items() if name != "provider_attempts"}


async def test_a_linked_provider_is_listed_and_signs_in(api: Api) -> None:
    # an address there that is not the one here, and not even verified, does not matter
    person = await verified(api)
    to_and_fro = await linking_trip(api, person, PASSWORD, ada(email="elsewhere@x.example", email_verified=False))

    answer = await complete_link(person.client, to_and_fro.answer())

    assert (answer["identity"]["provider"], answer["identity"]["email"]) == ("twin", "elsewhere@x.example")
    assert await identities_of(person) == [("twin", "elsewhere@x.example")]
    assert (await api.world.mail_to(person.email))[-1].subject == "Twin was linked with your account"
    again = await complete(api.anonymous, (await trip(api, ada(email=None))).answer())
    assert again["session"]["viewer"]["email"] == person.email


async def test_linking_asks_for_the_password(api: Api) -> None:
    person = await verified(api)
    before = await kept(api)

    assert (await start_link(person.client, "a wrong password"))["code"] == "WRONG_CREDENTIALS"
    assert (await start_link(api.anonymous, PASSWORD))["code"] == "UNAUTHENTICATED"
    assert await kept(api) == before
    assert await api.world.documents("provider_attempts") == []


async def test_linking_needs_a_verified_address(api: Api) -> None:
    # so that nobody leaves an identity in the account of somebody whose address they signed up with
    person = await with_password(api)

    assert (await start_link(person.client, PASSWORD))["code"] == "EMAIL_UNVERIFIED"
    assert await api.world.documents("provider_attempts") == []


async def test_what_somebody_else_has_linked_cannot_be_linked(api: Api) -> None:
    await linked(api)
    bob = await verified(api, "bob@cadenza.example")
    to_and_fro = await linking_trip(api, bob, PASSWORD, ada())
    before = await kept(api)

    assert (await complete_link(bob.client, to_and_fro.answer()))["code"] == "IDENTITY_TAKEN"
    assert await kept(api) == before


async def test_one_identity_goes_to_one_account_however_many_want_it(api: Api) -> None:
    people = [await verified(api, f"{number}@cadenza.example") for number in range(4)]
    trips = [await linking_trip(api, person, PASSWORD, ada()) for person in people]

    answers = await asyncio.gather(
        *(complete_link(person.client, each.answer()) for person, each in zip(people, trips, strict=True))
    )

    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["CompleteProviderLinkSuccess", *["IdentityTaken"] * 3]


async def test_a_second_person_at_one_provider_cannot_be_linked(api: Api) -> None:
    person = await linked(api)
    to_and_fro = await linking_trip(api, person, PASSWORD, ada(subject="1002"))

    assert (await complete_link(person.client, to_and_fro.answer()))["code"] == "PROVIDER_ALREADY_LINKED"
    assert await identities_of(person) == [("twin", "ada@cadenza.example")]


async def test_linking_twice_changes_nothing(api: Api) -> None:
    person = await linked(api)
    to_and_fro = await linking_trip(api, person, PASSWORD, ada())
    before = await kept(api)

    answer = await complete_link(person.client, to_and_fro.answer())

    assert answer["identity"]["provider"] == "twin"
    assert await kept(api) == before


async def test_only_whoever_began_completes(api: Api) -> None:
    # given Ada on her way, and Bob who gets hold of all that she has
    person, bob = await verified(api), await verified(api, "bob@cadenza.example")
    to_and_fro = await linking_trip(api, person, PASSWORD, ada())
    before = await api.contents()

    for client in (bob.client, api.anonymous):
        answer = await complete_link(client, to_and_fro.answer())
        assert answer["code"] in ("PROVIDER_SIGN_IN_REFUSED", "UNAUTHENTICATED")
    assert await api.contents() == before
    assert (await complete_link(person.client, to_and_fro.answer()))["__typename"] == "CompleteProviderLinkSuccess"


async def test_a_provider_that_is_down_links_nothing(api: Api) -> None:
    person = await verified(api)
    to_and_fro = await linking_trip(api, person, PASSWORD, ada())
    api.world.provider.is_down = True
    before = await kept(api)

    assert (await complete_link(person.client, to_and_fro.answer()))["code"] == "SIGN_IN_PROVIDER_UNAVAILABLE"
    assert (await start_link(person.client, PASSWORD))["code"] == "SIGN_IN_PROVIDER_UNAVAILABLE"
    assert await kept(api) == before


async def test_an_unlinked_provider_signs_in_no_more(api: Api) -> None:
    person = await linked(api)

    assert (await unlink(person))["__typename"] == "UnlinkProviderSuccess"

    assert await identities_of(person) == []
    assert (await api.world.mail_to(person.email))[-1].subject == "Twin was unlinked from your account"
    kinds = [event["kind"] for event in await api.world.documents("security_events")]
    assert kinds[-2:] == ["IDENTITY_LINKED", "IDENTITY_UNLINKED"]
    # and somebody else may have it
    bob = await verified(api, "bob@cadenza.example")
    to_and_fro = await linking_trip(api, bob, PASSWORD, ada())
    assert (await complete_link(bob.client, to_and_fro.answer()))["__typename"] == "CompleteProviderLinkSuccess"


async def test_what_is_not_linked_cannot_be_unlinked(api: Api) -> None:
    person = await verified(api)

    assert (await unlink(person))["code"] == "NOT_FOUND"
    assert (await api.anonymous.data(UNLINK, input={"provider": "twin"}))["unlinkProvider"]["code"] == "UNAUTHENTICATED"


async def test_the_last_way_in_cannot_be_unlinked(api: Api) -> None:
    person = await without_password(api)
    before = await api.contents()

    assert await unlink(person) == {
        "__typename": "LastWayIn",
        "code": "LAST_WAY_IN",
        "message": "Twin is the only way in to your account. Ask for a link to choose a password first.",
    }
    assert await api.contents() == before


async def test_a_provider_that_is_not_on_any_more_is_no_way_in(api: Api) -> None:
    # given somebody who is linked with two, of which one was switched off
    person = await without_password(api)
    gone = {"key": "gone:1", "provider": "gone", "subject": "1", "email": None, "linked_at": api.world.clock.now()}
    accounts = api.world.client[api.world.database]["accounts"]
    await accounts.update_one({"_id": person.caller.account_id}, {"$push": {"identities": gone}})

    assert (await unlink(person))["code"] == "LAST_WAY_IN"
    assert (await unlink(person, "gone"))["__typename"] == "UnlinkProviderSuccess"


@pytest.mark.parametrize("mutation", NEEDS_PASSWORD)
async def test_what_asks_for_a_password_says_that_there_is_none(api: Api, mutation: str) -> None:
    person = await without_password(api)
    before = await api.contents()
    kind = mutation[0].upper() + mutation[1:]
    document = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ ... on Problem {{ code message }} }} }}"

    answer = await person.client.data(document, input=NEEDS_PASSWORD[mutation])

    assert answer[mutation] == {
        "code": "PASSWORD_NOT_SET",
        "message": "Your account has no password yet. Ask for a link to choose one, and use it here.",
    }
    assert await api.contents() == before


async def test_a_password_can_be_chosen_by_the_link_of_a_mail_and_is_good_for_everything(api: Api) -> None:
    person = await without_password(api)

    await api.world.get(PasswordService).ask_for_reset(person.email, UNKNOWN_CLIENT)
    (mail,) = await api.world.mail_to(person.email)
    await api.world.get(PasswordService).reset(code_in(mail), PASSWORD, UNKNOWN_CLIENT)

    again = await api.signed_in_again(person)
    assert (await again.client.data(IDENTITIES))["viewer"]["hasPassword"]
    secret, _ = await api.world.get(SecondFactorService).enrol(again.caller, PASSWORD, UNKNOWN_CLIENT)
    assert secret
    assert (await unlink(again))["__typename"] == "UnlinkProviderSuccess"


async def test_keys_read_identities_and_change_none(api: Api) -> None:
    person = await linked(api)
    links = api.world.get(IdentityLinks)
    key = Caller(person.caller.account_id, scopes=frozenset({Scope.ACCOUNT_READ}), credential=Credential.API_KEY)

    assert len(await links.of_caller(key)) == 1
    with pytest.raises(Forbidden):
        await links.of_caller(Caller(key.account_id, scopes=frozenset(), credential=Credential.API_KEY))
    with pytest.raises(Forbidden):
        await links.unlink(key, "twin", UNKNOWN_CLIENT)
    with pytest.raises(Forbidden):
        await links.start(key, "twin", "https://app.cadenza.example/signed-in", PASSWORD, UNKNOWN_CLIENT)


async def test_identities_are_found_by_their_index(api: Api) -> None:
    await linked(api)
    database = api.world.client[api.world.database]

    plan = await database.command("explain", {"find": "accounts", "filter": {"identities.key": "twin:1001"}})

    assert plan["queryPlanner"]["winningPlan"]["inputStage"]["stage"] == "IXSCAN"


BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
OTHER = {"key": "twin:7", "provider": "twin", "subject": "7", "email": None, "linked_at": BEFORE}


@pytest.mark.parametrize(
    ("changes", "links"),
    [
        ({}, True),
        ({"email_verified_at": None}, False),
        ({"erase_at": BEFORE}, False),
        ({"identities": [OTHER]}, False),
        ({"identities": [{**OTHER, "key": "corp:7", "provider": "corp"}]}, True),
    ],
    ids=["verified", "not verified", "to be erased", "another one of the provider", "one of another provider"],
)
async def test_a_link_is_a_condition_and_a_write_in_one(world: World, changes: dict[str, Any], links: bool) -> None:
    # given an account that lacks nothing, but for what is changed here
    account_id, store = (await world.person()).require_person(), IdentityStore()
    accounts = world.client[world.database]["accounts"]
    await accounts.update_one({"_id": account_id}, {"$set": {"email_verified_at": BEFORE, **changes}})
    (before,) = await world.documents("accounts")
    identity = LinkedIdentity("twin", "1001", "ada@cadenza.example", BEFORE)

    # when an identity is linked
    async def work(transaction: Transaction) -> bool:
        return await store.link(account_id, identity, transaction)

    linked = await world.kit.transactions.run(work)

    # then the store says what it did, and has written that and nothing else
    (after,) = await world.documents("accounts")
    assert linked is links
    added = [to_record(identity).model_dump()] if links else []
    assert after == {**before, "identities": [*before["identities"], *added]}
