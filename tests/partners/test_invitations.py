"""Invitations: nobody becomes a member without being asked, and nobody answers for somebody else."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded import Endpoints
from domain.accounts.errors import LinkRefused, TooManyAttempts
from domain.accounts.identity_errors import EmailUnverified
from domain.accounts.service import AccountService
from domain.kit.caller import Caller
from domain.kit.errors import Forbidden, NotFound, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.personal_data import Erasure, PersonalRecords
from domain.partners.errors import InvitationForAnotherAddress
from domain.partners.invitations import LIFETIME, MAX_INVITATIONS
from domain.partners.model import MAX_MEMBERS, MemberRole
from domain.partners.services.invitations import InvitationService
from domain.partners.services.organisations import OrganisationService
from tests.graphql.harness import PASSWORD
from tests.partners.office import Office, open_office, verified_person
from tests.world import World, open_world

GUEST = "guest@cadenza.example"


@pytest.fixture
def service(world: World) -> InvitationService:
    return world.get(InvitationService)


async def roles(office: Office) -> dict[str, MemberRole]:
    found = await office.world.get(OrganisationService).people(office.owner, office.organisation.id)
    return {membership.account.display_name: membership.member.role for membership in found}


async def kinds(office: Office) -> list[str]:
    """The organisation's events, the oldest first."""
    found = await office.world.documents("security_events")
    return [each["kind"] for each in found if each["account_id"] == office.organisation.id]


async def kept(world: World) -> list[dict[str, Any]]:
    return await world.documents("organisation_invitations")


async def test_who_says_yes_is_a_member_and_was_not_before(world: World, service: InvitationService) -> None:
    # given a person who was invited
    office, (bob, email) = await open_office(world), await verified_person(world, "Bob")
    token = await office.invite(f" {email.upper()} ", MemberRole.ADMIN)
    assert await roles(office) == {"Ada": MemberRole.OWNER}
    (received,) = await service.received(bob)
    assert (received.organisation, received.invitation.role) == (office.organisation, MemberRole.ADMIN)
    # when the person accepts
    joined = await service.accept(bob, token)
    # then the role is the one that was offered, and the letter is used up
    assert joined.role_of(bob.require()) is MemberRole.ADMIN
    assert await roles(office) == {"Ada": MemberRole.OWNER, "Bob": MemberRole.ADMIN}
    assert (await kept(world), await service.received(bob)) == ([], [])
    with pytest.raises(LinkRefused):
        await service.accept(bob, token)
    assert await kinds(office) == ["MEMBER_INVITED", "MEMBER_APPOINTED"]


async def test_only_the_hash_of_the_secret_is_kept_and_only_for_a_week(
    world: World, service: InvitationService
) -> None:
    office, (bob, email) = await open_office(world), await verified_person(world, "Bob")
    token = await office.invite(email)
    (record,) = await kept(world)
    assert token not in str(record)
    assert record["expires_at"] - record["invited_at"] == LIFETIME == timedelta(days=7)
    world.clock.advance(LIFETIME.total_seconds())
    for answer in (service.accept(bob, token), service.decline(token)):
        with pytest.raises(LinkRefused):
            await answer
    assert await service.of_organisation(office.owner, office.organisation.id) == []
    assert await service.received(bob) == []
    assert await roles(office) == {"Ada": MemberRole.OWNER}


async def test_an_address_with_an_account_looks_like_one_without(world: World, service: InvitationService) -> None:
    # given one address of an account and one that nobody has
    office, (_, taken) = await open_office(world), await verified_person(world, "Bob")
    await world.mail_to(taken)
    before = {address: len(await world.mail_to(address)) for address in (taken, GUEST)}
    # when both are invited
    made = [
        await service.invite(office.owner, office.organisation.id, address, MemberRole.MEMBER)
        for address in (taken, GUEST)
    ]
    # then both get the same letter, and nothing that is kept or listed tells them apart
    letters = [await world.mail_to(address) for address in (taken, GUEST)]
    assert [len(mails) - count for mails, count in zip(letters, before.values(), strict=True)] == [1, 1]
    assert letters[0][-1].subject == letters[1][-1].subject
    plain = [{name: type(value) for name, value in vars(each).items()} for each in made]
    assert plain[0] == plain[1]
    records = await kept(world)
    assert set(records[0]) == set(records[1])
    # and no letter tells what somebody calls an organisation
    assert "Acme" not in letters[1][-1].text + letters[1][-1].subject


async def test_somebody_else_cannot_answer(world: World, service: InvitationService) -> None:
    office, (eve, _) = await open_office(world), await verified_person(world, "Eve")
    token = await office.invite(GUEST)
    before = await kept(world)
    # given somebody with the letter of another address, and one who only says that the address is hers
    with pytest.raises(InvitationForAnotherAddress) as refused:
        await service.accept(eve, token)
    assert GUEST not in refused.value.message
    session = await world.get(AccountService).sign_up(GUEST, PASSWORD, "Guest")
    guest = Caller(session.account.id, session.id)
    with pytest.raises(EmailUnverified):
        await service.accept(guest, token)
    assert await service.received(guest) == []
    # then nobody is a member, and the invitation still waits
    assert (await roles(office), await kept(world)) == ({"Ada": MemberRole.OWNER}, before)
    await world.client[world.database]["accounts"].update_many({}, {"$set": {"email_verified_at": world.clock.now()}})
    await service.accept(guest, token)
    assert await roles(office) == {"Ada": MemberRole.OWNER, "Guest": MemberRole.MEMBER}


async def test_an_invitation_is_declined_without_an_account(world: World, service: InvitationService) -> None:
    office = await open_office(world)
    token = await office.invite(GUEST)
    with pytest.raises(LinkRefused):
        await service.decline(f"{token}x")
    await service.decline(token)
    assert await kept(world) == []
    with pytest.raises(LinkRefused):
        await service.decline(token)
    assert await kinds(office) == ["MEMBER_INVITED", "INVITATION_DECLINED"]


async def test_those_who_manage_see_invitations_and_take_them_back(world: World, service: InvitationService) -> None:
    office, other = await open_office(world), await open_office(world, "Other")
    member, _ = await office.hire(MemberRole.MEMBER)
    admin, _ = await office.hire(MemberRole.ADMIN, "Cleo")
    token = await office.invite(GUEST)
    (invitation,) = await service.of_organisation(admin, office.organisation.id)
    assert invitation.email == GUEST
    # given others, who neither see it nor change it
    with pytest.raises(Forbidden):
        await service.of_organisation(member, office.organisation.id)
    with pytest.raises(NotFound):
        await service.of_organisation(other.owner, office.organisation.id)
    for caller in (member, other.owner):
        assert await service.by_ids(caller, [invitation.id]) == {}
        with pytest.raises(NotFound):
            await service.revoke(caller, invitation.id)
    assert len(await kept(world)) == 1
    # when an administrator takes it back
    await service.revoke(admin, invitation.id)
    # then the letter is worth nothing
    with pytest.raises(LinkRefused):
        await service.decline(token)
    with pytest.raises(NotFound):
        await service.revoke(admin, invitation.id)
    assert (await kinds(office))[-2:] == ["MEMBER_INVITED", "INVITATION_REVOKED"]


async def test_a_second_letter_replaces_the_first(world: World, service: InvitationService) -> None:
    office, (bob, email) = await open_office(world), await verified_person(world, "Bob")
    first = await office.invite(email, MemberRole.ADMIN)
    (before,) = await service.of_organisation(office.owner, office.organisation.id)
    second = await office.invite(email, MemberRole.MEMBER)
    (after,) = await service.of_organisation(office.owner, office.organisation.id)
    assert (after.id, after.role) == (before.id, MemberRole.MEMBER)
    with pytest.raises(LinkRefused):
        await service.accept(bob, first)
    await service.accept(bob, second)
    assert await roles(office) == {"Ada": MemberRole.OWNER, "Bob": MemberRole.MEMBER}


async def test_many_letters_and_answers_at_once_make_one_member(world: World, service: InvitationService) -> None:
    office, (bob, email) = await open_office(world), await verified_person(world, "Bob")
    organisation_id = office.organisation.id
    invited = await asyncio.gather(
        *(service.invite(office.owner, organisation_id, email, MemberRole.ADMIN) for _ in range(4))
    )
    assert len({invitation.id for invitation in invited}) == len(await kept(world)) == 1
    token = await office.invite(email, MemberRole.ADMIN)
    results = await asyncio.gather(*(service.accept(bob, token) for _ in range(4)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["LinkRefused"] * 3 + ["Organisation"]
    assert await roles(office) == {"Ada": MemberRole.OWNER, "Bob": MemberRole.ADMIN}


async def test_an_invitation_is_worth_no_more_than_its_author(world: World, service: InvitationService) -> None:
    # given invitations by an administrator and by a second owner
    office, organisations = await open_office(world), world.get(OrganisationService)
    organisation_id = office.organisation.id
    admin, admin_email = await office.hire(MemberRole.ADMIN, "Bob")
    owner, owner_email = await office.hire(MemberRole.OWNER, "Cleo")
    with pytest.raises(Forbidden):
        await service.invite(admin, organisation_id, GUEST, MemberRole.OWNER)
    (dan, dans), (eve, eves) = await verified_person(world, "Dan"), await verified_person(world, "Eve")
    by_admin = await Office(world, admin, office.organisation).invite(dans, MemberRole.MEMBER)
    by_owner = await Office(world, owner, office.organisation).invite(eves, MemberRole.OWNER)
    # when one author leaves and the other one is an owner no more
    await organisations.dismiss(office.owner, organisation_id, admin_email)
    await organisations.change_role(office.owner, organisation_id, owner_email, MemberRole.ADMIN)
    # then neither counts
    for caller, token in ((dan, by_admin), (eve, by_owner)):
        with pytest.raises(LinkRefused):
            await service.accept(caller, token)
        assert await service.received(caller) == []
    assert await service.of_organisation(office.owner, organisation_id) == []
    assert await roles(office) == {"Ada": MemberRole.OWNER, "Cleo": MemberRole.ADMIN}


async def test_who_is_a_member_already_is_not_invited_and_keeps_the_role(
    world: World, service: InvitationService
) -> None:
    office = await open_office(world)
    _, email = await office.hire(MemberRole.ADMIN)
    with pytest.raises(ValidationFailed, match="changeOrganisationMemberRole"):
        await service.invite(office.owner, office.organisation.id, email, MemberRole.MEMBER)
    with pytest.raises(ValidationFailed, match="not an e-mail address"):
        await service.invite(office.owner, office.organisation.id, "nobody", MemberRole.MEMBER)
    assert await kept(world) == []
    # and an invitation from before the person became one changes nothing
    bob, other = await verified_person(world, "Cleo")
    token = await office.invite(other, MemberRole.MEMBER)
    part = {"account_id": bob.account_id, "role": "ADMIN", "since": world.clock.now()}
    organisations = world.client[world.database]["organisations"]
    await organisations.update_one({"_id": office.organisation.id}, {"$push": {"members": part}})
    await service.accept(bob, token)
    assert (await roles(office))["Cleo"] is MemberRole.ADMIN
    assert await kept(world) == []


async def test_an_organisation_that_is_full_keeps_the_invitation(world: World, service: InvitationService) -> None:
    office, (bob, email) = await open_office(world), await verified_person(world, "Bob")
    token = await office.invite(email)
    crowd = [{"account_id": new_id(), "role": "MEMBER", "since": world.clock.now()} for _ in range(MAX_MEMBERS - 1)]
    organisations = world.client[world.database]["organisations"]
    await organisations.update_one({}, {"$push": {"members": {"$each": crowd}}})
    with pytest.raises(ValidationFailed, match=str(MAX_MEMBERS)):
        await service.accept(bob, token)
    assert len(await kept(world)) == 1
    await organisations.update_one({}, {"$pop": {"members": 1}})
    await service.accept(bob, token)
    assert (await roles(office))["Bob"] is MemberRole.MEMBER


async def test_letters_are_counted_for_whoever_sends_and_for_whoever_gets_them(world: World) -> None:
    # given somebody who writes to ten addresses
    office, service = await open_office(world), world.get(InvitationService)
    for number in range(10):
        await office.invite(f"guest-{number}@cadenza.example")
    # then there are no more letters of this person for a while
    with pytest.raises(TooManyAttempts):
        await service.invite(office.owner, office.organisation.id, GUEST, MemberRole.MEMBER)
    assert await world.mail_to(GUEST) == []
    # and no address gets more than ten, whoever writes
    for _ in range(5):
        for other in [await open_office(world) for _ in range(2)]:
            await other.invite(GUEST)
    last = await open_office(world)
    with pytest.raises(TooManyAttempts):
        await last.invite(GUEST)
    assert len(await world.mail_to(GUEST)) == 10


async def test_so_many_wait_at_once_and_no_more(endpoints: Endpoints, tmp_path: Path) -> None:
    generous = {"CADENZA_AUTH_ATTEMPTS_PER_ACCOUNT": "1000"}
    async with open_world(endpoints.mongo_url, tmp_path, settings=generous) as world:
        office, service = await open_office(world), world.get(InvitationService)
        for number in range(MAX_INVITATIONS):
            await office.invite(f"guest-{number}@cadenza.example")
        with pytest.raises(ValidationFailed, match=str(MAX_INVITATIONS)):
            await office.invite(GUEST)
        # and those that are there may be written to again
        await office.invite("guest-0@cadenza.example")
        listed = await service.of_organisation(office.owner, office.organisation.id)
        assert len(listed) == len(await kept(world)) == MAX_INVITATIONS


async def test_who_is_forgotten_is_not_invited_any_more(world: World, service: InvitationService) -> None:
    # given invitations to a person, and to one who only signed up with somebody's address
    office, (bob, email) = await open_office(world), await verified_person(world, "Bob")
    session = await world.get(AccountService).sign_up(GUEST, PASSWORD, "Mallory")
    for address in (email, GUEST):
        await office.invite(address)
    export = await world.get(PersonalRecords).export(bob.require(), timedelta(hours=1))
    assert [each["role"] for each in export["partners"]["invitations"]] == ["MEMBER"]
    # when both are forgotten
    for account_id in (bob.require(), session.account.id):
        await world.get(PersonalRecords).erase(Erasure(account_id, new_id()))
    # then only what was shown to be one's own address is
    assert [each["email"] for each in await kept(world)] == [GUEST]
    assert email not in str(await kept(world))
