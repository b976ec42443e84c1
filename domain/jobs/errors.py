"""Expected failures of jobs."""

from dataclasses import dataclass
from typing import ClassVar

from domain.jobs.model import JobStatus
from domain.kit.errors import DomainError


@dataclass
class JobAlreadyFinished(DomainError):
    """A finished job cannot be canceled."""

    job_id: str
    status: JobStatus
    code: ClassVar[str] = "JOB_ALREADY_FINISHED"

    @property
    def message(self) -> str:
        return f"This job is already finished: it is {self.status.value.lower()}."


@dataclass
class IdempotencyConflict(DomainError):
    """The key was used within the last 24 hours for a different input."""

    idempotency_key: str
    code: ClassVar[str] = "IDEMPOTENCY_CONFLICT"

    @property
    def message(self) -> str:
        return (
            f"The idempotency key {self.idempotency_key!r} was already used with another input. "
            "Use a new key for a new request."
        )


class LeaseLost(Exception):
    """The worker's lease is over: another attempt owns the job, so nothing more may be written."""


class JobCanceled(Exception):
    """The owner asked to stop; the worker stops its streams and reports back."""


class DeadlineExceeded(Exception):
    """The attempt ran past the job's deadline."""
