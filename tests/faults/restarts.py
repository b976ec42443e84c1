"""How long jobs waited for another worker after theirs was killed or frozen, from their own records. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.faults.evidence import Record
from tests.faults.storm import Blow


@dataclass(frozen=True)
class Restart:
    """From the blow to the return into the queue and to the next claim, in seconds; `before` is the attempt hit."""

    job_id: str
    victim: str
    before: int
    queued_after: float
    begun_after: float


def restarts_of(blows: Iterable[Blow], jobs: Mapping[str, Record]) -> list[Restart]:
    """Of all jobs that were begun again; one that came through, was canceled or was given up is not among them."""
    return [
        Restart(job_id, blow.harm.victim, attempt, *seconds)
        for blow in blows
        for job_id, attempt in blow.held
        if (seconds := seconds_to_next_claim(jobs[job_id]["stage_times"], blow.at)) is not None
    ]


def seconds_to_next_claim(stages: Sequence[Record], hit_at: datetime) -> tuple[float, float] | None:
    """Until it waits again and until its next first stage begins; None when it did not begin again."""
    queued: float | None = None
    for part in stages:
        seconds = float((part["started_at"] - hit_at).total_seconds())
        if seconds <= 0:
            continue
        if part["stage"] == "WAITING":
            queued = seconds if queued is None else queued
        elif queued is not None:
            return queued, seconds
    return None
