"""The port to short-lived event streams, one per topic, with ids that the publisher chooses."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Event:
    """A fact on a topic. `id` ascends within the topic; `data` is a JSON object."""

    id: int
    data: dict[str, Any]


class EventBus(Protocol):
    """Events may be lost when the server behind it is wiped, so every reader can fall back to the record."""

    async def publish(self, topic: str, event: Event) -> None:
        """Appends the event; one whose id is not above the topic's last is ignored as already said."""
        ...

    async def read(self, topic: str, after: int, wait_seconds: float = 0.0) -> list[Event]:
        """Events with an id above `after`, oldest first; waits up to `wait_seconds` for the first one.

        Raises `DependencyUnavailable` when the bus cannot be reached.
        """
        ...
