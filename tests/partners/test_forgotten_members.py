"""What an organisation's log tells of people who wanted to be forgotten."""

from domain.kit.caller import Client
from domain.kit.ids import new_id
from domain.kit.paging import PageRequest
from domain.kit.personal_data import Erasure, PersonalRecords
from domain.partners.model import MemberRole
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.organisations import OrganisationService
from tests.partners.office import open_office
from tests.world import World

BROWSER = Client("203.0.113.9", "Bob's own browser")
ROBOT = Client("203.0.113.7", "Ada's browser")


async def test_an_organisations_log_goes_on_without_who_was_forgotten(world: World) -> None:
    # given an organisation in which two people have done something
    office = await open_office(world)
    bob, _ = await office.hire(MemberRole.ADMIN)
    keys, organisation_id = world.get(PartnerKeyService), office.organisation.id
    for person, name, client in ((office.owner, "hers", ROBOT), (bob, "his", BROWSER)):
        await keys.create(person, organisation_id, name, None, client=client)
    events = world.get(OrganisationService).security_events
    before = (await events(office.owner, organisation_id, PageRequest(20))).items
    # when one of them is forgotten
    pseudonym = new_id()
    await world.get(PersonalRecords).erase(Erasure(bob.require(), pseudonym))
    # then the log tells the same of somebody without a name and an address
    after = (await events(office.owner, organisation_id, PageRequest(20))).items
    assert [(each.id, each.kind) for each in after] == [(each.id, each.kind) for each in before]
    of_bob = [each for each in after if each.detail.get("account") == pseudonym]
    assert len(of_bob) == sum(each.detail.get("account") == bob.require() for each in before)
    assert {(each.address, each.user_agent) for each in of_bob} == {("", "")}
    assert [word for word in (bob.require(), BROWSER.address, BROWSER.user_agent) if word in str(after)] == []
    # and of the other the same as before
    (hers,) = (each for each in after if each.detail.get("name") == "hers")
    assert (hers.address, hers.detail["account"]) == (ROBOT.address, office.owner.require())
    assert bob.require() not in str(await world.documents("security_events"))
