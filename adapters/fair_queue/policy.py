"""The numbers of the fair queue, in one place; the scripts in Redis and the twin in memory read the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from domain.kit.queue import QueueName, Ticket

# In this order queues are asked when the shares leave it open.
SHARES: Mapping[QueueName, float] = MappingProxyType(
    {QueueName.INTERACTIVE: 8.0, QueueName.STANDARD: 4.0, QueueName.BATCH: 1.0}
)
PATIENCE_SECONDS: Mapping[QueueName, float] = MappingProxyType(
    {QueueName.INTERACTIVE: 120.0, QueueName.STANDARD: 600.0, QueueName.BATCH: 3600.0}
)
# Every so many turns the most overdue message may go before the shares are asked. A flood of overdue messages thus
# gets a quarter of the turns and cannot turn the priorities around.
OVERDUE_EVERY = 4
# A message that nobody has kept alive for so long waits again. Workers keep theirs alive three times in that span.
HOLD_SECONDS = 15.0
KEEP_SECONDS = 5.0
SMALLEST_COST_SECONDS = 0.001
SMALLEST_WEIGHT = 0.001


@dataclass(frozen=True)
class FairPolicy:
    """`shares` of the queues, how long each lets a message wait before it counts as overdue, and how long a message
    is held for a worker that gives no sign of life."""

    shares: Mapping[QueueName, float] = field(default_factory=lambda: SHARES)
    patience_seconds: Mapping[QueueName, float] = field(default_factory=lambda: PATIENCE_SECONDS)
    overdue_every: int = OVERDUE_EVERY
    hold_seconds: float = HOLD_SECONDS


def bounded(ticket: Ticket) -> Ticket:
    """Costs and weights are positive, and everybody may run one job."""
    return replace(
        ticket,
        cost_seconds=max(float(ticket.cost_seconds), SMALLEST_COST_SECONDS),
        weight=max(float(ticket.weight), SMALLEST_WEIGHT),
        concurrency=max(ticket.concurrency, 1),
    )
