"""The ends of many Redis Streams, followed over one connection.

A blocking XREAD takes a connection for each reader. Here whoever appends to a stream publishes the entry under the
stream's name too, and one subscription for the whole process hears of all streams that somebody reads. What was missed
before the subscription, or because it broke, is read from the streams.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.redis.subscription import RedisSubscription
from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import order_of

KEPT_ENTRIES = 100
LINGER_SECONDS = 5.0
CONFIRM_SECONDS = 2.0
# How long what comes right behind a first entry waits, to be told together.
BREATH_SECONDS = 0.05

Order = tuple[int, int]


class Entry(NamedTuple):
    """One entry of a stream: its id, which is what streams are ordered by, and its data."""

    order: Order
    data: bytes

    @classmethod
    def of(cls, entry_id: bytes, data: bytes) -> "Entry":
        return cls(order_of(entry_id.decode()), data)

    @classmethod
    def parse(cls, message: bytes) -> "Entry":
        """From what is published: the id, a space, and the data."""
        entry_id, _, data = message.partition(b" ")
        return cls.of(entry_id, data)


@dataclass(eq=False)
class Tail:
    """The last entries of a stream. Those behind `complete_after` are all among them; None when that is not known.

    `was_read` says whether somebody has read since that was last looked at.
    """

    entries: deque[Entry] = field(default_factory=deque)
    complete_after: Order | None = None
    readers: int = 0
    was_read: bool = True
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    is_lost: bool = False
    _waiting: dict[asyncio.Future[bool], float] = field(default_factory=dict)
    _alarm: asyncio.TimerHandle | None = None
    _alarm_at: float = 0.0

    def behind(self, after: Order) -> list[Entry] | None:
        """The entries behind a position; None when some of them may be missing here."""
        if self.complete_after is None or after < self.complete_after:
            return None
        found = []
        for entry in reversed(self.entries):
            if entry.order <= after:
                break
            found.append(entry)
        return found[::-1]

    def hear(self, entry: Entry) -> None:
        """An entry that was published; those who wait go on if it is news."""
        if not self.entries or entry.order > self.entries[-1].order:
            self._append(entry)
            self._tell()

    def fill(self, after: Order, found: Sequence[Entry]) -> None:
        """What lay behind a position when the stream was read, which was heard of in part."""
        heard = {entry.order: entry for entry in self.entries if entry.order > after}
        merged = heard | {entry.order: entry for entry in found}
        self.entries.clear()
        self.complete_after = after
        for order in sorted(merged):
            self._append(merged[order])

    def lose(self) -> None:
        """Nothing is heard any more."""
        self.is_lost = True
        self.confirmed.set()
        self._tell()

    async def news(self, until: float) -> bool:
        """True when there was something to tell; False when the loop's time is up."""
        waiting: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[waiting] = until
        self._wake_at(until)
        try:
            return await waiting
        finally:
            del self._waiting[waiting]

    def _tell(self) -> None:
        for waiting in self._waiting:
            _end(waiting, True)

    def _wake_at(self, until: float) -> None:
        """One alarm serves all who wait, one after the other, too: setting it for each costs more than a false one."""
        if self._alarm is not None:
            if self._alarm_at <= until:
                return
            self._alarm.cancel()
        self._alarm, self._alarm_at = asyncio.get_running_loop().call_at(until, self._look_at_clock), until

    def _look_at_clock(self) -> None:
        self._alarm, now = None, asyncio.get_running_loop().time()
        for waiting, until in self._waiting.items():
            if until <= now:
                _end(waiting, False)
            else:
                self._wake_at(until)

    def _append(self, entry: Entry) -> None:
        self.entries.append(entry)
        if len(self.entries) > KEPT_ENTRIES:
            dropped = self.entries.popleft()
            if self.complete_after is not None:
                self.complete_after = max(self.complete_after, dropped.order)


class RedisTails:
    """Reads streams that are being followed. Lives in one event loop; `aclose` ends it."""

    def __init__(self, redis: Redis, longest: int) -> None:
        """`longest` is how many entries are read at once."""
        self._redis = redis
        self._longest = longest
        self._tails: dict[str, Tail] = {}
        self._subscription: RedisSubscription | None = None
        self._opening: asyncio.Task[None] | None = None

    async def entries(self, stream: str, after: Order, wait_seconds: float = 0.0) -> Sequence[Entry]:
        """Those behind a position, oldest first; waits for the first one. Raises what the connection raises."""
        if wait_seconds <= 0:
            return await self._read(stream, after)
        tail = self._tails.get(stream) or self._follow(stream)
        tail.readers += 1
        tail.was_read = True
        try:
            if not tail.confirmed.is_set() or tail.is_lost:
                await _confirmed(tail)
            until = asyncio.get_running_loop().time() + wait_seconds
            while not (found := tail.behind(after)):
                if found is None:
                    if found := await self._filled(tail, stream, after):
                        break
                elif not await tail.news(until):
                    break
                _require(tail)
            return found
        finally:
            tail.readers -= 1

    async def aclose(self) -> None:
        if self._opening is not None:
            await asyncio.wait({self._opening})
        if self._subscription is not None:
            await self._subscription.aclose()

    def confirmed(self, channel: str) -> None:
        if (tail := self._tails.get(channel)) is not None:
            tail.confirmed.set()

    def heard(self, channel: str, data: bytes) -> None:
        if (tail := self._tails.get(channel)) is not None:
            tail.hear(Entry.parse(data))

    def lost(self) -> None:
        """Those who wait are told; the next reader opens another connection."""
        lost, self._tails, self._subscription = self._tails, {}, None
        for tail in lost.values():
            tail.lose()

    async def _filled(self, tail: Tail, stream: str, after: Order) -> list[Entry]:
        """What the stream has behind a position, from which on the tail is complete, unless it is too much for it."""
        found = await self._read(stream, after)
        if len(found) < self._longest:
            tail.fill(after, found)
        return found

    async def _read(self, stream: str, after: Order) -> list[Entry]:
        answer = await self._redis.xread({stream: "{}-{}".format(*after)}, count=self._longest)
        found = answer[0][1] if answer else []
        return [Entry.of(entry_id, fields[b"data"]) for entry_id, fields in found]

    def _follow(self, stream: str) -> Tail:
        tail = self._tails[stream] = Tail()
        if self._subscription is not None:
            self._subscription.subscribe(stream)
        elif self._opening is None:
            # Beside the reader, whose leaving must not stop what others wait for, too.
            self._opening = asyncio.create_task(self._open())
        self._look_later(stream, tail)
        return tail

    async def _open(self) -> None:
        try:
            self._subscription = await RedisSubscription.open(self._redis, self, BREATH_SECONDS)
            for stream in self._tails:
                self._subscription.subscribe(stream)
        except (RedisError, OSError):
            self.lost()
        finally:
            self._opening = None

    def _look_later(self, stream: str, tail: Tail) -> None:
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._look, stream, tail)

    def _look(self, stream: str, tail: Tail) -> None:
        """Whether anybody reads, or has read in the last moment."""
        if self._tails.get(stream) is not tail:
            return
        if tail.readers or tail.was_read:
            tail.was_read = False
            self._look_later(stream, tail)
            return
        del self._tails[stream]
        if self._subscription is not None:
            self._subscription.unsubscribe(stream)


async def _confirmed(tail: Tail) -> None:
    """Returns when Redis has said that it tells of the stream."""
    async with asyncio.timeout(CONFIRM_SECONDS):
        await tail.confirmed.wait()
    _require(tail)


def _end(waiting: asyncio.Future[bool], has_news: bool) -> None:
    if not waiting.done():
        waiting.set_result(has_news)


def _require(tail: Tail) -> None:
    if tail.is_lost:
        raise DependencyUnavailable("Redis", "the connection that tells of events was lost")
