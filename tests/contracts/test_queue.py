"""What every work queue promises about single messages, held against Redis and the twin."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters import arq_connection
from adapters.fair_queue.policy import HOLD_SECONDS
from adapters.fair_queue.queue import RedisFairQueue
from adapters.memory.queue import MemoryJobQueue
from domain.kit.errors import DependencyUnavailable
from domain.kit.ids import new_id
from domain.kit.queue import Backlog, JobQueue, QueueName, QueuePlace
from tests.contracts.closed_port import closed_address
from tests.contracts.queues import QueueUnderTest, memory_queue, redis_queue, ticket


@pytest.fixture(params=["redis", "memory"])
async def fair(request: pytest.FixtureRequest, redis_url: str) -> AsyncGenerator[QueueUnderTest, None]:
    if request.param == "memory":
        yield memory_queue()
        return
    async with redis_queue(redis_url) as queue:
        yield queue


async def test_a_message_comes_out_as_it_went_in(fair: QueueUnderTest) -> None:
    sent = ticket(cost=12.345678901234567, weight=1 / 3, concurrency=3, attempt=2)
    await fair.put(sent)
    fair.clock.advance(1.5)
    (handed,) = await fair.take_handed(5)
    assert handed.ticket == sent
    assert handed.waited_seconds == 1.5


async def test_a_message_is_handed_out_once(fair: QueueUnderTest) -> None:
    await fair.put(ticket())
    assert len(await fair.take()) == 1
    assert await fair.take() == []


async def test_the_same_attempt_is_there_once(fair: QueueUnderTest) -> None:
    sent = ticket()
    await fair.put(sent, sent)
    assert await fair.take(5) == [sent]


async def test_an_attempt_that_runs_is_not_handed_out_again(fair: QueueUnderTest) -> None:
    # given a message that a worker has
    sent = ticket()
    await fair.put(sent)
    await fair.take()
    # when the sweeper sends it again
    await fair.put(sent)
    # then nobody else gets it, now or later
    assert await fair.take() == []
    await fair.queue.release(sent)
    assert await fair.take() == []


async def test_a_new_attempt_replaces_one_that_waits(fair: QueueUnderTest) -> None:
    first = ticket()
    second = replace(first, attempt=2)
    await fair.put(first, second, first)
    assert await fair.take(5) == [second]


async def test_a_new_attempt_keeps_the_place_of_the_old_one(fair: QueueUnderTest) -> None:
    first, other = ticket(), ticket()
    await fair.put(first, other, replace(first, attempt=2))
    assert [message.attempt for message in await fair.take(5)] == [2, 1]


async def test_a_new_attempt_frees_the_hands_of_the_old_one(fair: QueueUnderTest) -> None:
    # given an owner at the limit, whose only running attempt was given up
    first = ticket(concurrency=1)
    second = replace(first, attempt=2)
    await fair.put(first)
    await fair.take()
    # when the next attempt comes
    await fair.put(second)
    # then it runs, and the old one's end changes nothing
    assert await fair.take() == [second]
    await fair.queue.release(first)
    await fair.put(ticket(concurrency=1))
    assert await fair.take() == []


async def test_messages_of_one_owner_come_in_order(fair: QueueUnderTest) -> None:
    sent = [ticket() for _ in range(20)]
    await fair.put(*sent)
    assert await fair.take(7) + await fair.take(100) == sent


async def test_a_delayed_message_rests_that_long(fair: QueueUnderTest) -> None:
    sent = ticket()
    await fair.put(sent, delay=30)
    fair.clock.advance(29.9)
    hand = await fair.queue.take(5)
    assert hand.handed == ()
    assert hand.look_again_seconds == pytest.approx(0.1)
    fair.clock.advance(0.2)
    (handed,) = await fair.take_handed(5)
    assert handed.ticket == sent
    assert handed.waited_seconds == pytest.approx(0.1)


async def test_a_second_delay_can_only_shorten_the_rest(fair: QueueUnderTest) -> None:
    sent, urgent = ticket("ada"), ticket("bob")
    await fair.put(sent, urgent, delay=30)
    await fair.put(sent, delay=60)
    await fair.put(urgent)
    assert await fair.take(5) == [urgent]
    await fair.queue.release(urgent)
    fair.clock.advance(30)
    assert await fair.take(5) == [sent]


async def test_an_idle_queue_has_no_reason_to_be_looked_at(fair: QueueUnderTest) -> None:
    assert (await fair.queue.take(5)).look_again_seconds is None


async def test_a_withdrawn_message_is_gone(fair: QueueUnderTest) -> None:
    waits, rests, stays = ticket(), ticket(), ticket()
    await fair.put(waits, stays)
    await fair.put(rests, delay=5)
    for job_id in (waits.job_id, rests.job_id, new_id()):
        await fair.queue.withdraw(job_id)
    fair.clock.advance(10)
    assert await fair.take(5) == [stays]


async def test_a_message_that_a_worker_has_cannot_be_withdrawn(fair: QueueUnderTest) -> None:
    sent = ticket(concurrency=1)
    await fair.put(sent)
    await fair.take()
    await fair.queue.withdraw(sent.job_id)
    await fair.put(ticket(concurrency=1))
    assert await fair.take() == []


async def test_at_most_so_many_of_an_owner_run_at_once_over_all_queues(fair: QueueUnderTest) -> None:
    # given an owner of two hands with work in every queue
    sent = [ticket(queue=queue, concurrency=2) for queue in QueueName]
    await fair.put(*sent)
    # then two are handed out, and the third when one of them ends
    taken = await fair.take(5)
    assert taken == sent[:2]
    assert await fair.take(5) == []
    await fair.queue.release(taken[0])
    assert await fair.take(5) == sent[2:]


async def test_what_a_silent_worker_held_waits_again_in_its_old_place(fair: QueueUnderTest) -> None:
    # given a worker that took a message and was killed before it could begin
    first, second = ticket(concurrency=1), ticket(concurrency=1)
    await fair.put(first, second)
    await fair.take()
    # when its time is over
    fair.clock.advance(HOLD_SECONDS - 0.1)
    hand = await fair.queue.take(5)
    assert hand.handed == ()
    assert hand.look_again_seconds == pytest.approx(0.1)
    fair.clock.advance(0.1)
    # then somebody else gets it, before the owner's later ones
    assert await fair.take(5) == [first]


@pytest.mark.parametrize("attempt", [1, 2])
async def test_what_was_taken_and_not_served_costs_its_owner_no_turn(fair: QueueUnderTest, attempt: int) -> None:
    # given one of two owners with work whose first message was taken by a worker that died
    ada, bob = [ticket("ada") for _ in range(3)], [ticket("bob") for _ in range(3)]
    await fair.put(*ada, *bob)
    assert await fair.take(2) == [ada[0], bob[0]]
    await fair.queue.release(bob[0])
    # when the message waits again, by itself or as the next attempt
    again = replace(ada[0], attempt=attempt)
    if attempt == 1:
        fair.clock.advance(HOLD_SECONDS)
    else:
        await fair.put(again)
    # then it is the next one, and both go on in turns
    assert await fair.take(4) == [again, bob[1], ada[1], bob[2]]


async def test_what_a_living_worker_holds_stays_with_it(fair: QueueUnderTest) -> None:
    sent = ticket()
    await fair.put(sent)
    await fair.take()
    for _ in range(5):
        fair.clock.advance(HOLD_SECONDS * 0.8)
        await fair.queue.keep("worker", 2, [sent])
        assert await fair.take() == []


async def test_a_worker_that_comes_back_takes_hold_again(fair: QueueUnderTest) -> None:
    # given a worker that was silent for too long, and nobody who took over
    sent = ticket(concurrency=1)
    await fair.put(sent)
    await fair.take()
    fair.clock.advance(HOLD_SECONDS * 2)
    assert (await fair.queue.backlog()).waiting[QueueName.STANDARD] == 1
    await fair.queue.keep("worker", 2, [sent])
    # then the message does not wait any more, and counts as the owner's
    assert await fair.take() == []
    await fair.put(ticket(concurrency=1))
    assert await fair.take() == []


async def test_a_stale_attempt_cannot_take_hold_again(fair: QueueUnderTest) -> None:
    first = ticket()
    second = replace(first, attempt=2)
    await fair.put(first)
    await fair.take()
    await fair.put(second)
    await fair.queue.keep("worker", 2, [first])
    assert await fair.take() == [second]


async def test_an_emptied_queue_learns_again_what_runs(fair: QueueUnderTest) -> None:
    # given a queue that knows nothing, and a worker that works on an owner's only allowed job
    sent = ticket(concurrency=1)
    await fair.queue.keep("worker", 2, [sent])
    # then that one is not handed out when it is sent again, nor another of the owner before it ends
    other = ticket(concurrency=1)
    await fair.put(sent, other)
    assert await fair.take(5) == []
    await fair.queue.release(sent)
    assert await fair.take(5) == [other]


async def test_a_message_that_was_not_begun_goes_back_to_its_place(fair: QueueUnderTest) -> None:
    first, second = ticket(), ticket()
    await fair.put(first, second)
    await fair.take()
    await fair.queue.release(first, again=True)
    assert await fair.take(5) == [first, second]


async def test_the_backlog_counts_what_waits_and_who_works(fair: QueueUnderTest) -> None:
    await fair.put(ticket(cost=10), ticket(cost=5.5), ticket(cost=1, queue=QueueName.BATCH))
    await fair.put(ticket(), delay=60)
    await fair.queue.keep("one", 2, [])
    await fair.queue.keep("two", 3, [])
    await fair.queue.keep("draining", 0, [])
    assert await fair.queue.backlog() == Backlog(
        waiting={QueueName.INTERACTIVE: 0, QueueName.STANDARD: 2, QueueName.BATCH: 1},
        seconds={QueueName.INTERACTIVE: 0.0, QueueName.STANDARD: 15.5, QueueName.BATCH: 1.0},
        slots=5,
    )
    fair.clock.advance(HOLD_SECONDS)
    assert (await fair.queue.backlog()).slots == 0


async def test_places_follow_the_fair_order(fair: QueueUnderTest) -> None:
    # given one worker with two hands that are full, and jobs of ten seconds: three of Ada, then one of Bob
    await fair.queue.keep("worker", 2, [])
    running = [ticket("eve"), ticket("fay")]
    await fair.put(*running)
    await fair.take(2)
    ada = [ticket("ada") for _ in range(3)]
    bob = ticket("bob")
    await fair.put(*ada, bob)
    # then Bob stands beside Ada's first; half of what runs and what stands before is shared by two hands
    places = await fair.queue.places([ada[0].job_id, ada[2].job_id, bob.job_id, running[0].job_id, new_id()])
    assert places.keys() == {ada[0].job_id, ada[2].job_id, bob.job_id}
    assert {places[ada[0].job_id].position, places[bob.job_id].position} == {0, 1}
    assert places[ada[0].job_id].wait_seconds in (5.0, 10.0)
    assert places[ada[2].job_id] == QueuePlace(3, 20.0)


async def test_a_free_worker_means_no_wait(fair: QueueUnderTest) -> None:
    await fair.queue.keep("worker", 2, [])
    first, second = ticket(), ticket()
    await fair.put(first, second)
    places = await fair.queue.places([first.job_id, second.job_id])
    assert places == {first.job_id: QueuePlace(0, 0.0), second.job_id: QueuePlace(1, 0.0)}


async def test_a_limit_of_ones_own_is_part_of_the_wait(fair: QueueUnderTest) -> None:
    await fair.queue.keep("worker", 10, [])
    sent = [ticket(concurrency=1) for _ in range(3)]
    await fair.put(*sent)
    await fair.take()
    places = await fair.queue.places([message.job_id for message in sent])
    assert {job_id: place.wait_seconds for job_id, place in places.items()} == {
        sent[1].job_id: 10.0,
        sent[2].job_id: 20.0,
    }


async def test_the_outlook_is_the_place_that_a_message_gets(fair: QueueUnderTest) -> None:
    # given two people with rows of different length
    for _ in range(3):
        await fair.queue.enqueue(ticket("ada"))
    await fair.queue.enqueue(ticket("bob"))
    for owner in ("ada", "bob", "eve"):
        wanted = ticket(owner)
        before = await fair.queue.backlog()
        expected = await fair.queue.outlook(wanted)
        # then asking has put nothing
        assert await fair.queue.backlog() == before
        # and what is put stands where it was told
        await fair.queue.enqueue(wanted)
        assert (await fair.queue.places([wanted.job_id]))[wanted.job_id] == expected
        await fair.queue.withdraw(wanted.job_id)


async def test_places_reckon_with_the_other_queues(fair: QueueUnderTest) -> None:
    # given one hand, ten interactive jobs and three of a batch, all of ten seconds
    await fair.queue.keep("worker", 1, [])
    await fair.put(*(ticket(queue=QueueName.INTERACTIVE) for _ in range(10)))
    batch = [ticket(queue=QueueName.BATCH) for _ in range(3)]
    await fair.put(*batch)
    places = await fair.queue.places([message.job_id for message in batch])
    # then eight interactive ones pass between two of the batch, as far as there are that many
    assert [places[message.job_id].position for message in batch] == [0, 9, 12]
    assert [places[message.job_id].wait_seconds for message in batch] == [0.0, 90.0, 120.0]


@pytest.fixture(params=["redis", "memory"])
async def unreachable(request: pytest.FixtureRequest) -> AsyncGenerator[JobQueue, None]:
    if request.param == "memory":
        yield MemoryJobQueue(is_down=True)
        return
    redis = arq_connection.connect(f"redis://{closed_address()}/0")
    yield RedisFairQueue(redis)
    await redis.aclose()


@pytest.mark.timeout(10)
async def test_a_queue_out_of_reach_says_so(unreachable: JobQueue) -> None:
    calls = (
        lambda: unreachable.enqueue(ticket(), timedelta()),
        lambda: unreachable.withdraw(new_id()),
        lambda: unreachable.places([new_id()]),
        unreachable.backlog,
    )
    for call in calls:
        with pytest.raises(DependencyUnavailable) as failure:
            await call()
        assert failure.value.dependency == "Redis"
