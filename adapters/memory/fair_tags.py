"""Start-time fair queuing (Goyal, Vin, Cheng 1996), twice: among queues by share, inside one among owners by weight.

Knows tags and turns; which messages wait, and who may be served, it is told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adapters.fair_queue.policy import FairPolicy
from domain.kit.queue import QueueName, Ticket

Owner = tuple[QueueName, str]


@dataclass
class FairTags:
    """Tags are seconds of service divided by a weight or share.

    `virtual` time is the start tag of what was last taken; a start tag is the later of the virtual time and one's own
    last finish tag, so nobody saves anything up.
    """

    policy: FairPolicy
    virtual: float = 0.0
    queue_virtual: dict[QueueName, float] = field(default_factory=dict)
    queue_start: dict[QueueName, float] = field(default_factory=dict)
    queue_finish: dict[QueueName, float] = field(default_factory=dict)
    seats: dict[Owner, tuple[float, int]] = field(default_factory=dict)
    heads: Mapping[Owner, float] = field(default_factory=dict)
    _finish: dict[Owner, float] = field(default_factory=dict)
    _seated: int = 0
    _turns: int = 0

    def forget(self, empty: Iterable[QueueName]) -> None:
        """An empty queue's past is forgotten, and when all are empty, theirs among each other."""
        emptied = set(empty)
        for queue in emptied:
            self.queue_virtual.pop(queue, None)
            self._finish = {owner: tag for owner, tag in self._finish.items() if owner[0] is not queue}
        if len(emptied) == len(QueueName):
            self.virtual = 0.0
            self.queue_finish.clear()

    def seat(self, heads: Mapping[Owner, float]) -> None:
        """`heads` are all who may be served, with the stamps of their first messages."""
        self.heads = heads
        self.seats = {owner: seat for owner, seat in self.seats.items() if owner in heads}
        for owner in heads:
            if owner not in self.seats:
                self._seated += 1
                self.seats[owner] = (self.tag_of(owner), self._seated)
        opened = {queue for queue, _ in self.seats}
        for queue in QueueName:
            if queue not in opened:
                self.queue_start.pop(queue, None)
            elif queue not in self.queue_start:
                self.queue_start[queue] = self.start_of(queue)

    def tag_of(self, owner: Owner) -> float:
        """The start tag that an owner gets who comes now."""
        return max(self.queue_virtual.get(owner[0], 0.0), self._finish.get(owner, 0.0))

    def start_of(self, queue: QueueName) -> float:
        """The queue's start tag, or the one it gets when somebody may be served from it."""
        return self.queue_start.get(queue, max(self.virtual, self.queue_finish.get(queue, 0.0)))

    def next_owner(self, now: float) -> Owner | None:
        """Whose turn it is. Every so many turns it is that of the first message that waits for too long."""
        if self._turns + 1 >= self.policy.overdue_every:
            overdue = self._most_overdue(now)
            if overdue is not None:
                self._turns = 0
                return overdue
        owner = self._by_share()
        if owner is not None and self._turns < self.policy.overdue_every:
            self._turns += 1
        return owner

    def charge(self, owner: Owner, ticket: Ticket) -> None:
        """The owner and the queue pay for the message; both get new start tags at the next `seat`."""
        queue = owner[0]
        self._finish[owner] = self.seats.pop(owner)[0] + ticket.cost_seconds / ticket.weight
        self.queue_finish[queue] = self.queue_start.pop(queue) + ticket.cost_seconds / self.policy.shares[queue]

    def refund(self, owner: Owner, ticket: Ticket) -> None:
        """A message that comes back was not served: its owner gets a start tag as if it had not been taken."""
        if owner in self._finish:
            self._finish[owner] -= ticket.cost_seconds / ticket.weight
        self.seats.pop(owner, None)

    def _by_share(self) -> Owner | None:
        if not self.queue_start:
            return None
        queue = min(QueueName, key=lambda name: self.queue_start.get(name, float("inf")))
        self.virtual = self.queue_start[queue]
        owner = min((owner for owner in self.seats if owner[0] is queue), key=lambda owner: self.seats[owner])
        self.queue_virtual[queue] = self.seats[owner][0]
        return owner

    def _most_overdue(self, now: float) -> Owner | None:
        found, most = None, 1.0
        for queue in QueueName:
            first = min(((stamp, owner) for owner, stamp in self.heads.items() if owner[0] is queue), default=None)
            if first is None:
                continue
            overdue = (now - first[0]) / (self.policy.patience_seconds[queue] * 1000)
            if overdue > most:
                found, most = first[1], overdue
        return found
