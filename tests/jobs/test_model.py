"""Rules of jobs that need no server."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.model import Job, JobStage, JobStatus, Lease, RetryPolicy, Share, StageTime
from domain.kit.queue import QueueName

START = datetime(2026, 1, 1, tzinfo=UTC)


def lease(expected_seconds: float) -> Lease:
    return Lease("job", 1, "token", "worker", START, START + timedelta(minutes=5), expected_seconds, QueueName.STANDARD)


def test_time_left_begins_with_what_was_expected() -> None:
    assert lease(10.0).seconds_left(START, 0.0) == 10.0


def test_time_left_follows_what_was_measured_the_further_the_job_is() -> None:
    # given a job that was expected to take 10 s and is half done after 20 s
    left = lease(10.0).seconds_left(START + timedelta(seconds=20), 0.5)
    # then half of the answer is the expectation (nothing left) and half the measurement (20 s)
    assert left == pytest.approx(10.0)


@given(st.floats(0.0, 1.0), st.floats(0.0, 600.0), st.floats(0.0, 600.0))
def test_time_left_is_never_negative(progress: float, elapsed: float, expected: float) -> None:
    assert lease(expected).seconds_left(START + timedelta(seconds=elapsed), progress) >= 0.0


def test_backoff_doubles_up_to_its_ceiling_and_keeps_some_rest() -> None:
    policy = RetryPolicy(base_seconds=1.0, ceiling_seconds=5.0)
    assert [policy.backoff(attempt, 1.0) for attempt in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, 5.0]
    assert policy.backoff(3, 0.0) == 2.0


def test_only_endings_are_final() -> None:
    assert {status for status in JobStatus if not status.is_final} == {JobStatus.QUEUED, JobStatus.RUNNING}


def test_stage_seconds_sum_up_to_the_life_of_the_job() -> None:
    stages = (
        StageTime(JobStage.WAITING, START),
        StageTime(JobStage.COMPOSING, START + timedelta(seconds=2)),
        StageTime(JobStage.DONE, START + timedelta(seconds=5)),
    )
    job = Job(
        id="job",
        kind="kind",
        owner_id="owner",
        status=JobStatus.SUCCEEDED,
        stage=JobStage.DONE,
        progress=1.0,
        eta_seconds=None,
        is_playable=True,
        attempt=1,
        revision=4,
        created_at=START,
        started_at=START + timedelta(seconds=2),
        finished_at=START + timedelta(seconds=5),
        problem=None,
        cancel_requested=False,
        share=Share(QueueName.STANDARD, 1.0, 2, 10),
        expected_seconds=4.0,
        failures=0,
        price=5,
        list_price=5,
        hold_id="job:1",
        changed_at=START + timedelta(seconds=5),
        stage_times=stages,
    )
    assert job.stage_seconds() == {JobStage.WAITING: 2.0, JobStage.COMPOSING: 3.0, JobStage.DONE: 0.0}
