"""Expected failures of jobs."""

from dataclasses import dataclass
from datetime import timedelta
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
class JobNotRetryable(DomainError):
    """Only a job that ended without a result can be tried again."""

    job_id: str
    status: JobStatus
    code: ClassVar[str] = "JOB_NOT_RETRYABLE"

    @property
    def message(self) -> str:
        if self.status is JobStatus.SUCCEEDED:
            return "This job succeeded, so there is nothing to try again."
        return f"This job is still going on: it is {self.status.value.lower()}."


@dataclass
class TooManyJobs(DomainError):
    """As many of the owner's jobs wait as their plan allows."""

    limit: int
    waiting: int
    code: ClassVar[str] = "TOO_MANY_JOBS"

    @property
    def message(self) -> str:
        return (
            f"{self.waiting} of your jobs are waiting, and your plan lets {self.limit} wait. "
            "Try again when some of them have begun."
        )


@dataclass
class Overloaded(DomainError):
    """So much waits already that the job could not begin in time."""

    retry_after_seconds: int
    code: ClassVar[str] = "OVERLOADED"

    @property
    def message(self) -> str:
        minutes = max(1, round(self.retry_after_seconds / 60))
        return (
            f"So much waits that this could not begin in time. Try again in about {minutes} min; nothing was charged."
        )


class LeaseLost(Exception):
    """The worker's lease is over: another attempt owns the job, so nothing more may be written."""


class JobCanceled(Exception):
    """The owner asked to stop; the worker stops its streams and reports back."""


class JobYields(Exception):
    """Long work makes room for others; its next attempt goes on where this one stopped, not before `pause` is over."""

    def __init__(self, pause: timedelta = timedelta()) -> None:
        super().__init__("the work makes room for others")
        self.pause = pause


class DeadlineExceeded(Exception):
    """The attempt ran past the job's deadline, or past the limit of the stage it is in."""
