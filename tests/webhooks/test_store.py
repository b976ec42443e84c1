"""What the queries of deliveries cost: what is due is found by its index, however much else there is."""

from datetime import timedelta

from domain.kit.ids import new_id
from domain.webhooks.model import Delivery, DeliveryStatus
from domain.webhooks.stores.deliveries import DeliveryStore
from tests.world import World


def delivery(world: World, number: int, endpoint_id: str, status: DeliveryStatus) -> Delivery:
    at = world.clock.now() - timedelta(minutes=number)
    return Delivery(new_id(), endpoint_id, f"owner of {endpoint_id}", "job.failed", None, "{}", status, at, at)


async def test_the_oldest_that_is_due_is_claimed_and_what_is_busy_is_left(world: World) -> None:
    # given deliveries of two endpoints, the oldest of them all of one
    store, now = DeliveryStore(), world.clock.now()
    until = now + timedelta(seconds=60)
    lines = [delivery(world, number, "slow" if number > 3 else "fast", DeliveryStatus.PENDING) for number in range(8)]
    await store.insert(lines)
    # then the oldest is claimed, once
    claimed = [await store.claim("token", now, until, [], []) for _ in range(2)]
    assert [item.id for item in claimed if item] == [lines[7].id, lines[6].id]
    # and of an endpoint or an owner that is busy none
    for endpoints, owners in ((["slow"], []), ([], ["owner of slow"])):
        item = await store.claim("token", now, until, endpoints, owners)
        assert item is not None
        assert item.endpoint_id == "fast"
    assert await store.claim("token", now, until, ["slow", "fast"], []) is None


async def test_claiming_reads_no_more_documents_than_it_takes(world: World) -> None:
    store, now = DeliveryStore(), world.clock.now()
    await store.insert([delivery(world, number, "done", DeliveryStatus.DELIVERED) for number in range(300)])
    await store.insert([delivery(world, number + 10, "slow", DeliveryStatus.PENDING) for number in range(300)])
    await store.insert([delivery(world, 1, "fast", DeliveryStatus.PENDING)])
    query = {"status": "PENDING", "due_at": {"$lte": now}, "endpoint_id": {"$nin": ["slow"]}, "owner_id": {"$nin": []}}
    explained = await world.client[world.database].command(
        {
            "explain": {"find": "webhook_deliveries", "filter": query, "sort": {"due_at": 1}, "limit": 1},
            "verbosity": "executionStats",
        }
    )
    assert explained["executionStats"]["nReturned"] == 1
    assert explained["executionStats"]["totalDocsExamined"] == 1
