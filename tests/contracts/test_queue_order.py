"""The fair order: shares of queues and owners, and nobody starves; and the scripts do what the reference does."""

from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.fair_queue.policy import HOLD_SECONDS, OVERDUE_EVERY, PATIENCE_SECONDS
from adapters.redis import connection as redis_connection
from domain.kit.queue import QueueName, Ticket
from tests.contracts.queues import QueueUnderTest, memory_queue, redis_queue, ticket

OWNERS = ("ada", "bob", "cyd", "dee")
ON_REAL_REDIS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(params=["redis", "memory"])
async def fair(request: pytest.FixtureRequest, redis_url: str) -> AsyncGenerator[QueueUnderTest, None]:
    if request.param == "memory":
        yield memory_queue()
        return
    async with redis_queue(redis_url) as queue:
        yield queue


async def test_five_hundred_jobs_of_one_do_not_delay_the_first_of_another(fair: QueueUnderTest) -> None:
    # given two hands, and somebody with five hundred jobs of which some are done already
    await fair.put(*(ticket("ada") for _ in range(500)))
    for message in await fair.take(20):
        await fair.queue.release(message)
    # when another one comes with a single job
    await fair.put(ticket("bob"))
    # then it is among the next that the two hands take
    assert "bob" in [message.owner_id for message in await fair.take(2)]


async def test_equal_owners_come_in_order_of_arrival(fair: QueueUnderTest) -> None:
    owners = ["zoe", "ada", "mia", "bob"]
    await fair.put(*(ticket(owner) for owner in owners))
    assert [message.owner_id for message in await fair.take(4)] == owners


async def test_a_heavier_owner_is_served_more(fair: QueueUnderTest) -> None:
    for _ in range(40):
        await fair.put(ticket("paid", weight=3.0), ticket("free", weight=1.0))
    taken = Counter(message.owner_id for message in await fair.take(40))
    assert taken == {"paid": 30, "free": 10}


async def test_costs_count_not_jobs(fair: QueueUnderTest) -> None:
    for _ in range(40):
        await fair.put(ticket("long", cost=30.0), ticket("short", cost=10.0))
    taken = Counter(message.owner_id for message in await fair.take(40))
    assert taken == {"long": 10, "short": 30}


async def test_queues_share_by_weight(fair: QueueUnderTest) -> None:
    for _ in range(60):
        await fair.put(*(ticket(queue=queue) for queue in QueueName))
    taken = Counter(message.queue for message in await fair.take(39))
    assert taken == {QueueName.INTERACTIVE: 24, QueueName.STANDARD: 12, QueueName.BATCH: 3}


async def test_who_was_idle_has_saved_nothing_up(fair: QueueUnderTest) -> None:
    # given ten jobs done for Ada while Bob was away
    await fair.put(*(ticket("ada") for _ in range(30)))
    await fair.take(10)
    # when Bob comes with as many
    await fair.put(*(ticket("bob") for _ in range(30)))
    # then they share from now on
    taken = Counter(message.owner_id for message in await fair.take(20))
    assert taken == {"ada": 10, "bob": 10}


async def test_who_stood_at_the_limit_has_saved_nothing_up(fair: QueueUnderTest) -> None:
    # given Ada, who may run one job, at her limit while Bob is served
    await fair.put(*(ticket("ada", concurrency=1) for _ in range(10)))
    await fair.put(*(ticket("bob") for _ in range(40)))
    taken = await fair.take(11)
    assert Counter(message.owner_id for message in taken) == {"ada": 1, "bob": 10}
    # when she may run many
    await fair.put(ticket("ada"))
    await fair.queue.release(next(message for message in taken if message.owner_id == "ada"))
    # then she gets half from now on, not more
    assert Counter(message.owner_id for message in await fair.take(8)) == {"ada": 4, "bob": 4}


async def test_an_overdue_message_goes_first_now_and_then(fair: QueueUnderTest) -> None:
    # given a batch that has waited for too long, and a flood of fresh interactive work
    await fair.put(*(ticket("patient", QueueName.BATCH, cost=100) for _ in range(6)))
    await fair.take(1)
    fair.clock.advance(PATIENCE_SECONDS[QueueName.BATCH] + 1)
    await fair.put(*(ticket(f"new {index}", QueueName.INTERACTIVE) for index in range(40)))
    # then it gets every fourth turn, no more
    taken = [message.owner_id for message in await fair.take(16)]
    turns = [index for index, owner in enumerate(taken) if owner == "patient"]
    assert len(turns) == 4
    assert [later - turn for turn, later in pairwise(turns)] == [OVERDUE_EVERY] * 3


async def test_nobody_starves_behind_an_endless_row_of_newcomers(fair: QueueUnderTest) -> None:
    # given an owner whose second job would always come after the first one of anybody new
    second = ticket("ada")
    await fair.put(ticket("ada"), second)
    taken: list[Ticket] = await fair.take()
    await fair.queue.release(taken[0])
    seconds = 0
    # when a newcomer appears for every one that is served
    while second not in taken:
        await fair.put(ticket(f"newcomer {seconds}"), ticket(f"other {seconds}"))
        fair.clock.advance(10)
        seconds += 10
        taken = await fair.take()
        await fair.queue.release(taken[0])
    # then it is served as soon as it counts as overdue
    assert PATIENCE_SECONDS[QueueName.STANDARD] < seconds <= PATIENCE_SECONDS[QueueName.STANDARD] + 10 * OVERDUE_EVERY


@st.composite
def crowds(draw: st.DrawFn) -> list[Ticket]:
    """Forty messages for each of two to four owners of different weights, with different costs."""
    tickets = []
    for owner in OWNERS[: draw(st.integers(2, 4))]:
        weight = draw(st.floats(0.5, 8.0))
        costs = draw(st.lists(st.floats(0.5, 60.0), min_size=1, max_size=4))
        tickets += [ticket(owner, weight=weight, cost=costs[index % len(costs)]) for index in range(40)]
    return draw(st.permutations(tickets))


@given(crowds())
@settings(max_examples=40, deadline=None)
async def test_two_owners_with_work_are_never_far_apart(crowd: list[Ticket]) -> None:
    """The bound of start-time fair queuing, in every interval in which both have work."""
    fair = memory_queue()
    await fair.put(*crowd)
    served: dict[str, list[float]] = {message.owner_id: [0.0] for message in crowd}
    left = Counter(message.owner_id for message in crowd)
    while all(left.values()):
        (message,) = await fair.take()
        left[message.owner_id] -= 1
        for owner, sums in served.items():
            sums.append(sums[-1] + (message.cost_seconds / message.weight if owner == message.owner_id else 0.0))
    longest = {owner: max(m.cost_seconds / m.weight for m in crowd if m.owner_id == owner) for owner in served}
    for one, other in combinations(served, 2):
        gaps = [a - b for a, b in zip(served[one], served[other], strict=True)]
        # the largest difference over all intervals is that between two of the sums from the start
        assert max(gaps) - min(gaps) <= longest[one] + longest[other] + 1e-6


@dataclass(frozen=True)
class Step:
    """One thing that happens; `number` chooses among the messages there are."""

    what: str
    number: int
    owner: str = "ada"
    queue: QueueName = QueueName.STANDARD
    cost: float = 1.0


STEPS = st.builds(
    Step,
    what=st.sampled_from(
        ["put"] * 5 + ["take"] * 4 + ["release"] * 3 + ["delay", "again", "retry", "withdraw", "keep", "back", "pause"]
    ),
    number=st.integers(0, 1000),
    owner=st.sampled_from(OWNERS),
    queue=st.sampled_from(list(QueueName)),
    cost=st.floats(0.1, 100.0),
)
LIMITS = {"ada": 1, "bob": 2, "cyd": 3, "dee": 1}
WEIGHTS = {"ada": 1.0, "bob": 3.0, "cyd": 0.7, "dee": 1.0}


@dataclass
class Audit:
    """What must be true whatever happens: an own record of who waits and who works."""

    waiting: dict[str, Ticket] = field(default_factory=dict)
    held: dict[str, Ticket] = field(default_factory=dict)

    def put(self, message: Ticket) -> None:
        known = self.waiting.get(message.job_id) or self.held.get(message.job_id)
        if known is None or known.attempt < message.attempt:
            self.held.pop(message.job_id, None)
            self.waiting[message.job_id] = message

    def taken(self, messages: list[Ticket]) -> None:
        for message in messages:
            assert self.waiting.pop(message.job_id) == message
            self.held[message.job_id] = message
        running = Counter(message.owner_id for message in self.held.values())
        assert all(running[owner] <= LIMITS[owner] for owner in running)

    def all_silent(self) -> None:
        self.waiting |= self.held
        self.held.clear()

    def idle_hands_mean_that_nobody_may_be_served(self, rested: set[str]) -> None:
        running = Counter(message.owner_id for message in self.held.values())
        free = [m for m in self.waiting.values() if running[m.owner_id] < LIMITS[m.owner_id] and m.job_id not in rested]
        assert free == []


@dataclass
class Play:
    """Does the same to both queues and to the audit, and compares every answer."""

    queues: tuple[QueueUnderTest, QueueUnderTest]
    audit: Audit = field(default_factory=Audit)
    resting: set[str] = field(default_factory=set)

    async def step(self, step: Step) -> None:
        held = sorted(self.audit.held.values(), key=lambda message: message.job_id)
        waiting = sorted(self.audit.waiting.values(), key=lambda message: message.job_id)
        if step.what in ("put", "delay"):
            await self._put(_ticket_of(step), 7.0 if step.what == "delay" else 0.0)
        elif step.what == "take":
            await self._take(step.number % 4 + 1)
        elif step.what == "pause":
            await self._pause(step.number)
        elif step.what in ("again", "retry") and (known := waiting + held):
            message = known[step.number % len(known)]
            await self._put(replace(message, attempt=message.attempt + (step.what == "retry")), 0.0)
        elif step.what == "withdraw" and waiting:
            await self._withdraw(waiting[step.number % len(waiting)])
        elif step.what in ("release", "back") and held:
            await self._release(held[step.number % len(held)], step.what == "back")
        elif step.what == "keep":
            for fair in self.queues:
                await fair.queue.keep("worker", 3, held)
        await self._compare()

    async def _put(self, message: Ticket, delay: float) -> None:
        known = self.audit.waiting.get(message.job_id)
        self.audit.put(message)
        self.resting.discard(message.job_id)
        if delay and known is None:
            self.resting.add(message.job_id)
        for fair in self.queues:
            await fair.put(message, delay=delay)

    async def _take(self, free: int) -> None:
        ours, reference = [await fair.queue.take(free) for fair in self.queues]
        assert ours.handed == reference.handed
        assert ours.look_again_seconds == pytest.approx(reference.look_again_seconds)
        self.audit.taken([handed.ticket for handed in ours.handed])
        if len(ours.handed) < free:
            self.audit.idle_hands_mean_that_nobody_may_be_served(self.resting)

    async def _withdraw(self, message: Ticket) -> None:
        del self.audit.waiting[message.job_id]
        for fair in self.queues:
            await fair.queue.withdraw(message.job_id)

    async def _release(self, message: Ticket, again: bool) -> None:
        del self.audit.held[message.job_id]
        if again:
            self.audit.waiting[message.job_id] = message
        for fair in self.queues:
            await fair.queue.release(message, again)

    async def _pause(self, number: int) -> None:
        """Everybody falls silent, sometimes for so long that messages are overdue; what rested is due then."""
        for fair in self.queues:
            fair.clock.advance(HOLD_SECONDS + number % 3 * 300)
        self.audit.all_silent()
        self.resting.clear()

    async def _compare(self) -> None:
        ours, reference = [await fair.queue.backlog() for fair in self.queues]
        assert ours.waiting == reference.waiting
        assert ours.seconds == pytest.approx(reference.seconds)
        assert sum(ours.waiting.values()) == len(self.audit.waiting.keys() - self.resting)
        ids = list(self.audit.waiting)
        our_places, their_places = [await fair.queue.places(ids) for fair in self.queues]
        assert our_places.keys() == their_places.keys() == self.audit.waiting.keys() - self.resting
        for job_id, place in our_places.items():
            assert place.position == pytest.approx(their_places[job_id].position, abs=1)
            assert place.wait_seconds == pytest.approx(their_places[job_id].wait_seconds, rel=1e-6, abs=1e-6)

    async def work_off(self) -> None:
        """Nothing is lost: what waits is all handed out in the end, in the same order."""
        await self._pause(0)
        while self.audit.waiting:
            await self._take(4)
            for message in list(self.audit.held.values()):
                await self._release(message, False)


def _ticket_of(step: Step) -> Ticket:
    return ticket(step.owner, step.queue, step.cost, WEIGHTS[step.owner], LIMITS[step.owner])


@given(st.lists(STEPS, min_size=10, max_size=120))
@ON_REAL_REDIS
async def test_the_scripts_do_what_the_reference_does(redis_url: str, steps: list[Step]) -> None:
    async with redis_queue(redis_url) as ours:
        play = Play((ours, memory_queue()))
        for step in steps:
            await play.step(step)
        await play.work_off()
    async with redis_connection.connect(redis_url) as redis:
        left = set(await redis.keys("cadenza:*"))
        assert left <= {b"cadenza:jobs:state", b"cadenza:jobs:workers", b"cadenza:jobs:slots"}
