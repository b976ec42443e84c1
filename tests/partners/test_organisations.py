"""Organisations: who sees them, who changes their members, and that an owner is always left."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from domain.accounts.service import AccountService
from domain.kit.caller import Caller, Credential, Scope
from domain.kit.errors import Forbidden, NotFound, Unauthenticated, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.paging import PageRequest
from domain.partners.errors import LastOwner, TooManyOrganisations
from domain.partners.model import MAX_FOUNDED, MemberRole
from domain.partners.services.closing import OrganisationClosing
from domain.partners.services.invitations import InvitationService
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.operations import OperationRegistry
from domain.partners.services.organisations import OrganisationService
from tests.partners.office import Office, open_office
from tests.world import World

PAGE = PageRequest(10)


@pytest.fixture
def service(world: World) -> OrganisationService:
    return world.get(OrganisationService)


async def roles(office: Office) -> dict[str, MemberRole]:
    found = await office.world.get(OrganisationService).people(office.owner, office.organisation.id)
    return {membership.account.display_name: membership.member.role for membership in found}


async def test_who_founds_an_organisation_owns_it_and_only_members_see_it(
    world: World, service: OrganisationService
) -> None:
    office = await open_office(world)
    stranger = await world.person("Eve")
    assert await roles(office) == {"Ada": MemberRole.OWNER}
    assert await service.mine(office.owner) == [office.organisation]
    assert await service.mine(stranger) == []
    assert await service.by_ids(stranger, [office.organisation.id]) == {}
    for call in (service.as_member, service.people, service.as_manager):
        with pytest.raises(NotFound):
            await call(stranger, office.organisation.id)


async def test_a_person_founds_a_few_and_one_call_under_a_key_founds_one(
    world: World, service: OrganisationService
) -> None:
    ada = await world.person()
    first = await service.found(ada, "Acme", "once")
    assert await service.found(ada, "Acme", "once") == first
    calls = [service.found(ada, f"Acme {number}") for number in range(MAX_FOUNDED + 2)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    refused = [result for result in results if isinstance(result, TooManyOrganisations)]
    assert (len(results) - len(refused), len(refused)) == (MAX_FOUNDED - 1, 3)
    assert sorted(found["slot"] for found in await world.documents("organisations")) == list(range(MAX_FOUNDED))
    for name in (" ", "n" * 81):
        with pytest.raises(ValidationFailed):
            await service.found(ada, name)


async def test_administrators_change_members_but_not_owners(world: World, service: OrganisationService) -> None:
    # given an organisation with an owner, an administrator and a member
    office = await open_office(world)
    organisation_id = office.organisation.id
    admin, admin_email = await office.hire(MemberRole.ADMIN, "Bob")
    member, member_email = await office.hire(MemberRole.MEMBER, "Cleo")
    second_owner, owner_email = await office.hire(MemberRole.OWNER, "Dan")
    before = await roles(office)
    # when each tries more than the role allows
    for caller, email, role in (
        (member, member_email, MemberRole.ADMIN),
        (member, admin_email, MemberRole.MEMBER),
        (admin, admin_email, MemberRole.OWNER),
        (admin, owner_email, MemberRole.MEMBER),
    ):
        with pytest.raises(Forbidden):
            await service.change_role(caller, organisation_id, email, role)
    for caller, email in ((member, admin_email), (admin, owner_email)):
        with pytest.raises(Forbidden):
            await service.dismiss(caller, organisation_id, email)
    with pytest.raises(NotFound):
        await service.change_role(admin, organisation_id, "nobody@cadenza.example", MemberRole.MEMBER)
    # then nothing has changed
    assert await roles(office) == before
    # and what the roles allow is done
    await service.change_role(admin, organisation_id, member_email, MemberRole.ADMIN)
    await service.change_role(second_owner, organisation_id, admin_email, MemberRole.OWNER)
    await service.dismiss(member, organisation_id, member_email)
    assert await roles(office) == {"Ada": MemberRole.OWNER, "Bob": MemberRole.OWNER, "Dan": MemberRole.OWNER}
    assert await service.mine(member) == []


async def test_an_owner_is_always_left(world: World, service: OrganisationService) -> None:
    office = await open_office(world)
    organisation_id = office.organisation.id
    second, second_email = await office.hire(MemberRole.OWNER, "Bob")
    account = await world.get(AccountService).viewer(office.owner)
    assert account is not None
    # when both owners leave at once
    results = await asyncio.gather(
        service.dismiss(office.owner, organisation_id, account.email),
        service.dismiss(second, organisation_id, second_email),
        return_exceptions=True,
    )
    # then one of them stays
    assert sum(isinstance(result, LastOwner) for result in results) == 1
    (left,) = (await world.documents("organisations"))[0]["members"]
    assert left["role"] == "OWNER"
    # and cannot become less
    people = {office.owner.account_id: (office.owner, account.email), second.account_id: (second, second_email)}
    last, email = people[left["account_id"]]
    with pytest.raises(LastOwner):
        await service.change_role(last, organisation_id, email, MemberRole.MEMBER)
    assert (await world.documents("organisations"))[0]["members"] == [left]


async def test_those_who_manage_see_what_happened(world: World, service: OrganisationService) -> None:
    office = await open_office(world)
    member, email = await office.hire(MemberRole.MEMBER)
    await office.key()
    await service.dismiss(office.owner, office.organisation.id, email)
    events = await service.security_events(office.owner, office.organisation.id, PAGE)
    assert [event.kind.value for event in events.items] == [
        "MEMBER_DISMISSED",
        "PARTNER_KEY_CREATED",
        "MEMBER_APPOINTED",
        "MEMBER_INVITED",
    ]
    with pytest.raises(NotFound):
        await service.security_events(member, office.organisation.id, PAGE)


async def test_owners_rename_an_organisation(world: World, service: OrganisationService) -> None:
    office = await open_office(world)
    admin, _ = await office.hire(MemberRole.ADMIN)
    stranger = await world.person("Eve")
    before = await world.documents("organisations")
    for caller, name, refusal in (
        (admin, "Ours", Forbidden),
        (stranger, "Ours", NotFound),
        (office.owner, " ", ValidationFailed),
        (office.owner, "n" * 81, ValidationFailed),
    ):
        with pytest.raises(refusal):
            await service.rename(caller, office.organisation.id, name)
    assert await world.documents("organisations") == before
    renamed = await service.rename(office.owner, office.organisation.id, " Acme Radio ")
    assert renamed.name == (await world.documents("organisations"))[0]["name"] == "Acme Radio"
    (event,) = (await service.security_events(office.owner, office.organisation.id, PageRequest(1))).items
    assert event.kind.value == "ORGANISATION_RENAMED"
    assert (event.detail["before"], event.detail["name"]) == ("Acme", "Acme Radio")


Call = Callable[[World, Caller, str], Awaitable[object]]
CALLS: dict[str, Call] = {
    "found": lambda w, c, o: w.get(OrganisationService).found(c, "Acme"),
    "mine": lambda w, c, o: w.get(OrganisationService).mine(c),
    "by ids": lambda w, c, o: w.get(OrganisationService).by_ids(c, [o]),
    "people": lambda w, c, o: w.get(OrganisationService).people(c, o),
    "change a role": lambda w, c, o: w.get(OrganisationService).change_role(c, o, "a@b.example", MemberRole.OWNER),
    "rename": lambda w, c, o: w.get(OrganisationService).rename(c, o, "Acme, too"),
    "delete": lambda w, c, o: w.get(OrganisationClosing).close(c, o, "Acme"),
    "invite": lambda w, c, o: w.get(InvitationService).invite(c, o, "a@b.example", MemberRole.OWNER),
    "invitations": lambda w, c, o: w.get(InvitationService).of_organisation(c, o),
    "invitations by id": lambda w, c, o: w.get(InvitationService).by_ids(c, [o]),
    "received invitations": lambda w, c, o: w.get(InvitationService).received(c),
    "revoke an invitation": lambda w, c, o: w.get(InvitationService).revoke(c, o),
    "accept": lambda w, c, o: w.get(InvitationService).accept(c, o),
    "dismiss": lambda w, c, o: w.get(OrganisationService).dismiss(c, o, "a@b.example"),
    "events": lambda w, c, o: w.get(OrganisationService).security_events(c, o, PAGE),
    "keys": lambda w, c, o: w.get(PartnerKeyService).keys(c, o),
    "keys by id": lambda w, c, o: w.get(PartnerKeyService).by_ids(c, [o]),
    "create a key": lambda w, c, o: w.get(PartnerKeyService).create(c, o, "Server"),
    "revoke a key": lambda w, c, o: w.get(PartnerKeyService).revoke(c, o),
    "operations": lambda w, c, o: w.get(OperationRegistry).page(c, o, PAGE),
    "operations by id": lambda w, c, o: w.get(OperationRegistry).by_ids(c, [o]),
    "retire": lambda w, c, o: w.get(OperationRegistry).retire(c, o, [o]),
}


@pytest.mark.parametrize("name", CALLS)
async def test_keys_and_strangers_manage_nothing(world: World, name: str) -> None:
    office = await open_office(world)
    api_key = Caller(office.owner.require(), scopes=frozenset(Scope), credential=Credential.API_KEY, key_id=new_id())
    partner = Caller(
        office.organisation.id, scopes=frozenset(Scope), credential=Credential.PARTNER_KEY, key_id=new_id()
    )
    before = await world.documents("organisations")
    for caller, refusal in ((api_key, Forbidden), (partner, Forbidden), (Caller(None), Unauthenticated)):
        with pytest.raises(refusal):
            await CALLS[name](world, caller, office.organisation.id)
    assert await world.documents("organisations") == before
    assert await world.documents("partner_keys") == []
    assert await world.documents("organisation_invitations") == []
