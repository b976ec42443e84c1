"""The port to short-lived event streams: topics with ids from the publisher, feeds with positions from the bus."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

START = "0-0"


@dataclass(frozen=True)
class Event:
    """A fact on a topic. `id` ascends within the topic; `data` is a JSON object."""

    id: int
    data: dict[str, Any]


@dataclass(frozen=True)
class Post:
    """A fact in a feed. `position` is "milliseconds-number", as the bus gave it out; positions ascend."""

    position: str
    data: dict[str, Any]

    @property
    def order(self) -> tuple[int, int]:
        return order_of(self.position)


def order_of(position: str) -> tuple[int, int]:
    """What positions are compared by; raises `ValueError` for a text that is not one."""
    milliseconds, number = position.split("-")
    if not (milliseconds.isascii() and milliseconds.isdigit() and number.isascii() and number.isdigit()):
        raise ValueError(position)
    return int(milliseconds), int(number)


class EventBus(Protocol):
    """Events may be lost when the server behind it is wiped, so every reader can fall back to the record.

    All methods raise `DependencyUnavailable` when the bus cannot be reached.
    """

    async def publish(self, topic: str, event: Event, feed: str) -> None:
        """Appends the event to the topic and its data to the feed, at once.

        An event whose id is not above the topic's last is ignored as already said, in both.
        """
        ...

    async def read(self, topic: str, after: int, wait_seconds: float = 0.0) -> list[Event]:
        """Events with an id above `after`, oldest first; waits up to `wait_seconds` for the first one."""
        ...

    async def posts(self, feed: str, after: str = START, wait_seconds: float = 0.0) -> Sequence[Post]:
        """Posts behind a position, oldest first, as far back as the feed is kept; waits like `read`."""
        ...
