"""Counting attempts for all processes in Redis, and in this one alone while Redis is away."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from adapters.memory.throttle import MemoryThrottle
from adapters.redis.connection import unavailable_on_failure
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable
from domain.kit.trust.throttle import Allowance

log = structlog.get_logger()

FOLDER = Path(__file__).parent
ANSWER_SECONDS = 1.0
SILENCE_SECONDS = 2.0


class RedisThrottle:
    """The same algorithm as `MemoryThrottle`, in one script per call, so that it cannot be outrun.

    The clock is this process's: a few milliseconds between processes do not matter here.
    """

    def __init__(self, redis: Redis, clock: Clock, prefix: str = "cadenza:throttle:") -> None:
        self._prefix = prefix
        self._clock = clock
        self._take = redis.register_script((FOLDER / "take.lua").read_text())
        self._give_back = redis.register_script((FOLDER / "give_back.lua").read_text())
        self._alone = MemoryThrottle(clock)
        self._silent_until = 0.0

    async def take(self, wanted: Mapping[str, Allowance]) -> float:
        now = self._clock.now().timestamp() * 1000
        numbers = [number for each in wanted.values() for number in (each.burst, each.every_seconds * 1000)]
        try:
            return float(await self._run(self._take, wanted, [now, *numbers])) / 1000
        except DependencyUnavailable:
            return await self._alone.take(wanted)

    async def give_back(self, taken: Mapping[str, Allowance]) -> None:
        await self._alone.give_back(taken)
        try:
            await self._run(self._give_back, taken, [each.every_seconds * 1000 for each in taken.values()])
        except DependencyUnavailable:
            return

    async def _run(self, script: AsyncScript, names: Mapping[str, Allowance], arguments: list[float]) -> Any:
        """A Redis that did not answer is left alone for a moment, so that nobody's sign-in waits for it."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._silent_until:
            raise DependencyUnavailable("Redis", "it did not answer a moment ago")
        try:
            with unavailable_on_failure():
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await script(keys=[self._prefix + name for name in names], args=arguments)
        except DependencyUnavailable as error:
            self._silent_until = loop.time() + SILENCE_SECONDS
            log.warning("throttle_counts_alone", reason=error.detail)
            raise
