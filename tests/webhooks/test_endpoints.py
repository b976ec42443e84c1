"""What happens to endpoints when several calls come at the same moment."""

import asyncio

from domain.webhooks.errors import TooManyWebhookEndpoints
from domain.webhooks.model import MAX_ENDPOINTS, WebhookEvent
from domain.webhooks.sealing import EndpointSealer
from domain.webhooks.services.manage import WebhookEndpoints
from tests.webhooks.office import URL, open_office
from tests.world import World

EVENTS = (WebhookEvent.JOB_FAILED, WebhookEvent.JOB_SUCCEEDED, WebhookEvent.JOB_FAILED)


async def test_of_many_at_once_ten_are_registered(world: World) -> None:
    office, service = await open_office(world), world.get(WebhookEndpoints)
    calls = [service.create(office.caller, URL, EVENTS, "", None) for _ in range(14)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    refused = [result for result in results if isinstance(result, TooManyWebhookEndpoints)]
    assert (len(results) - len(refused), len(refused)) == (MAX_ENDPOINTS, 4)
    stored = await world.documents("webhook_endpoints")
    assert sorted(endpoint["slot"] for endpoint in stored) == list(range(MAX_ENDPOINTS))


async def test_of_many_calls_under_one_key_one_registers_and_all_get_the_same(world: World) -> None:
    office, service = await open_office(world), world.get(WebhookEndpoints)
    made = await asyncio.gather(*(service.create(office.caller, URL, EVENTS, "", "once") for _ in range(6)))
    assert len({(each.endpoint.id, each.secret) for each in made}) == 1
    assert made[0].endpoint.events == (WebhookEvent.JOB_FAILED, WebhookEvent.JOB_SUCCEEDED)
    assert len(await world.documents("webhook_endpoints")) == 1


async def test_of_rotations_at_once_each_secret_stays_good_for_a_day(world: World) -> None:
    office, service = await open_office(world), world.get(WebhookEndpoints)
    made = await office.register()
    rotated = await asyncio.gather(*(service.rotate(office.caller, made.endpoint.id) for _ in range(2)))
    endpoint = (await service.by_ids(office.caller, [made.endpoint.id]))[made.endpoint.id]
    sealer = EndpointSealer(world.kit.identity.box)
    signing = [sealer.open(sealed) for sealed in endpoint.sealed_secrets(world.clock.now())]
    assert set(signing) == {made.secret, *(each.secret for each in rotated)}
    assert signing[-1] == made.secret
