"""Credits follow a job: held when it is accepted, charged when it succeeds, given back when it does not."""

import asyncio

import pytest

from domain.credits.errors import InsufficientCredits, PlanLimitReached
from domain.credits.model import Wallet
from domain.credits.services.wallets import CreditWallets
from domain.generation.model import GenerationRequest
from domain.generation.services.request import GenerationRequests
from domain.jobs.errors import JobCanceled, Overloaded, TooManyJobs
from domain.jobs.model import Job, JobStatus
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit.caller import Caller
from domain.kit.queue import QueueName, Ticket
from domain.kit.transactions import Session
from tests.credits.audit import audit
from tests.world import World

# Six seconds of music: two credits and one for each ten seconds that were begun.
PRICE = 3
GRANT = 500


async def wallet(world: World, caller: Caller) -> Wallet:
    return await world.get(CreditWallets).balance(caller)


async def balances(world: World, caller: Caller) -> tuple[int, int]:
    """What is available and what is held, by books that are in order."""
    assert await audit(world.client[world.database]) == []
    found = await wallet(world, caller)
    return found.available, found.held


async def succeed(world: World, job: Job) -> None:
    """Ends a job well without making a song."""
    lease = await world.get(JobRunning).claim(job.id, 1, "worker-1")
    assert lease is not None
    await world.get(JobRunning).succeed(lease, no_effects)


async def no_effects(session: Session) -> None:
    """What a job without a result writes."""


async def test_a_song_is_held_then_charged(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    assert (job.credits_held, job.credits_charged) == (PRICE, 0)
    assert await balances(world, ada) == (GRANT - PRICE, PRICE)
    await world.work_off()
    done = await world.get(JobFollowing).get(ada, job.id)
    assert (done.status, done.credits_held, done.credits_charged) == (JobStatus.SUCCEEDED, 0, PRICE)
    assert await balances(world, ada) == (GRANT - PRICE, 0)


async def test_a_canceled_song_costs_nothing(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    canceled = await world.get(JobFollowing).cancel(ada, job.id)
    assert (canceled.status, canceled.credits_held, canceled.credits_charged) == (JobStatus.CANCELED, 0, 0)
    assert await balances(world, ada) == (GRANT, 0)


async def test_a_song_that_fails_or_waits_too_long_costs_nothing(world: World) -> None:
    ada = await world.person()
    await world.ask(ada)
    world.engine.is_down = True
    await world.work_off()
    assert await balances(world, ada) == (GRANT, 0)
    await world.ask(ada)
    world.clock.advance(3601)
    await world.get(JobSweeping).sweep()
    assert {job["status"] for job in await world.documents("jobs")} == {"FAILED", "EXPIRED"}
    assert await balances(world, ada) == (GRANT, 0)


async def test_a_crash_in_the_last_transaction_charges_nothing_and_the_next_attempt_charges_once(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    running = world.get(JobRunning)
    lease = await running.claim(job.id, 1, "worker-1")
    assert lease is not None

    async def crash(session: Session) -> None:
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        await running.succeed(lease, crash)
    assert await balances(world, ada) == (GRANT - PRICE, PRICE)
    await running.succeed(lease, no_effects)
    assert await balances(world, ada) == (GRANT - PRICE, 0)


async def test_a_cancel_in_the_last_moment_charges_nothing(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    running = world.get(JobRunning)
    lease = await running.claim(job.id, 1, "worker-1")
    assert lease is not None
    await world.get(JobFollowing).cancel(ada, job.id)

    with pytest.raises(JobCanceled):
        await running.succeed(lease, no_effects)
    await running.cancel(lease)
    assert await balances(world, ada) == (GRANT, 0)


async def test_what_cannot_be_paid_is_not_accepted(world: World) -> None:
    # given somebody with 500 credits, who has asked for nearly all of them
    ada = await world.person()
    for _ in range(15):
        job = await world.ask(ada, duration_seconds=300.0)
        await succeed(world, job)
    assert await balances(world, ada) == (500 - 15 * 32, 0)
    before = await world.documents("jobs")
    world.queue.messages.clear()
    # when the next song costs more than what is left
    with pytest.raises(InsufficientCredits) as refusal:
        await world.ask(ada, duration_seconds=190.0)
    # then nothing is written, held or queued
    assert (refusal.value.required_credits, refusal.value.available_credits) == (21, 20)
    assert await world.documents("jobs") == before
    assert world.queue.messages == []
    assert await balances(world, ada) == (20, 0)


async def test_variations_are_jobs_with_a_price_and_a_seed_each(world: World) -> None:
    ada = await world.person(plan="creator")
    wish = GenerationRequest(prompt="calm piano", duration_seconds=6.0, seed=7, variation_count=3)
    jobs = await world.get(GenerationRequests).generate(ada, wish)
    assert await balances(world, ada) == (10_000 - 3 * PRICE, 3 * PRICE)
    # when one of them cannot be made
    await world.get(JobFollowing).cancel(ada, jobs[1].id)
    await world.work_off()
    # then only the others are paid
    assert await balances(world, ada) == (10_000 - 2 * PRICE, 0)
    generations = await world.get(GenerationRequests).by_job(ada, [job.id for job in jobs])
    assert [generations[job.id].seed for job in jobs] == [7, 8, 9]
    assert len(await world.documents("tracks")) == 2


async def test_variations_under_a_key_are_accepted_once(world: World) -> None:
    ada = await world.person(plan="creator")
    wish = GenerationRequest(prompt="calm piano", duration_seconds=6.0, variation_count=4, idempotency_key="once")
    service = world.get(GenerationRequests)
    answers = await asyncio.gather(*(service.generate(ada, wish) for _ in range(10)))
    assert {tuple(job.id for job in jobs) for jobs in answers} == {tuple(job.id for job in answers[0])}
    assert await balances(world, ada) == (10_000 - 4 * PRICE, 4 * PRICE)


@pytest.mark.parametrize(
    ("fields", "limit"),
    [({"duration_seconds": 301.0}, ("durationSeconds", 300.0)), ({"variation_count": 2}, ("variationCount", 1))],
)
async def test_a_plan_has_its_limits(world: World, fields: dict[str, float], limit: tuple[str, float]) -> None:
    ada = await world.person()
    with pytest.raises(PlanLimitReached) as refusal:
        await world.ask(ada, **fields)
    assert (refusal.value.plan, refusal.value.field, refusal.value.limit) == ("Free", *limit)
    assert await world.documents("jobs") == []


async def test_as_many_jobs_wait_as_the_plan_allows(world: World) -> None:
    ada, bob = await world.person(), await world.person("Bob")
    for _ in range(10):
        await world.ask(ada)
    with pytest.raises(TooManyJobs) as refusal:
        await world.ask(ada)
    assert (refusal.value.limit, refusal.value.waiting) == (10, 10)
    assert await balances(world, ada) == (GRANT - 10 * PRICE, 10 * PRICE)
    # and others may ask all the same
    await world.ask(bob)


async def test_a_job_that_could_not_begin_in_time_is_refused_with_a_time(world: World) -> None:
    # given an hour of somebody else's work in the queue of the free plan
    ada = await world.person()
    await world.queue.enqueue(Ticket("other", "1", 1, "somebody", QueueName.STANDARD, 3600.0, 1.0, 1))
    with pytest.raises(Overloaded) as refusal:
        await world.ask(ada)
    assert refusal.value.retry_after_seconds == 1800
    assert await world.documents("jobs") == []
    assert await balances(world, ada) == (GRANT, 0)
    # and a paying customer, who is served before, is not
    assert (await world.ask(await world.person("Bob", plan="creator"))).status is JobStatus.QUEUED


async def test_a_quote_is_what_is_held(world: World) -> None:
    ada = await world.person(plan="creator")
    wish = GenerationRequest(prompt="calm piano", duration_seconds=45.0, variation_count=2)
    quote = await world.get(GenerationRequests).quote(ada, wish)
    assert (quote.credits, quote.available_credits, quote.is_affordable) == (14, 10_000, True)
    assert quote.wait_seconds == 0.0
    assert quote.work_seconds == pytest.approx(7.4)
    assert await world.documents("jobs") == []
    await world.get(GenerationRequests).generate(ada, wish)
    assert await balances(world, ada) == (10_000 - 14, 14)


async def test_somebody_elses_long_row_shuts_nobody_out(world: World) -> None:
    # given one person with hours of work in the queue
    for number in range(50):
        await world.queue.enqueue(Ticket("other", f"{number}", 1, "somebody", QueueName.STANDARD, 300.0, 1.0, 2))
    # when somebody else asks for a first song, then it is accepted, and its turn is soon
    job = await world.ask(await world.person())
    places = await world.queue.places([job.id])
    assert places[job.id].position <= 2
