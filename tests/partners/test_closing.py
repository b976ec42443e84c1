"""Deleting an organisation: everything ends at once, what it made is erased, and what has to be kept is kept."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import strawberry

from domain.accounts.errors import DeletionBlocked, LinkRefused
from domain.accounts.services.security_log import SecurityLog
from domain.jobs.services.follow import JobFollowing
from domain.kit.caller import Scope
from domain.kit.errors import DependencyUnavailable, Forbidden, NotFound, Unauthenticated, ValidationFailed
from domain.kit.paging import PageRequest
from domain.kit.trust.authentication import Authentication
from domain.partners.errors import TooManyOrganisations
from domain.partners.keys import FORM
from domain.partners.model import MAX_FOUNDED, MemberRole
from domain.partners.services.closing import PLACE_TAKEN, OrganisationClosing
from domain.partners.services.invitations import InvitationService
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.organisations import OrganisationService
from domain.partners.services.safelist import OperationSafelist
from domain.partners.services.usage import PartnerUsage
from domain.partners.stores.keys import PartnerKeyStore
from domain.partners.stores.organisations import OrganisationStore
from domain.webhooks.model import WebhookEvent
from domain.webhooks.services.manage import WebhookEndpoints
from tests.graphql.harness import Api
from tests.partners.office import TRACKS, Office, open_office, publish, signed_in, verified_person
from tests.world import World

MINUTE = 60.0
DELETE = """
mutation($input: DeleteOrganisationInput!) {
  deleteOrganisation(input: $input) { __typename ... on Problem { code message } ... on DeletionBlocked { reasons } }
}
"""
RENAME = """
mutation($input: RenameOrganisationInput!) {
  renameOrganisation(input: $input) {
    __typename ... on Problem { code } ... on RenameOrganisationSuccess { organisation { id name } }
  }
}
"""


@pytest.fixture
def closing(world: World) -> OrganisationClosing:
    return world.get(OrganisationClosing)


async def at_work(world: World, schema: strawberry.Schema) -> tuple[Office, str]:
    """An organisation with one of everything, and the text of its key."""
    office = await open_office(world)
    key = await office.key(*Scope)
    server = await world.get(PartnerKeyService).caller_of(key)
    await publish(office, schema, TRACKS)
    await office.invite("guest@cadenza.example")
    await world.get(WebhookEndpoints).create(
        server, "https://hooks.example/acme", [WebhookEvent.JOB_SUCCEEDED], "", None
    )
    await world.ask(server)
    await world.work_off()
    usage = world.get(PartnerUsage)
    usage.note(office.organisation.id, "0" * 64, "Tracks", 7, failed=False)
    await usage.flush()
    return office, key


async def everything(world: World) -> Mapping[str, list[dict[str, Any]]]:
    names = await world.client[world.database].list_collection_names()
    return {name: await world.documents(name) for name in sorted(names)}


async def mentioning(world: World, text: str) -> set[str]:
    return {name for name, documents in (await everything(world)).items() if text in str(documents)}


async def test_keys_operations_and_letters_end_at_once(
    world: World, closing: OrganisationClosing, schema: strawberry.Schema
) -> None:
    # given an organisation whose key, operation and letter were just used
    office, key = await at_work(world, schema)
    organisation_id, callers = office.organisation.id, world.get(Authentication)
    server = await callers.caller_of(key)
    bob, email = await verified_person(world, "Bob")
    token = await office.invite(email)
    (operation,) = await world.documents("partner_operations")
    assert await world.get(OperationSafelist).find(organisation_id, operation["digest"]) is not None
    # when an owner deletes it
    await closing.close(office.owner, organisation_id, "Acme")
    # then its key is answered as one that never was
    refused = []
    for text in (key, FORM.new()):
        with pytest.raises(Unauthenticated) as told:
            await callers.caller_of(text)
        refused.append(told.value.message)
    assert refused[0] == refused[1]
    assert await callers.live_among([server]) == set()
    # and nothing of it can be run, answered or seen
    assert await world.get(OperationSafelist).find(organisation_id, operation["digest"]) is None
    with pytest.raises(LinkRefused):
        await world.get(InvitationService).accept(bob, token)
    assert await world.get(OrganisationService).mine(office.owner) == []
    for collection in ("partner_keys", "partner_operations", "organisation_invitations"):
        assert await world.documents(collection) == []
    with pytest.raises(NotFound):
        await closing.close(office.owner, organisation_id, "Acme")
    with pytest.raises(NotFound):
        await world.get(OrganisationService).grant(organisation_id, None)


async def test_a_key_that_another_process_believes_in_is_out_within_seconds(
    world: World, closing: OrganisationClosing
) -> None:
    office = await open_office(world)
    key = await office.key()
    services = (world.get(OrganisationService), world.get(SecurityLog))
    elsewhere = PartnerKeyService(PartnerKeyStore(), OrganisationStore(), *services, world.clock, timedelta(seconds=5))
    await elsewhere.caller_of(key)
    await closing.close(office.owner, office.organisation.id, "Acme")
    world.clock.advance(5)
    with pytest.raises(Unauthenticated):
        await elsewhere.caller_of(key)


async def test_what_it_made_is_erased_and_what_must_stay_stays(
    world: World, closing: OrganisationClosing, schema: strawberry.Schema
) -> None:
    # given two organisations at work
    office, _ = await at_work(world, schema)
    other, _ = await at_work(world, schema)
    organisation_id = office.organisation.id
    renditions = await world.documents("renditions")
    own = tuple(each["prefix"] for each in renditions if each["owner_id"] == organisation_id)
    of_other = {key for key in world.blobs.objects if not key.startswith(own)}
    assert own
    assert of_other
    usage = [each for each in await world.documents("partner_usage") if each["organisation_id"] == organisation_id]
    transfers = [each for each in await world.documents("credit_transfers") if each["owner_id"] == organisation_id]
    untouched = await mentioning(world, other.organisation.id)
    # when one is deleted and a worker comes by, at once and a minute later
    await closing.close(office.owner, organisation_id, "Acme")
    assert await closing.sweep() == 0
    assert await mentioning(world, organisation_id) == {"organisations", "partner_usage", "security_events"}
    world.clock.advance(MINUTE)
    assert (await closing.sweep(), await closing.sweep()) == (1, 0)
    # then only its place, its use and its log are kept under its id, and the books under a pseudonym
    assert await mentioning(world, organisation_id) == {"organisations", "partner_usage", "security_events"}
    assert set(world.blobs.objects) == of_other
    (place,) = [each for each in await world.documents("organisations") if each["_id"] == organisation_id]
    assert (place["members"], place["name"], place["pseudonym"]) == ([], "", None)
    after = await world.documents("partner_usage")
    assert [each for each in after if each["organisation_id"] == organisation_id] == usage
    ids = {each["_id"] for each in transfers}
    owners = {each["owner_id"] for each in await world.documents("credit_transfers") if each["_id"] in ids}
    assert len(owners) == 1
    assert owners.isdisjoint({organisation_id, office.owner.account_id, other.organisation.id})
    # and the other one has lost nothing
    assert await mentioning(world, other.organisation.id) == untouched


async def test_what_a_key_makes_in_its_last_seconds_is_erased_a_minute_later(
    world: World, closing: OrganisationClosing
) -> None:
    office = await open_office(world)
    key = await office.key()
    server, (record,) = await world.get(PartnerKeyService).caller_of(key), await world.documents("partner_keys")
    await closing.close(office.owner, office.organisation.id, "Acme")
    assert await closing.sweep() == 0
    # given a process that has not heard of it, and a key that was just being made
    await world.client[world.database]["partner_keys"].insert_one(record)
    with pytest.raises(Unauthenticated):
        await world.get(PartnerKeyService).caller_of(key)
    await world.get(WebhookEndpoints).create(server, "https://hooks.example/late", [WebhookEvent.JOB_FAILED], "", None)
    world.clock.advance(MINUTE)
    assert await closing.sweep() == 1
    assert (await world.documents("webhook_endpoints"), await world.documents("partner_keys")) == ([], [])
    # and songs are not made by it any more in any case
    with pytest.raises(Unauthenticated):
        await world.ask(server)


async def test_what_stands_in_the_way_postpones_the_erasure(world: World, closing: OrganisationClosing) -> None:
    # given an organisation that something of comes in after its end
    office = await open_office(world)
    server = await world.get(PartnerKeyService).caller_of(await office.key())
    job = await world.ask(server)
    jobs = world.client[world.database]["jobs"]
    (record,) = await world.documents("jobs")
    await jobs.delete_many({})
    await closing.close(office.owner, office.organisation.id, "Acme")
    await jobs.insert_one(record)
    world.clock.advance(MINUTE)
    # then a worker waits for it, and comes again
    assert await closing.sweep() == 0
    await world.get(JobFollowing).cancel(server, job.id)
    assert await closing.sweep() == 0
    world.clock.advance(MINUTE)
    assert await closing.sweep() == 1
    assert await world.documents("jobs") == []


async def test_an_erasure_that_broke_off_is_taken_up_again_under_the_same_pseudonym(
    world: World, closing: OrganisationClosing, schema: strawberry.Schema
) -> None:
    office, _ = await at_work(world, schema)
    await closing.close(office.owner, office.organisation.id, "Acme")
    (before,) = await world.documents("organisations")
    world.clock.advance(MINUTE)
    world.blobs.is_down = True
    with pytest.raises(DependencyUnavailable):
        await closing.sweep()
    assert await world.documents("organisations") == [before]
    world.blobs.is_down = False
    assert await closing.sweep() == 1
    owners = {each["owner_id"] for each in await world.documents("credit_transfers")}
    assert owners == {before["pseudonym"]}
    assert world.blobs.objects == {}


async def test_only_owners_delete_and_only_by_the_name(world: World, closing: OrganisationClosing) -> None:
    office, stranger = await open_office(world), await world.person("Eve")
    admin, _ = await office.hire(MemberRole.ADMIN)
    before = await everything(world)
    organisation_id = office.organisation.id
    for caller, name, refusal in (
        (admin, "Acme", Forbidden),
        (stranger, "Acme", NotFound),
        (office.owner, "acme", ValidationFailed),
        (office.owner, "", ValidationFailed),
    ):
        with pytest.raises(refusal):
            await closing.close(caller, organisation_id, name)
    assert await everything(world) == before


async def test_songs_in_the_making_stand_in_the_way(world: World, closing: OrganisationClosing) -> None:
    office = await open_office(world)
    server = await world.get(PartnerKeyService).caller_of(await office.key())
    job = await world.ask(server)
    before = await world.documents("organisations")
    with pytest.raises(DeletionBlocked, match="still going on"):
        await closing.close(office.owner, office.organisation.id, "Acme")
    assert await world.documents("organisations") == before
    await world.get(JobFollowing).cancel(server, job.id)
    await closing.close(office.owner, office.organisation.id, "Acme")


async def test_of_two_who_delete_at_once_one_does_and_all_owners_are_told(
    world: World, closing: OrganisationClosing
) -> None:
    office = await open_office(world)
    second, second_email = await office.hire(MemberRole.OWNER, "Bob")
    _, member_email = await office.hire(MemberRole.MEMBER, "Cleo")
    letters = len(await world.mail_to(member_email))
    calls = [closing.close(caller, office.organisation.id, "Acme") for caller in (office.owner, second)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, (NotFound, ValidationFailed)) for result in results) == 1
    subjects = [mail.subject for mail in await world.mail_to(second_email)]
    assert subjects.count("Your organisation was deleted") == 1
    assert len(await world.mail_to(member_email)) == letters
    # and whoever did it finds it in their own log
    by = office.owner if results[0] is None else second
    (event, *_) = (await world.get(SecurityLog).events(by, PageRequest(1))).items
    assert event.kind.value == "ORGANISATION_DELETED"
    assert event.detail == {"organisation": office.organisation.id, "name": "Acme"}


async def test_a_place_is_free_again_after_a_month(world: World, closing: OrganisationClosing) -> None:
    # given somebody who has founded all they may
    ada, service = await world.person(), world.get(OrganisationService)
    made = [await service.found(ada, f"Acme {number}") for number in range(MAX_FOUNDED)]
    await closing.close(ada, made[0].id, "Acme 0")
    world.clock.advance(MINUTE)
    assert await closing.sweep() == 1
    # then another one can be founded when the plan's credits would have come again, and not before
    with pytest.raises(TooManyOrganisations):
        await service.found(ada, "Acme again")
    world.clock.advance(PLACE_TAKEN.total_seconds())
    await closing.sweep()
    await service.found(ada, "Acme again")
    assert len(await world.documents("organisations")) == MAX_FOUNDED


async def test_renaming_and_deleting_through_the_api(api: Api) -> None:
    office = await open_office(api.world)
    owner, stranger = await signed_in(api, office.owner), (await api.person("Eve")).client
    server = await office.client(api, Scope.ACCOUNT_READ)
    wanted = {"organisationId": office.id, "name": "Acme Radio"}
    assert (await stranger.data(RENAME, input=wanted))["renameOrganisation"]["code"] == "NOT_FOUND"
    renamed = (await owner.data(RENAME, input=wanted))["renameOrganisation"]
    assert renamed["organisation"] == {"id": office.id, "name": "Acme Radio"}
    old = (await owner.data(DELETE, input={**wanted, "name": "Acme"}))["deleteOrganisation"]
    assert old["code"] == "VALIDATION_FAILED"
    assert (await stranger.data(DELETE, input=wanted))["deleteOrganisation"]["code"] == "NOT_FOUND"
    assert len(await api.world.documents("partner_keys")) == 1
    deleted = (await owner.data(DELETE, input=wanted))["deleteOrganisation"]
    assert deleted == {"__typename": "DeleteOrganisationSuccess"}
    assert await owner.data("{ organisations { id } }") == {"organisations": []}
    unknown = api.anonymous.with_token(FORM.new())
    ended, never = [
        await client.error("{ tracks(first: 1) { edges { node { id } } } }") for client in (server, unknown)
    ]
    assert ended["code"] == "UNAUTHENTICATED"
    assert ended == never
