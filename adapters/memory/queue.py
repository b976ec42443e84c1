"""A work queue in a list."""

from dataclasses import dataclass, field
from datetime import timedelta

from domain.kit.errors import DependencyUnavailable


@dataclass(frozen=True)
class Message:
    """`delay` is kept for a test to look at; nothing here waits for it."""

    kind: str
    job_id: str
    attempt: int
    delay: timedelta = field(default=timedelta(), compare=False)


@dataclass
class MemoryJobQueue:
    """Keeps messages in order; the same attempt is kept once. `is_down` makes it fail like a lost server."""

    messages: list[Message] = field(default_factory=list)
    is_down: bool = False

    async def enqueue(self, kind: str, job_id: str, attempt: int, delay: timedelta = timedelta()) -> None:
        if self.is_down:
            raise DependencyUnavailable("Redis", "switched off")
        message = Message(kind, job_id, attempt, delay)
        if message not in self.messages:
            self.messages.append(message)

    async def pending(self) -> list[tuple[str, str, int]]:
        return [(message.kind, message.job_id, message.attempt) for message in self.messages]
