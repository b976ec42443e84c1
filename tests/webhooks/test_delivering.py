"""Attempts, pauses and endings: what a worker does with deliveries, under a clock that can be turned."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from adapters.jose_box import JoseBox
from adapters.meters.webhooks import PrometheusWebhookMeter
from domain.kit.trust.credentials import KeyRing
from domain.webhooks.model import PAUSES, Delivery, DeliveryStatus, Endpoint, EndpointStatus
from domain.webhooks.sealing import EndpointSealer
from domain.webhooks.sender import Answer, DeliveryProblem, Message
from domain.webhooks.services.bell import WebhookBell
from domain.webhooks.services.deliver import WebhookDelivering
from domain.webhooks.services.dispatch import Concurrency, WebhookDispatch
from domain.webhooks.services.look_back import WebhookHistory
from domain.webhooks.services.manage import EndpointChanges, WebhookEndpoints
from domain.webhooks.stores.deliveries import DeliveryStore
from domain.webhooks.stores.endpoints import EndpointStore
from tests.webhooks.office import URL, Office, open_office
from tests.world import World

DAY = 86_400.0


@pytest.fixture
async def office(world: World) -> Office:
    return await open_office(world)


async def endpoint_now(office: Office, endpoint_id: str) -> Endpoint:
    return (await office.world.get(WebhookEndpoints).by_ids(office.caller, [endpoint_id]))[endpoint_id]


async def only_delivery(office: Office, endpoint_id: str) -> Delivery:
    (found,) = await office.deliveries(endpoint_id)
    return found


async def test_a_delivery_arrives_signed_and_is_done(office: Office) -> None:
    made = await office.register()
    await office.end_job()
    # when a worker delivers, then one message arrives that the library of the specification accepts
    assert await office.deliver() == 1
    (message,) = office.sent
    delivery = await only_delivery(office, made.endpoint.id)
    assert Webhook(made.secret).verify(message.body, dict(message.headers))["type"] == "job.succeeded"
    assert message.headers["webhook-id"] == f"msg_{delivery.id}"
    assert message.headers["content-type"] == "application/json"
    # and the delivery says so
    assert (delivery.status, delivery.attempts, delivery.next_attempt_at) == (DeliveryStatus.DELIVERED, 1, None)
    assert delivery.last is not None
    assert (delivery.last.status, delivery.last.problem, delivery.last.excerpt) == (200, None, "said")
    assert delivery.delivered_at == delivery.last.at
    # and it is not sent again
    office.world.clock.advance(30 * DAY)
    assert await office.deliver() == 0


async def test_failures_are_tried_again_with_growing_pauses_under_one_id_until_it_is_enough(office: Office) -> None:
    # given a receiver that is down for days
    made = await office.register()
    await office.end_job()
    office.statuses = [503] * 20
    await office.deliver()
    for number, pause in enumerate(PAUSES, start=1):
        delivery = await only_delivery(office, made.endpoint.id)
        assert (delivery.status, delivery.attempts) == (DeliveryStatus.PENDING, number)
        assert delivery.last is not None
        assert delivery.next_attempt_at is not None
        waits = (delivery.next_attempt_at - delivery.last.at).total_seconds()
        assert 0.8 * pause <= waits <= 1.2 * pause
        # when less than the pause is over, then nothing is sent; when it is over, once
        office.world.clock.advance(0.7 * pause)
        assert await office.deliver() == 0
        office.world.clock.advance(0.55 * pause)
        assert await office.deliver() == 1
    # then it is given up
    delivery = await only_delivery(office, made.endpoint.id)
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.FAILED, len(PAUSES) + 1)
    assert delivery.last is not None
    assert (delivery.last.status, delivery.last.problem) == (503, DeliveryProblem.NOT_ACCEPTED)
    office.world.clock.advance(30 * DAY)
    assert await office.deliver() == 0
    # and every attempt had the same id and body, and a signature of its own time
    assert len({(message.headers["webhook-id"], message.body) for message in office.sent}) == 1
    assert len({message.headers["webhook-signature"] for message in office.sent}) == len(office.sent)


async def test_a_success_after_failures_ends_them(office: Office) -> None:
    made = await office.register()
    await office.end_job()
    office.statuses = [500, 302]
    await office.deliver()
    assert (await endpoint_now(office, made.endpoint.id)).failures == 1
    office.world.clock.advance(6)
    await office.deliver()
    failing = await endpoint_now(office, made.endpoint.id)
    assert failing.failures == 2
    assert failing.failing_since is not None
    office.world.clock.advance(360)
    await office.deliver()
    assert (await only_delivery(office, made.endpoint.id)).status is DeliveryStatus.DELIVERED
    well = await endpoint_now(office, made.endpoint.id)
    assert (well.failures, well.failing_since, well.status) == (0, None, EndpointStatus.ENABLED)


async def test_a_name_that_turns_inward_is_refused_and_tried_again(office: Office) -> None:
    made = await office.register()
    await office.end_job()
    office.world.sender.names["hooks.example"] = ["1.1.1.1", "10.0.0.1"]
    assert await office.deliver() == 0
    delivery = await only_delivery(office, made.endpoint.id)
    assert delivery.last is not None
    assert (delivery.last.status, delivery.last.problem) == (None, DeliveryProblem.ADDRESS_REFUSED)
    assert delivery.status is DeliveryStatus.PENDING


async def test_gone_disables_the_endpoint_at_once(office: Office) -> None:
    made = await office.register()
    await office.end_job()
    office.statuses = [410]
    await office.deliver()
    endpoint = await endpoint_now(office, made.endpoint.id)
    assert (endpoint.status, endpoint.disabled_at is not None) == (EndpointStatus.DISABLED_GONE, True)
    assert (await only_delivery(office, made.endpoint.id)).status is DeliveryStatus.FAILED


async def test_five_days_of_nothing_but_failures_disable_it_and_what_waits_is_kept_for_a_replay(office: Office) -> None:
    # given an endpoint that has failed for nearly five days
    made = await office.register()
    office.statuses = [500] * 100
    for _ in range(5):
        await office.end_job()
        await office.deliver()
        office.world.clock.advance(DAY)
    office.world.clock.advance(-60)
    await office.deliver()
    assert (await endpoint_now(office, made.endpoint.id)).status is EndpointStatus.ENABLED
    # when the five days are over and it fails once more
    await office.end_job()
    office.world.clock.advance(120)
    await office.deliver()
    # then it is disabled, nothing waits any more, and nothing is sent
    endpoint = await endpoint_now(office, made.endpoint.id)
    assert endpoint.status is EndpointStatus.DISABLED_FAILING
    assert {item.status for item in await office.deliveries(endpoint.id)} == {DeliveryStatus.FAILED}
    office.world.clock.advance(DAY)
    assert await office.deliver() == 0
    # and when its owner enables it and asks for what was missed, all of it arrives
    office.statuses = []
    await office.world.get(WebhookEndpoints).update(office.caller, endpoint.id, EndpointChanges(is_enabled=True))
    since = office.world.clock.now() - timedelta(days=30)
    assert await office.world.get(WebhookHistory).replay(office.caller, endpoint.id, since) == 6
    assert await office.deliver() == 6
    assert {item.status for item in await office.deliveries(endpoint.id)} == {DeliveryStatus.DELIVERED}
    fresh = await endpoint_now(office, endpoint.id)
    assert (fresh.status, fresh.failing_since, fresh.disabled_at) == (EndpointStatus.ENABLED, None, None)


async def test_two_failures_with_days_between_them_disable_nothing(office: Office) -> None:
    made = await office.register()
    office.statuses = [500]
    await office.world.get(WebhookHistory).send_test(office.caller, made.endpoint.id)
    await office.deliver()
    assert (await endpoint_now(office, made.endpoint.id)).failures == 0
    await office.end_job()
    office.statuses = [500, 500]
    await office.deliver()
    office.world.clock.advance(6 * DAY)
    await office.deliver()
    assert (await endpoint_now(office, made.endpoint.id)).status is EndpointStatus.ENABLED


async def test_after_a_rotation_both_secrets_verify_for_a_day(office: Office) -> None:
    made = await office.register()
    rotated = await office.world.get(WebhookEndpoints).rotate(office.caller, made.endpoint.id)
    assert rotated.secret != made.secret
    await office.end_job()
    await office.deliver()
    message = office.sent[-1]
    assert len(message.headers["webhook-signature"].split(" ")) == 2
    for secret in (made.secret, rotated.secret):
        Webhook(secret).verify(message.body, dict(message.headers))
    # when the day is over, then only the new one signs
    office.world.clock.advance(DAY + 1)
    await office.end_job()
    await office.deliver()
    assert len(office.sent[-1].headers["webhook-signature"].split(" ")) == 1


async def test_secrets_are_not_to_be_read_in_the_database(office: Office) -> None:
    made = await office.register()
    stored = str(await office.world.documents("webhook_endpoints"))
    assert made.secret not in stored
    assert made.secret.removeprefix("whsec_") not in stored


async def test_what_a_crash_left_between_commit_and_delivery_is_found_by_the_sweeper(office: Office) -> None:
    # given a delivery that no worker was called for, and one whose worker died in the middle
    made = await office.register()
    await office.end_job()
    office.world.events.wipe()
    dispatch, now = office.world.get(WebhookDispatch), office.world.clock.now()
    collection = office.world.client[office.world.database]["webhook_deliveries"]
    await collection.update_one({}, {"$set": {"claim": "dead", "due_at": now + timedelta(seconds=60)}})
    assert await dispatch.sweep() == 0
    assert await office.deliver() == 0
    # when its claim is over, then it is due, counted as left behind a little later, and delivered
    office.world.clock.advance(61)
    assert await dispatch.sweep() == 0
    office.world.clock.advance(10)
    assert await dispatch.sweep() == 1
    assert await office.deliver() == 1
    assert (await only_delivery(office, made.endpoint.id)).status is DeliveryStatus.DELIVERED


async def test_a_worker_that_comes_too_late_writes_nothing(office: Office) -> None:
    # given an attempt that takes longer than its claim, which another worker has by then
    made = await office.register()
    await office.end_job()
    collection = office.world.client[office.world.database]["webhook_deliveries"]
    original = office.world.sender.receivers[URL]

    def slow(message: Message) -> tuple[int, bytes]:
        return 500, b"late"

    office.world.sender.receivers[URL] = slow
    office.world.sender.gate.clear()
    dispatch = office.world.get(WebhookDispatch)
    await dispatch.fill()
    await collection.update_one({}, {"$set": {"claim": "another"}})
    office.world.sender.gate.set()
    await dispatch.drain()
    office.world.sender.receivers[URL] = original
    (stored,) = await office.world.documents("webhook_deliveries")
    assert (stored["claim"], stored["attempts"], stored["status"]) == ("another", 0, "PENDING")
    assert (await endpoint_now(office, made.endpoint.id)).failures == 0


async def test_what_belongs_to_no_endpoint_any_more_is_removed(office: Office) -> None:
    made = await office.register()
    await office.end_job()
    await office.world.client[office.world.database]["webhook_endpoints"].delete_many({})
    assert await office.deliver() == 0
    assert await office.deliveries(made.endpoint.id) == []


class Gate:
    """A sender whose messages to some addresses hang until it is opened."""

    def __init__(self, slow: frozenset[str] = frozenset()) -> None:
        self.slow = slow
        self.begun: list[str] = []
        self.opened = asyncio.Event()
        self._changed = asyncio.Condition()

    async def send(self, message: Message) -> Answer:
        async with self._changed:
            self.begun.append(message.url)
            self._changed.notify_all()
        if message.url in self.slow:
            await self.opened.wait()
        return Answer(200, "")

    async def has_begun(self, count: int) -> None:
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: len(self.begun) >= count)


def worker(world: World, gate: Gate, concurrency: Concurrency) -> WebhookDispatch:
    """A dispatch of its own on the same world."""
    deliveries, meter, clock = DeliveryStore(), PrometheusWebhookMeter(), world.clock
    sealer = EndpointSealer(world.kit.identity.box)
    delivering = WebhookDelivering(EndpointStore(), deliveries, gate, sealer, meter, clock)
    return WebhookDispatch(deliveries, delivering, WebhookBell(world.events), meter, clock, concurrency)


@asynccontextmanager
async def running(dispatch: WebhookDispatch) -> AsyncGenerator[None, None]:
    task = asyncio.create_task(dispatch.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_slow_endpoint_and_a_slow_owner_delay_no_others(office: Office) -> None:
    # given many deliveries for two endpoints that hang, and then one of somebody else
    slow = [(await office.register(f"{URL}/{number}")).endpoint for number in range(2)]
    for _ in range(6):
        await office.end_job()
    fast = await open_office(office.world)
    await fast.register()
    await fast.end_job()
    gate = Gate(frozenset(endpoint.url for endpoint in slow))
    dispatch = worker(office.world, gate, Concurrency(total=6, per_owner=3, per_endpoint=2))
    # when a worker delivers
    assert await dispatch.fill() == 4
    await gate.has_begun(4)
    # then each hanging endpoint fills two places at most, their owner three, and the other one is served
    assert gate.begun.count(URL) == 1
    assert sorted(gate.begun.count(endpoint.url) for endpoint in slow) == [1, 2]
    # and all the others are delivered when the receivers answer
    gate.opened.set()
    await dispatch.drain()
    while await dispatch.fill():
        await dispatch.drain()
    stored = await office.world.documents("webhook_deliveries")
    assert [item["status"] for item in stored] == ["DELIVERED"] * 13


async def test_a_running_worker_is_called_and_goes_on_until_nothing_is_left(office: Office) -> None:
    # given a worker that has nothing to do and fewer places than there will be deliveries
    gate = Gate()
    await office.register()
    async with running(worker(office.world, gate, Concurrency(total=1))):
        # when jobs end, then it is called and delivers all of them without any sweep
        for _ in range(3):
            await office.end_job()
        await gate.has_begun(3)
    assert [item["status"] for item in await office.world.documents("webhook_deliveries")] == ["DELIVERED"] * 3


async def test_a_sweep_wakes_a_worker_that_nobody_called(office: Office) -> None:
    gate = Gate()
    await office.register()
    office.world.events.is_down = True
    await office.end_job()
    office.world.events.is_down = False
    dispatch = worker(office.world, gate, Concurrency())
    async with running(dispatch):
        await gate.has_begun(1)
        office.world.events.is_down = True
        await office.end_job()
        await dispatch.sweep()
        await gate.has_begun(2)


async def test_two_workers_deliver_each_message_once(office: Office) -> None:
    gate = Gate()
    await office.register()
    for _ in range(8):
        await office.end_job()
    workers = [worker(office.world, gate, Concurrency()) for _ in range(2)]
    begun = await asyncio.gather(*(one.fill() for one in workers))
    await asyncio.gather(*(one.drain() for one in workers))
    while sum(await asyncio.gather(*(one.fill() for one in workers))):
        await asyncio.gather(*(one.drain() for one in workers))
    assert sum(begun) <= 8
    assert len(gate.begun) == 8


async def test_a_worker_that_stops_leaves_the_rest_to_the_others(office: Office) -> None:
    gate = Gate(frozenset({URL}))
    made = await office.register()
    await office.end_job()
    dispatch = worker(office.world, gate, Concurrency())
    await dispatch.fill()
    await gate.has_begun(1)
    await dispatch.drain(0.01)
    delivery = await only_delivery(office, made.endpoint.id)
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.PENDING, 0)
    office.world.clock.advance(61)
    assert await office.deliver() == 1


def delivering_after_rotation(office: Office, accepted: dict[str, str]) -> WebhookDispatch:
    """A dispatch as a worker with another server secret builds it."""
    world, deliveries, meter = office.world, DeliveryStore(), PrometheusWebhookMeter()
    sealer = EndpointSealer(JoseBox(KeyRing.of("another secret of many characters", "2", accepted)))
    delivering = WebhookDelivering(EndpointStore(), deliveries, world.sender, sealer, meter, world.clock)
    return WebhookDispatch(deliveries, delivering, WebhookBell(world.events), meter, world.clock)


async def test_a_delivery_seals_secrets_anew_after_a_rotation(office: Office) -> None:
    # given an endpoint with two secrets from before the server's was rotated
    made = await office.register()
    rotated = await office.world.get(WebhookEndpoints).rotate(office.caller, made.endpoint.id)
    await office.end_job()
    dispatch = delivering_after_rotation(office, dict(office.world.kit.settings.auth.keys.secrets))
    # when a worker with the new one delivers
    await dispatch.fill()
    await dispatch.drain()
    # then both are sealed under it, and the next delivery does without the old one
    await office.end_job()
    without_old = delivering_after_rotation(office, {})
    await without_old.fill()
    await without_old.drain()
    first, second = office.sent
    for message in (first, second):
        for secret in (made.secret, rotated.secret):
            Webhook(secret).verify(message.body, dict(message.headers))
    assert {delivery.status for delivery in await office.deliveries(made.endpoint.id)} == {DeliveryStatus.DELIVERED}


async def test_a_secret_that_nothing_opens_is_our_own_fault(office: Office) -> None:
    made = await office.register()
    await office.end_job()
    dispatch = delivering_after_rotation(office, {})
    await dispatch.fill()
    await dispatch.drain()
    delivery, endpoint = await only_delivery(office, made.endpoint.id), await endpoint_now(office, made.endpoint.id)
    assert delivery.last is not None
    assert (delivery.last.problem, delivery.status) == (DeliveryProblem.UNSIGNABLE, DeliveryStatus.PENDING)
    assert (endpoint.failing_since, office.sent) == (None, [])
