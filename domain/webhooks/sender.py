"""The ports of delivering: what sends a message to an address, and what counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

MAX_EXCERPT = 500


class DeliveryProblem(StrEnum):
    """Why an attempt did not bring the message to its receiver."""

    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    NAME_NOT_FOUND = "NAME_NOT_FOUND"
    CONNECTION_FAILED = "CONNECTION_FAILED"
    TLS_FAILED = "TLS_FAILED"
    TIMED_OUT = "TIMED_OUT"
    BAD_RESPONSE = "BAD_RESPONSE"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    UNSIGNABLE = "UNSIGNABLE"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True)
class Message:
    """One POST. The headers carry signatures, which are no secret."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What the receiver said: its status, and the beginning of its text."""

    status: int
    excerpt: str


class NotDelivered(Exception):
    """No answer came. The problem is for the owner, the detail for the log."""

    def __init__(self, problem: DeliveryProblem, detail: str) -> None:
        super().__init__(f"{problem.value}: {detail}")
        self.problem = problem


class WebhookSender(Protocol):
    """Sends one message once. It follows no redirect and connects only to addresses that `Destinations` allows."""

    async def send(self, message: Message) -> Answer:
        """Whatever status came back; raises `NotDelivered` when none did."""
        ...


class WebhookMeter(Protocol):
    """Counts what an operator watches."""

    def attempted(self, outcome: str, seconds: float) -> None:
        """One attempt: `delivered`, `retried` or `failed`."""
        ...

    def disabled(self, reason: str) -> None: ...

    def waiting(self, count: int) -> None:
        """How many deliveries are due."""
        ...


def excerpt_of(body: bytes) -> str:
    """The first characters of a response, without control characters."""
    text = body[: 4 * MAX_EXCERPT].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else " " for letter in text)[:MAX_EXCERPT].strip()
