"""The fair work queue in plain lists. It is also the reference that the scripts in Redis are held against."""

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from adapters.fair_queue.handed import Hand, Handed
from adapters.fair_queue.policy import FairPolicy, bounded
from adapters.memory.fair_tags import FairTags, Owner
from adapters.memory.queue_places import Line, Outlook, Waiting
from domain.kit.errors import DependencyUnavailable
from domain.kit.queue import Backlog, QueueName, QueuePlace, Ticket

TICK = 1 / 1024


@dataclass(frozen=True)
class Message:
    """A ticket in the queue.

    `stamp` is the millisecond it came, or None while it rests until `due`; `tag` is the start tag it had if nothing
    changed.
    """

    ticket: Ticket
    delay: timedelta
    due: float
    stamp: float | None = None
    tag: float = 0.0

    @property
    def kind(self) -> str:
        return self.ticket.kind

    @property
    def job_id(self) -> str:
        return self.ticket.job_id

    @property
    def attempt(self) -> int:
        return self.ticket.attempt

    @property
    def owner(self) -> Owner:
        return (self.ticket.queue, self.ticket.owner_id)


@dataclass(frozen=True)
class Held:
    """A message that a worker has until the millisecond `until`; `stamp` is the one it had."""

    ticket: Ticket
    stamp: float
    until: float


def _now() -> int:
    return round(time.time() * 1000)


class MemoryJobQueue:
    """`messages` are those that wait or rest, in the order in which they were put; a test may change the list.

    `is_down` makes every call fail like a lost server. `now` gives milliseconds.
    """

    def __init__(self, policy: FairPolicy | None = None, now: Callable[[], int] = _now, is_down: bool = False) -> None:
        self.messages: list[Message] = []
        self.is_down = is_down
        self._policy = policy or FairPolicy()
        self._now = now
        self._tags = FairTags(self._policy)
        self._held: dict[str, Held] = {}
        self._workers: dict[str, tuple[int, float]] = {}
        self._limits: dict[str, int] = {}
        self._tails: dict[Owner, float] = {}
        self._stamp = 0.0

    async def enqueue(self, ticket: Ticket, delay: timedelta = timedelta()) -> None:
        self._pass_time()
        old = self._find(ticket.job_id)
        due = self._now() + round(delay.total_seconds() * 1000)
        if old is None or old.ticket.attempt < ticket.attempt:
            stamp = self._take_out(old) if old else None
            message = Message(bounded(ticket), delay, due)
            self.messages.append(message)
            if due <= self._now():
                self._enter(message, stamp or self._fresh_stamp())
        elif isinstance(old, Message) and old.stamp is None and due < old.due:
            self.messages[self.messages.index(old)] = replace(old, due=due, delay=delay)
            self._pass_time()

    async def withdraw(self, job_id: str) -> None:
        self._pass_time()
        old = self._find(job_id)
        if isinstance(old, Message):
            self._remove(old)

    async def places(self, job_ids: Sequence[str]) -> Mapping[str, QueuePlace]:
        self._pass_time()
        outlook = self._outlook()
        return {job_id: place for job_id in job_ids if (place := outlook.place(job_id)) is not None}

    async def outlook(self, ticket: Ticket) -> QueuePlace:
        self._pass_time()
        given = bounded(ticket)
        owner = (given.queue, given.owner_id)
        tag = max(self._tags.tag_of(owner), self._tails.get(owner, 0.0))
        return self._outlook().place_if_put(Waiting(given, math.inf, tag))

    async def backlog(self) -> Backlog:
        self._pass_time()
        lines = self._outlook().lines
        return Backlog(
            waiting={queue: len(line.waiting) for queue, line in lines.items()},
            seconds={queue: line.seconds for queue, line in lines.items()},
            slots=self._slots(),
        )

    async def take(self, free: int) -> Hand:
        """Up to `free` messages in fair order."""
        self._pass_time()
        handed: list[Handed] = []
        while len(handed) < free and (owner := self._tags.next_owner(self._now())):
            message = min((m for m in self._waiting() if m.owner == owner), key=lambda m: (m.stamp, m.job_id))
            self._tags.charge(owner, message.ticket)
            self._hold(message.ticket, self._remove(message) or 0.0)
            handed.append(Handed(message.ticket, max(0, int(self._now() - (message.stamp or 0))) / 1000))
        resting = [message.due for message in self.messages if message.stamp is None]
        nearest = min([*resting, *(held.until for held in self._held.values())], default=None)
        return Hand(tuple(handed), None if nearest is None else max(0.0, nearest - self._now()) / 1000)

    async def keep(self, worker: str, slots: int, tickets: Sequence[Ticket]) -> None:
        """A sign of life of a worker that does `slots` jobs at once and these right now."""
        self._workers[worker] = (slots, self._now() + self._hold_ms)
        for given in map(bounded, tickets):
            known = self._find(given.job_id)
            if known is None:
                self._limits[given.owner_id] = given.concurrency
                self._hold(given, self._now())
            elif known.ticket.attempt == given.attempt and known.stamp is not None:
                stamp = known.stamp if isinstance(known, Held) else self._remove(known)
                self._hold(known.ticket, stamp or 0.0)
        self._pass_time()

    async def release(self, ticket: Ticket, again: bool = False) -> None:
        """The attempt is over; or, with `again`, the worker did not begin it and it waits as before."""
        self._pass_time()
        held = self._held.get(ticket.job_id)
        if held and held.ticket.attempt == ticket.attempt:
            if again:
                self._put_back(held.ticket, self._take_out(held))
            else:
                self._remove(held)

    @property
    def _hold_ms(self) -> float:
        return self._policy.hold_seconds * 1000

    def _waiting(self) -> list[Message]:
        return [message for message in self.messages if message.stamp is not None]

    def _find(self, job_id: str) -> Message | Held | None:
        return next((m for m in self.messages if m.job_id == job_id), self._held.get(job_id))

    def _fresh_stamp(self) -> float:
        self._stamp = max(self._now(), self._stamp + TICK)
        return self._stamp

    def _enter(self, message: Message, stamp: float) -> None:
        ticket = message.ticket
        tag = max(self._tags.tag_of(message.owner), self._tails.get(message.owner, 0.0))
        self._tails[message.owner] = tag + ticket.cost_seconds / ticket.weight
        self._limits[ticket.owner_id] = ticket.concurrency
        self.messages[self.messages.index(message)] = replace(message, stamp=stamp, tag=tag)
        self._settle()

    def _put_back(self, ticket: Ticket, stamp: float | None) -> None:
        message = Message(ticket, timedelta(), self._now())
        self.messages.append(message)
        self._enter(message, stamp or 0.0)

    def _hold(self, ticket: Ticket, stamp: float) -> None:
        self._held[ticket.job_id] = Held(ticket, stamp, self._now() + self._hold_ms)
        self._settle()

    def _take_out(self, known: Message | Held) -> float | None:
        """Removes what is to be served another time."""
        if isinstance(known, Held):
            self._tags.refund((known.ticket.queue, known.ticket.owner_id), known.ticket)
        return self._remove(known)

    def _remove(self, known: Message | Held) -> float | None:
        if isinstance(known, Held):
            del self._held[known.ticket.job_id]
        else:
            self.messages.remove(known)
        self._settle()
        return known.stamp

    def _settle(self) -> None:
        """Seats whoever may be served after anything has changed."""
        waiting = self._waiting()
        lines = {message.owner for message in waiting}
        self._tails = {owner: tail for owner, tail in self._tails.items() if owner in lines}
        self._tags.forget(set(QueueName) - {queue for queue, _ in lines})
        busy = Counter(held.ticket.owner_id for held in self._held.values())
        heads: dict[Owner, float] = {}
        for message in sorted(waiting, key=lambda m: (list(QueueName).index(m.ticket.queue), m.stamp, m.job_id)):
            if busy[message.ticket.owner_id] < self._limits[message.ticket.owner_id]:
                heads.setdefault(message.owner, message.stamp or 0.0)
        self._tags.seat(heads)

    def _pass_time(self) -> None:
        if self.is_down:
            raise DependencyUnavailable("Redis", "switched off")
        self._settle()
        silent = [held for held in self._held.values() if held.until <= self._now()]
        for held in sorted(silent, key=lambda held: (held.until, held.ticket.job_id)):
            self._put_back(held.ticket, self._take_out(held))
        due = [message for message in self.messages if message.stamp is None and message.due <= self._now()]
        for message in sorted(due, key=lambda message: (message.due, message.job_id)):
            self._enter(message, message.due)

    def _slots(self) -> int:
        return sum(slots for slots, until in self._workers.values() if until > self._now())

    def _outlook(self) -> Outlook:
        lines: dict[QueueName, Line] = {}
        for queue in QueueName:
            waiting = [Waiting(m.ticket, m.stamp or 0.0, m.tag) for m in self._waiting() if m.ticket.queue is queue]
            lines[queue] = Line(waiting, self._tags.start_of(queue), self._policy.shares[queue])
        return Outlook(lines, [held.ticket for held in self._held.values()], self._limits, max(1, self._slots()))
