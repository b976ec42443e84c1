"""Endpoints, deliveries and the schedule of attempts. Pure data and rules."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ulid import ULID

from domain.jobs.model import Job, JobStatus
from domain.kit.errors import Issue
from domain.kit.prose import LINE_SIGNS, text_issues
from domain.webhooks.sender import DeliveryProblem

MAX_ENDPOINTS = 10
MAX_DESCRIPTION = 200
SECRETS_KEPT = 3
OLD_SECRET_LIVES = timedelta(hours=24)
GIVES_UP_AFTER = timedelta(days=5)
# Two failures with days between them say nothing of the days between.
FEWEST_FAILURES = 5
GONE = 410
TEST_TYPE = "webhook.test"

# Seconds after the attempt before: the schedule that the Standard Webhooks specification gives as an example.
PAUSES = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)


class WebhookEvent(StrEnum):
    """What an endpoint can be told of; the value is the `type` of the message."""

    JOB_SUCCEEDED = "job.succeeded"
    JOB_FAILED = "job.failed"
    JOB_CANCELED = "job.canceled"
    JOB_EXPIRED = "job.expired"

    @classmethod
    def of(cls, status: JobStatus) -> "WebhookEvent":
        """The event of a job that came to this end; raises `KeyError` for a status that is none."""
        return cls[f"JOB_{status.value}"]


class EndpointStatus(StrEnum):
    ENABLED = "ENABLED"
    DISABLED_BY_OWNER = "DISABLED_BY_OWNER"
    DISABLED_FAILING = "DISABLED_FAILING"
    DISABLED_GONE = "DISABLED_GONE"


class DeliveryStatus(StrEnum):
    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Secret:
    """A sealed secret; the one that never expires is the current one."""

    sealed: str = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True)
class Endpoint:
    """`failing_since` is the first of the failures in a row, of which there were `failures`."""

    id: str
    owner_id: str
    url: str
    events: tuple[WebhookEvent, ...]
    description: str
    status: EndpointStatus
    secrets: tuple[Secret, ...]
    created_at: datetime
    disabled_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0

    @property
    def is_enabled(self) -> bool:
        return self.status is EndpointStatus.ENABLED

    def sealed_secrets(self, now: datetime) -> list[str]:
        """Those that sign now, the newest first."""
        return [secret.sealed for secret in self.secrets if secret.expires_at is None or secret.expires_at > now]

    @property
    def old_secret_expires_at(self) -> datetime | None:
        """Until when the secret from before the last rotation signs, or did; None when it was never rotated."""
        return self.secrets[1].expires_at if len(self.secrets) > 1 else None

    def is_given_up(self, now: datetime) -> bool:
        """Whether it has failed so long that nothing more should be sent."""
        since = self.failing_since
        return since is not None and self.failures >= FEWEST_FAILURES and now - since >= GIVES_UP_AFTER


@dataclass(frozen=True)
class Attempt:
    """How the last attempt ended: `status` is the receiver's, `problem` why it counts as failed."""

    at: datetime
    seconds: float
    status: int | None
    problem: DeliveryProblem | None
    excerpt: str


@dataclass(frozen=True)
class Delivery:
    """One message for one endpoint. `tries` counts attempts since it was last put in line, `attempts` all of them."""

    id: str
    endpoint_id: str
    owner_id: str
    type: str
    job_id: str | None
    body: str = field(repr=False)
    status: DeliveryStatus
    due_at: datetime
    created_at: datetime
    attempts: int = 0
    tries: int = 0
    claim: str | None = None
    delivered_at: datetime | None = None
    last: Attempt | None = None

    @property
    def message_id(self) -> str:
        """The same in every attempt, so that a receiver can tell a repeat."""
        return f"msg_{self.id}"

    @property
    def is_test(self) -> bool:
        return self.type == TEST_TYPE

    @property
    def next_attempt_at(self) -> datetime | None:
        """None when there will be none, and while one is going on."""
        return self.due_at if self.status is DeliveryStatus.PENDING and self.claim is None else None

    def pause(self, jitter: float) -> timedelta | None:
        """How long to wait after the attempt that just failed; None when it was the last. `jitter` is in 0..1."""
        if self.is_test or self.tries >= len(PAUSES):
            return None
        return timedelta(seconds=PAUSES[self.tries] * (0.8 + 0.4 * jitter))


def delivery_id(endpoint_id: str, job: Job, event: WebhookEvent) -> str:
    """A ULID that is the same whenever the same end of the same job is written for the same endpoint.

    Raises `ValueError` for a job that has not ended.
    """
    if job.finished_at is None:
        raise ValueError(f"{job.id} has not ended")
    digest = hashlib.sha256(f"{endpoint_id}:{job.id}:{job.attempt}:{event.value}".encode()).digest()
    milliseconds = round(job.finished_at.timestamp() * 1000)
    return str(ULID.from_bytes(milliseconds.to_bytes(6, "big") + digest[:10]))


def endpoint_issues(events: Sequence[WebhookEvent] | None, description: str | None) -> list[Issue]:
    issues = []
    if events is not None and not events:
        issues.append(Issue("events", "Choose at least one event."))
    return issues + text_issues("description", description, 0, MAX_DESCRIPTION, "A description", LINE_SIGNS)
