"""The log of reports: a Redis stream that a group of consumers shares."""

import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from adapters.redis.connection import unavailable_on_failure
from adapters.redis.plays.packing import packed, unpacked
from domain.plays.log import Backlog, Batch
from domain.plays.model import Receipt, Ticket

STREAM = "cadenza:plays:reports"
GROUP = "counting"
# With 500 reports in each: five million, four minutes of a full load, and 600 MB of Redis' memory.
MOST_ENTRIES = 10_000
# Together about two thousand reports when all is busy.
ENTRIES_AT_ONCE = 4
# An entry has at most so many, and as many fields: Lua hands no more than some thousand values to one command.
ENTRY_REPORTS = 500
FORGET_CONSUMER_MS = 3_600_000

Fields = dict[bytes, bytearray]


class RedisPlayLog:
    """Fits `domain.plays.log.PlayLog`. One stream: one Redis runs one command at a time, however many there are.

    An entry has a field for each ticket and address, whose value is the packed reports.
    """

    def __init__(
        self, redis: Redis, most_entries: int = MOST_ENTRIES, forget_after_ms: int = FORGET_CONSUMER_MS
    ) -> None:
        """Consumers without entries are forgotten after so long."""
        self._redis = redis
        self._most_entries = most_entries
        self._forget_after_ms = forget_after_ms
        self._append = redis.register_script((Path(__file__).parent / "append.lua").read_text())

    async def append(self, receipts: Sequence[Receipt]) -> bool:
        """All in one round trip. When the log becomes full in the middle, some of it may be there twice later."""
        with unavailable_on_failure():
            async with self._redis.pipeline(transaction=False) as pipeline:
                for fields in _entries(receipts):
                    arguments = [part for name, data in fields.items() for part in (name, bytes(data))]
                    await self._append(keys=[STREAM], args=[self._most_entries, *arguments], client=pipeline)
                return all(await pipeline.execute())

    async def take(self, consumer: str, wait_seconds: float) -> Batch | None:
        with unavailable_on_failure():
            try:
                found = await self._read(consumer, wait_seconds)
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
                await self._open()
                found = await self._read(consumer, wait_seconds)
        return _batch(found[0][1]) if found else None

    async def claim(self, consumer: str, idle_seconds: float) -> Batch | None:
        idle_ms = int(idle_seconds * 1000)
        with unavailable_on_failure():
            try:
                found = await self._redis.xautoclaim(STREAM, GROUP, consumer, idle_ms, "0-0", count=ENTRIES_AT_ONCE)
                await self._forget_consumers(consumer)
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
                return None
        entries = [entry for entry in found[1] if entry[1] is not None]
        return _batch(entries) if entries else None

    async def done(self, batch: Batch) -> None:
        """Both at once: an entry that is acknowledged and still there would count as waiting for ever."""
        with unavailable_on_failure():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.xack(STREAM, GROUP, *batch.names)
                pipeline.xdel(STREAM, *batch.names)
                await pipeline.execute()

    async def backlog(self) -> Backlog:
        with unavailable_on_failure():
            entries = await self._redis.xlen(STREAM)
            first = await self._redis.xrange(STREAM, count=1)
        if not first:
            return Backlog(0, 0.0)
        since_ms = int(bytes(first[0][0]).partition(b"-")[0])
        return Backlog(int(entries), max(0.0, time.time() - since_ms / 1000))

    async def _read(self, consumer: str, wait_seconds: float) -> Any:
        wait_ms = max(1, int(wait_seconds * 1000))
        return await self._redis.xreadgroup(GROUP, consumer, {STREAM: ">"}, count=ENTRIES_AT_ONCE, block=wait_ms)

    async def _open(self) -> None:
        """From the first entry: what came before the first consumer waits for it. Another may be doing the same."""
        try:
            await self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def _forget_consumers(self, mine: str) -> None:
        """Every worker that ever was has left its name; those without entries go after a while."""
        for each in await self._redis.xinfo_consumers(STREAM, GROUP):
            name = bytes(each["name"]).decode()
            if name != mine and not each["pending"] and each["idle"] > self._forget_after_ms:
                await self._redis.xgroup_delconsumer(STREAM, GROUP, name)


def _entries(receipts: Sequence[Receipt]) -> Iterator[Fields]:
    fields: Fields = {}
    count = 0
    for receipt in receipts:
        fields.setdefault(_name(receipt), bytearray()).extend(packed(receipt.reports))
        count += len(receipt.reports)
        if count >= ENTRY_REPORTS:
            yield fields
            fields, count = {}, 0
    if fields:
        yield fields


def _name(receipt: Receipt) -> bytes:
    return f"{receipt.ticket.text} {receipt.address}".encode()


def _batch(entries: Sequence[tuple[bytes, Mapping[bytes, bytes]]]) -> Batch:
    receipts: list[Receipt] = []
    unreadable = 0
    for _, fields in entries:
        for name, data in fields.items():
            ticket, _, address = name.decode(errors="replace").partition(" ")
            try:
                receipts.append(Receipt(Ticket.read(ticket), address, unpacked(data)))
            except (ValueError, struct.error):
                unreadable += 1
    return Batch(tuple(bytes(name).decode() for name, _ in entries), receipts, unreadable)
