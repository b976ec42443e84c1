"""Partner keys: they call as the organisation, and what they make is the organisation's."""

from datetime import timedelta

import pytest

from domain.accounts.service import AccountService
from domain.accounts.services.security_log import SecurityLog
from domain.credits.services.wallets import CreditWallets
from domain.kit.caller import Caller, Credential, Scope
from domain.kit.errors import Forbidden, NotFound, Unauthenticated, ValidationFailed
from domain.kit.keyset import SortedPageRequest
from domain.kit.trust.authentication import Authentication
from domain.library.listing import NEWEST_FIRST
from domain.library.service import LibraryService
from domain.partners.keys import FORM, USUAL_SCOPES
from domain.partners.model import MemberRole
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.organisations import OrganisationService
from domain.partners.stores.keys import PartnerKeyStore
from domain.partners.stores.organisations import OrganisationStore
from tests.partners.office import open_office
from tests.world import World


@pytest.fixture
def keys(world: World) -> PartnerKeyService:
    return world.get(PartnerKeyService)


async def test_a_key_stands_for_its_organisation_within_its_scopes(world: World, keys: PartnerKeyService) -> None:
    office = await open_office(world)
    key, text = await keys.create(office.owner, office.organisation.id, " Server ")
    assert text.startswith("cdz_partner_")
    assert FORM.prefix_of(text) == key.prefix
    caller = await world.get(Authentication).caller_of(text)
    organisation_id, scopes = office.organisation.id, frozenset(USUAL_SCOPES)
    assert caller == Caller(organisation_id, None, scopes, Credential.PARTNER_KEY, key.id)
    assert await world.get(Authentication).live_among([caller]) == {caller}
    assert await world.get(AccountService).viewer(caller) is None
    # and only its hash is kept
    (document,) = await world.documents("partner_keys")
    assert text not in str(document)
    assert text[21:] not in str(document)


async def test_a_song_of_a_key_is_the_organisations(world: World, keys: PartnerKeyService) -> None:
    office = await open_office(world, "Acme Radio")
    caller = await keys.caller_of(await office.key())
    # when its server asks for a song and a worker makes it
    await world.ask(caller)
    await world.work_off()
    # then the organisation has it, under its name and for its credits
    page = await world.get(LibraryService).tracks(caller, SortedPageRequest(NEWEST_FIRST))
    assert [(track.owner_id, track.artist) for track in page.items] == [(office.organisation.id, "Acme Radio")]
    wallet = await world.get(CreditWallets).balance(caller)
    assert wallet.owner_id == office.organisation.id
    assert (await world.get(LibraryService).tracks(office.owner, SortedPageRequest(NEWEST_FIRST))).items == []
    # and a key that may not generate makes nothing
    reader = await keys.caller_of(await office.key(Scope.LIBRARY))
    with pytest.raises(Forbidden, match="GENERATE"):
        await world.ask(reader)
    assert len(await world.documents("jobs")) == 1


async def test_members_see_keys_and_managers_change_them(world: World, keys: PartnerKeyService) -> None:
    office, other = await open_office(world), await open_office(world, "Other")
    member, _ = await office.hire(MemberRole.MEMBER)
    admin, _ = await office.hire(MemberRole.ADMIN)
    key, _ = await keys.create(admin, office.organisation.id, "Server", [Scope.JOBS])
    assert await keys.keys(member, office.organisation.id) == [key]
    before = await world.documents("partner_keys")
    with pytest.raises(Forbidden):
        await keys.create(member, office.organisation.id, "Mine")
    with pytest.raises(Forbidden):
        await keys.revoke(member, key.id)
    with pytest.raises(NotFound):
        await keys.revoke(other.owner, key.id)
    with pytest.raises(NotFound):
        await keys.keys(other.owner, office.organisation.id)
    assert await keys.by_ids(other.owner, [key.id]) == {}
    assert await world.documents("partner_keys") == before


async def test_a_revoked_key_is_out_here_at_once_and_elsewhere_within_seconds(
    world: World, keys: PartnerKeyService
) -> None:
    office, records = await open_office(world), OrganisationStore()
    key, text = await keys.create(office.owner, office.organisation.id, "Server")
    security, organisations = world.get(SecurityLog), world.get(OrganisationService)
    elsewhere = PartnerKeyService(
        PartnerKeyStore(), records, organisations, security, world.clock, timedelta(seconds=5)
    )
    caller = await keys.caller_of(text)
    await elsewhere.caller_of(text)
    await keys.revoke(office.owner, key.id)
    with pytest.raises(Unauthenticated, match="partner key"):
        await keys.caller_of(text)
    assert await world.get(Authentication).live_among([caller]) == set()
    world.clock.advance(5)
    with pytest.raises(Unauthenticated):
        await elsewhere.caller_of(text)
    assert await world.documents("partner_keys") == []


async def test_a_key_ends_with_its_time_and_needs_a_name_and_a_scope(world: World, keys: PartnerKeyService) -> None:
    office = await open_office(world)
    organisation_id = office.organisation.id
    soon = world.clock.now() + timedelta(seconds=10)
    _, text = await keys.create(office.owner, organisation_id, "Server", [Scope.JOBS], soon)
    caller = await keys.caller_of(text)
    world.clock.advance(10)
    with pytest.raises(Unauthenticated):
        await keys.caller_of(text)
    assert await world.get(Authentication).live_among([caller]) == set()
    for name, scopes in ((" ", [Scope.JOBS]), ("Server", [])):
        with pytest.raises(ValidationFailed):
            await keys.create(office.owner, organisation_id, name, scopes)
    assert len(await world.documents("partner_keys")) == 1
