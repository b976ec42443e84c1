"""The ends of many Redis Streams, followed over one connection.

A blocking XREAD takes a connection for each reader. Here whoever appends to a stream publishes the entry under the
stream's name too, and one subscription for the whole process hears of all streams that somebody reads. What was missed
before the subscription, or because it broke, is read from the streams.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.redis_subscription import RedisSubscription
from domain.kit.concurrency import stop
from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import order_of

KEPT_ENTRIES = 100
LINGER_SECONDS = 5.0
CONFIRM_SECONDS = 2.0

Order = tuple[int, int]


@dataclass(frozen=True)
class Entry:
    """One entry of a stream: its id as "milliseconds-number", what the id is compared by, and its data."""

    id: str
    order: Order
    data: bytes

    @classmethod
    def of(cls, entry_id: str, data: bytes) -> "Entry":
        return cls(entry_id, order_of(entry_id), data)

    @classmethod
    def parse(cls, message: bytes) -> "Entry":
        """From what is published: the id, a space, and the data."""
        entry_id, _, data = message.partition(b" ")
        return cls.of(entry_id.decode(), data)


@dataclass
class Tail:
    """The last entries of a stream. Those behind `complete_after` are all among them; None when that is not known."""

    entries: deque[Entry] = field(default_factory=deque)
    complete_after: Order | None = None
    readers: int = 0
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    is_lost: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def reading(self) -> Generator[None, None, None]:
        self.readers += 1
        try:
            yield
        finally:
            self.readers -= 1

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
        """An entry that was published."""
        if self.entries and entry.order <= self.entries[-1].order:
            return
        self._append(entry)
        self._wake()

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
        self._wake()

    async def news(self, seconds: float) -> None:
        """Returns when something was heard, or the time is up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    def _append(self, entry: Entry) -> None:
        self.entries.append(entry)
        if len(self.entries) > KEPT_ENTRIES:
            dropped = self.entries.popleft()
            if self.complete_after is not None:
                self.complete_after = max(self.complete_after, dropped.order)

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class RedisTails:
    """Reads streams that are being followed. Lives in one event loop; `aclose` ends it."""

    def __init__(self, redis: Redis, longest: int) -> None:
        """`longest` is how many entries are read at once."""
        self._redis = redis
        self._longest = longest
        self._tails: dict[str, Tail] = {}
        self._subscription: RedisSubscription | None = None
        self._errands: set[asyncio.Task[None]] = set()
        # Subscribing and unsubscribing reach Redis in the order in which they were decided.
        self._order = asyncio.Lock()

    async def entries(self, stream: str, after: str, wait_seconds: float = 0.0) -> Sequence[Entry]:
        """Those behind a position, oldest first; waits for the first one. Raises what the connection raises."""
        if wait_seconds <= 0:
            return await self._read(stream, after)
        tail = await self._followed(stream)
        with tail.reading():
            try:
                return await self._behind(tail, stream, after) or await self._awaited(tail, stream, after, wait_seconds)
            finally:
                if tail.readers == 1:
                    asyncio.get_running_loop().call_later(LINGER_SECONDS, self._leave, stream, tail)

    async def aclose(self) -> None:
        await stop(*self._errands)
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

    async def _awaited(self, tail: Tail, stream: str, after: str, wait_seconds: float) -> Sequence[Entry]:
        await tail.news(wait_seconds)
        _require(tail)
        return await self._behind(tail, stream, after)

    async def _behind(self, tail: Tail, stream: str, after: str) -> Sequence[Entry]:
        order = order_of(after)
        found = tail.behind(order)
        if found is None:
            found = list(await self._read(stream, after))
            if len(found) < self._longest:
                tail.fill(order, found)
        return found

    async def _read(self, stream: str, after: str) -> Sequence[Entry]:
        answer = await self._redis.xread({stream: after}, count=self._longest)
        found = answer[0][1] if answer else []
        return [Entry.of(entry_id.decode(), fields[b"data"]) for entry_id, fields in found]

    async def _followed(self, stream: str) -> Tail:
        """The tail of a stream, from the moment on that Redis has confirmed to tell of it."""
        tail = self._tails.get(stream)
        if tail is None:
            tail = self._tails[stream] = Tail()
            self._send(self._subscribe(stream, tail))
        if not tail.confirmed.is_set():
            async with asyncio.timeout(CONFIRM_SECONDS):
                await tail.confirmed.wait()
        _require(tail)
        return tail

    def _send(self, errand: Coroutine[Any, Any, None]) -> None:
        """Does it beside the readers, whose leaving must not stop what others wait for, too."""
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _subscribe(self, stream: str, tail: Tail) -> None:
        try:
            async with self._order:
                if self._subscription is None:
                    self._subscription = await RedisSubscription.open(self._redis, self)
                await self._subscription.subscribe(stream)
        except (RedisError, OSError):
            if self._tails.get(stream) is tail:
                del self._tails[stream]
            tail.lose()

    def _leave(self, stream: str, tail: Tail) -> None:
        """Nobody has read for a while."""
        if not tail.readers and self._tails.get(stream) is tail:
            del self._tails[stream]
            self._send(self._unsubscribe(stream))

    async def _unsubscribe(self, stream: str) -> None:
        async with self._order:
            if self._subscription is not None and stream not in self._tails:
                with suppress(RedisError, OSError):
                    await self._subscription.unsubscribe(stream)


def _require(tail: Tail) -> None:
    if tail.is_lost:
        raise DependencyUnavailable("Redis", "the connection that tells of events was lost")
