"""Trying jobs again: by their owner for their price, by an administrator on the house."""

import asyncio

import pytest

from domain.accounts.model import Role
from domain.accounts.service import AccountService
from domain.credits.errors import InsufficientCredits
from domain.credits.services.wallets import CreditWallets
from domain.idempotency.errors import IdempotencyConflict
from domain.jobs.errors import JobNotRetryable
from domain.jobs.model import Job, JobProblem, JobStatus
from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.end import JobEnding
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit.caller import ANONYMOUS, Caller
from domain.kit.errors import Forbidden, NotFound, Unauthenticated, ValidationFailed
from domain.kit.paging import PageRequest
from tests.credits.audit import audit
from tests.world import World

PRICE = 3
GRANT = 500


async def failed(world: World, caller: Caller) -> Job:
    """A job that was given up after four attempts without an engine."""
    job = await world.ask(caller)
    world.engine.is_down = True
    await world.work_off()
    world.engine.is_down = False
    found = await world.get(JobFollowing).get(caller, job.id)
    assert found.status is JobStatus.FAILED
    return found


async def admin(world: World) -> Caller:
    session = await world.get(AccountService).sign_up("root@cadenza.example", "a good password", "Root")
    await world.get(AccountService).set_role("Root@cadenza.example", Role.ADMIN)
    return Caller(session.account.id)


async def balances(world: World, caller: Caller) -> tuple[int, int]:
    assert await audit(world.client[world.database]) == []
    wallet = await world.get(CreditWallets).balance(caller)
    return wallet.available, wallet.held


async def test_a_failed_job_is_tried_again_for_its_price(world: World) -> None:
    ada = await world.person()
    job = await failed(world, ada)
    assert await balances(world, ada) == (GRANT, 0)
    # when its owner tries it again
    again = await world.get(JobDriving).retry(ada, job.id)
    # then it waits with a new attempt, and its credits are held again
    assert (again.id, again.status, again.attempt, again.failures) == (job.id, JobStatus.QUEUED, 5, 0)
    assert (again.problem, again.dead_letter, again.finished_at) == (None, None, None)
    assert await balances(world, ada) == (GRANT - PRICE, PRICE)
    # and this time it succeeds
    await world.work_off()
    done = await world.get(JobFollowing).get(ada, job.id)
    assert (done.status, done.attempt, done.credits_charged) == (JobStatus.SUCCEEDED, 5, PRICE)
    assert await balances(world, ada) == (GRANT - PRICE, 0)
    assert len(await world.documents("versions")) == 1


async def test_canceled_and_expired_jobs_can_be_tried_again_too(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    await world.get(JobFollowing).cancel(ada, job.id)
    again = await world.get(JobDriving).retry(ada, job.id)
    assert (again.status, again.cancel_requested) == (JobStatus.QUEUED, False)
    await world.work_off()
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.SUCCEEDED


async def test_what_goes_on_or_succeeded_is_not_tried_again(world: World) -> None:
    ada = await world.person()
    job = await world.ask(ada)
    for _ in range(2):
        before = await world.documents("jobs")
        with pytest.raises(JobNotRetryable):
            await world.get(JobDriving).retry(ada, job.id)
        assert await world.documents("jobs") == before
        await world.work_off()


async def test_nobody_tries_somebody_elses_job_again(world: World) -> None:
    ada, bob = await world.person(), await world.person("Bob")
    job = await failed(world, ada)
    before = await world.documents("jobs")
    with pytest.raises(NotFound):
        await world.get(JobDriving).retry(bob, job.id)
    with pytest.raises(Unauthenticated):
        await world.get(JobDriving).retry(ANONYMOUS, job.id)
    assert await world.documents("jobs") == before


async def test_fifty_retries_at_once_are_one(world: World) -> None:
    ada = await world.person()
    job = await failed(world, ada)
    driving = world.get(JobDriving)
    answers = await asyncio.gather(*(driving.retry(ada, job.id, "again") for _ in range(50)))
    assert {(answer.id, answer.status) for answer in answers} == {(job.id, JobStatus.QUEUED)}
    assert await balances(world, ada) == (GRANT - PRICE, PRICE)
    assert [(message.job_id, message.attempt) for message in world.queue.messages] == [(job.id, 5)]
    # and the key does not stand for another job
    other = await failed(world, ada)
    with pytest.raises(IdempotencyConflict):
        await driving.retry(ada, other.id, "again")


async def test_without_credits_nothing_is_tried_again(world: World) -> None:
    ada = await world.person()
    job = await failed(world, ada)
    await world.client[world.database]["jobs"].update_one({"_id": job.id}, {"$set": {"list_price": 501}})
    before = await world.documents("jobs")
    with pytest.raises(InsufficientCredits):
        await world.get(JobDriving).retry(ada, job.id)
    assert await world.documents("jobs") == before
    assert world.queue.messages == []


async def test_dead_letters_tell_operators_why(world: World) -> None:
    ada, root = await world.person(), await admin(world)
    job = await failed(world, ada)
    (dead,) = (await world.get(JobDriving).dead(root, PageRequest())).items
    assert dead.id == job.id
    assert dead.dead_letter is not None
    assert (dead.dead_letter.code, dead.dead_letter.detail) == (
        "DEPENDENCY_UNAVAILABLE",
        "Triton cannot be reached right now. Nothing is lost; try again in a moment.",
    )


async def test_a_refusal_by_the_engine_is_no_dead_letter(world: World) -> None:
    ada, root = await world.person(), await admin(world)
    job = await world.ask(ada)
    lease = await world.get(JobRunning).claim(job.id, 1, "worker-1")
    assert lease is not None
    from_engine = (await world.get(JobFollowing).get(ada, job.id)).problem
    assert from_engine is None
    await world.get(JobRunning).cancel(lease)
    assert (await world.get(JobDriving).dead(root, PageRequest())).items == []


async def test_an_administrator_drives_a_dead_letter_again_on_the_house(world: World) -> None:
    ada, root = await world.person(), await admin(world)
    job = await failed(world, ada)
    again = await world.get(JobDriving).redrive(root, job.id)
    assert (again.status, again.attempt, again.price) == (JobStatus.QUEUED, 5, 0)
    assert await balances(world, ada) == (GRANT, 0)
    await world.work_off()
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.SUCCEEDED
    assert await balances(world, ada) == (GRANT, 0)
    assert (await world.get(JobDriving).dead(root, PageRequest())).items == []
    # and once is enough
    with pytest.raises(JobNotRetryable):
        await world.get(JobDriving).redrive(root, job.id)


async def test_ordinary_people_do_not_see_or_drive_dead_letters(world: World) -> None:
    ada = await world.person()
    job = await failed(world, ada)
    before = await world.documents("jobs")
    for caller, refusal in ((ada, Forbidden), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(refusal):
            await world.get(JobDriving).dead(caller, PageRequest())
        with pytest.raises(refusal):
            await world.get(JobDriving).redrive(caller, job.id)
    assert await world.documents("jobs") == before


async def test_what_was_driven_on_the_house_costs_its_price_again_when_its_owner_asks(world: World) -> None:
    ada, root = await world.person(), await admin(world)
    job = await failed(world, ada)
    await world.get(JobDriving).redrive(root, job.id)
    await world.get(JobFollowing).cancel(ada, job.id)
    assert (await world.get(JobDriving).retry(ada, job.id)).price == PRICE
    assert await balances(world, ada) == (GRANT - PRICE, PRICE)


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_that_is_none_is_refused(world: World, key: str) -> None:
    ada = await world.person()
    job = await failed(world, ada)
    before = await world.documents("jobs")
    with pytest.raises(ValidationFailed):
        await world.get(JobDriving).retry(ada, job.id, key)
    assert await world.documents("jobs") == before


async def test_a_late_decision_to_give_up_does_not_meet_the_next_run(world: World) -> None:
    # given a sweeper that found a job which waited too long, and an owner who was quicker
    ada = await world.person()
    found = await world.ask(ada)
    await world.get(JobFollowing).cancel(ada, found.id)
    again = await world.get(JobDriving).retry(ada, found.id)
    # when the sweeper acts on what it found
    assert await world.get(JobEnding).give_up(found, JobStatus.EXPIRED, JobProblem("EXPIRED", "Too late.")) is None
    # then the new run goes on
    assert (await world.get(JobFollowing).get(ada, found.id)).status is again.status is JobStatus.QUEUED
    assert await balances(world, ada) == (GRANT - PRICE, PRICE)


async def test_a_cancel_that_meets_a_requeue_is_kept(world: World) -> None:
    # given a job that was canceled while its attempt was being handed back
    ada = await world.person()
    job = await world.ask(ada)
    await world.client[world.database]["jobs"].update_one({"_id": job.id}, {"$set": {"cancel_requested": True}})
    # when the sweeper comes by, then it is canceled and its credits are back
    await world.get(JobSweeping).sweep()
    assert (await world.get(JobFollowing).get(ada, job.id)).status is JobStatus.CANCELED
    assert await balances(world, ada) == (GRANT, 0)
    assert world.queue.messages == []
