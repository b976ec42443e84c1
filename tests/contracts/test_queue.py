"""What every work queue promises, held against arq on Redis and the twin."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from arq.connections import ArqRedis

from adapters import arq_queue
from adapters.arq_queue import ArqJobQueue
from adapters.memory.queue import MemoryJobQueue
from domain.kit.errors import DependencyUnavailable
from domain.kit.ids import new_id
from domain.kit.queue import JobQueue
from tests.contracts.closed_port import closed_address

KIND = "generate_track"


@dataclass(frozen=True)
class Waiting:
    """A message in the queue and how many seconds it still rests."""

    kind: str
    job_id: str
    attempt: int
    rests: float


@dataclass(frozen=True)
class QueueUnderTest:
    queue: JobQueue
    waiting: Callable[[], Awaitable[list[Waiting]]]


@pytest.fixture(params=["arq", "memory"])
async def under_test(request: pytest.FixtureRequest, redis_url: str) -> AsyncGenerator[QueueUnderTest, None]:
    if request.param == "memory":
        twin = MemoryJobQueue()
        yield QueueUnderTest(twin, lambda: _in_twin(twin))
        return
    redis = arq_queue.connect(redis_url)
    yield QueueUnderTest(ArqJobQueue(redis), lambda: _in_redis(redis))
    await redis.aclose()


async def _in_twin(twin: MemoryJobQueue) -> list[Waiting]:
    return [Waiting(m.kind, m.job_id, m.attempt, m.delay.total_seconds()) for m in twin.messages]


async def _in_redis(redis: ArqRedis) -> list[Waiting]:
    """arq's score of a message is the millisecond from which a worker may take it."""
    now = datetime.now(UTC).timestamp()
    return [
        Waiting(job.function, job.args[0], job.args[1], round(max(0.0, (job.score or 0) / 1000 - now), 1))
        for job in await redis.queued_jobs()
    ]


async def test_a_message_names_the_job_and_its_attempt(under_test: QueueUnderTest) -> None:
    job_id = new_id()
    await under_test.queue.enqueue(KIND, job_id, 1)
    assert await under_test.waiting() == [Waiting(KIND, job_id, 1, 0.0)]


async def test_the_same_attempt_is_there_once(under_test: QueueUnderTest) -> None:
    job_id = new_id()
    await under_test.queue.enqueue(KIND, job_id, 1)
    await under_test.queue.enqueue(KIND, job_id, 1)
    assert await under_test.waiting() == [Waiting(KIND, job_id, 1, 0.0)]


async def test_a_new_attempt_of_the_same_job_is_not_refused(under_test: QueueUnderTest) -> None:
    job_id = new_id()
    await under_test.queue.enqueue(KIND, job_id, 1)
    await under_test.queue.enqueue(KIND, job_id, 2)
    assert {(message.job_id, message.attempt) for message in await under_test.waiting()} == {(job_id, 1), (job_id, 2)}


async def test_jobs_do_not_hide_each_other(under_test: QueueUnderTest) -> None:
    job_ids = [new_id() for _ in range(20)]
    for job_id in job_ids:
        await under_test.queue.enqueue(KIND, job_id, 1)
    assert {message.job_id for message in await under_test.waiting()} == set(job_ids)


async def test_a_delayed_message_rests_that_long(under_test: QueueUnderTest) -> None:
    await under_test.queue.enqueue(KIND, new_id(), 1, timedelta(seconds=30))
    (message,) = await under_test.waiting()
    assert message.rests == pytest.approx(30.0, abs=2.0)


@pytest.fixture(params=["arq", "memory"])
async def unreachable(request: pytest.FixtureRequest) -> AsyncGenerator[JobQueue, None]:
    if request.param == "memory":
        yield MemoryJobQueue(is_down=True)
        return
    redis = arq_queue.connect(f"redis://{closed_address()}/0")
    yield ArqJobQueue(redis)
    await redis.aclose()


@pytest.mark.timeout(10)
async def test_a_queue_out_of_reach_says_so(unreachable: JobQueue) -> None:
    with pytest.raises(DependencyUnavailable) as failure:
        await unreachable.enqueue(KIND, new_id(), 1)
    assert failure.value.dependency == "Redis"
