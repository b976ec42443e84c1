"""What is known of open listens, in Redis: one string of packed reports each."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from adapters.redis.connection import unavailable_on_failure
from adapters.redis.plays.packing import listen_of, packed, packed_written
from domain.plays.log import Allotment
from domain.plays.model import Listen, Report

FOLDER = Path(__file__).parent
# Longer than any ticket: a listen whose beginning is forgotten can have no more reports.
KEEP_MS = 12 * 3_600_000
# A thousand reports: three hours of one every ten seconds. Who repeats them without end fills only this.
MOST_BYTES = 15_000
# How many listens one script works on: some milliseconds in which Redis does nothing else.
AT_ONCE = 1_000
DAY_MS = 48 * 3_600_000


class RedisListenStates:
    """Fits `domain.plays.log.ListenStates`."""

    def __init__(self, redis: Redis, prefix: str = "cadenza:plays:") -> None:
        self._redis = redis
        self._prefix = prefix
        self._add = redis.register_script((FOLDER / "add.lua").read_text())
        self._admit = redis.register_script((FOLDER / "admit.lua").read_text())

    async def add(self, reports: Mapping[str, Sequence[Report]]) -> Mapping[str, Listen]:
        known: dict[str, Listen] = {}
        waiting = iter(reports)
        while ids := list(islice(waiting, AT_ONCE)):
            arguments: list[Any] = [KEEP_MS, MOST_BYTES, *(packed(reports[each]) for each in ids)]
            with unavailable_on_failure():
                found = await self._add(keys=[self._key(each) for each in ids], args=arguments)
            known.update(zip(ids, map(listen_of, found), strict=True))
        return known

    async def written(self, heard: Mapping[str, int]) -> None:
        """A mark for a listen that was forgotten meanwhile would live for ever, so it gets a time of its own."""
        with unavailable_on_failure():
            async with self._redis.pipeline(transaction=False) as pipeline:
                for listen_id, heard_ms in heard.items():
                    pipeline.append(self._key(listen_id), packed_written(heard_ms))
                    pipeline.pexpire(self._key(listen_id), KEEP_MS)
                await pipeline.execute()

    async def admit(self, wanted: Sequence[Allotment]) -> Sequence[bool]:
        if not wanted:
            return []
        keys = [f"{self._prefix}day:{each.day.isoformat()}:{each.who}:{each.track_id}" for each in wanted]
        arguments: list[Any] = [DAY_MS, *(part for each in wanted for part in (each.listen_id, each.most))]
        with unavailable_on_failure():
            return [bool(each) for each in await self._admit(keys=keys, args=arguments)]

    def _key(self, listen_id: str) -> str:
        return f"{self._prefix}listen:{listen_id}"
