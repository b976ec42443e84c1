"""Leaky buckets in Redis, shared by all API processes; by Redis' own clock, so that processes need not agree on one."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis

from adapters.local_buckets import LocalBuckets
from adapters.redis.connection import unavailable_on_failure
from domain.kit.errors import DependencyUnavailable
from domain.kit.rate_limit import Bucket, Charge

log = structlog.get_logger()

ANSWER_SECONDS = 0.25
SILENCE_SECONDS = 2.0
# So long a process may go by what Redis has told it of a bucket, while that is more than half full.
SETTLE_SECONDS = 0.1
MOST_KEYS = 100_000

# KEYS: the bucket. ARGV: points, capacity, points restored per second, points that were granted before and are still
# to be taken. Gives accepted (0 or 1), what is left, and the milliseconds until the charge fits. The key is gone when
# the bucket would be full again.
_CHARGE = """
local points, capacity, rate, owed = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local kept = redis.call('HMGET', KEYS[1], 'spent', 'at')
local spent = math.max(0, (tonumber(kept[1]) or 0) - math.max(0, now - (tonumber(kept[2]) or now)) * rate / 1000)
spent = math.min(capacity, spent + owed)
local accepted, wait = 1, 0
if spent + points > capacity then
  accepted, wait = 0, math.ceil((spent + points - capacity) * 1000 / rate)
else
  spent = spent + points
end
redis.call('HSET', KEYS[1], 'spent', tostring(spent), 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(spent * 1000 / rate) + 1000)
return {accepted, math.floor(capacity - spent), wait}
"""


@dataclass
class _Known:
    """What Redis has told of a bucket, less what this process has granted since, which it still owes."""

    remaining: int
    told_at: float
    owed: int = 0


class RedisBuckets:
    """Far from its limit a caller costs one question to Redis in a while, however many calls are under way.

    Near it, every charge is asked. While Redis does not answer, this process goes by buckets of its own, and leaves
    Redis alone for a moment.
    """

    def __init__(self, redis: Redis, prefix: str = "cadenza:buckets:") -> None:
        self._prefix = prefix
        self._script = redis.register_script(_CHARGE)
        self._local = LocalBuckets()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._silent_until = 0.0

    async def charge(self, key: str, points: int, bucket: Bucket) -> Charge:
        now = asyncio.get_running_loop().time()
        known = self._known.get(key)
        if (
            known is not None
            and now - known.told_at < SETTLE_SECONDS
            and known.remaining - points > bucket.capacity / 2
        ):
            known.remaining -= points
            known.owed += points
            return Charge(accepted=True, remaining=known.remaining)
        if now >= self._silent_until:
            try:
                return await self._ask(key, points, bucket)
            except DependencyUnavailable as error:
                self._silent_until = now + SILENCE_SECONDS
                log.warning("budgets_not_shared", detail=error.detail)
        return await self._local.charge(key, points, bucket)

    async def _ask(self, key: str, points: int, bucket: Bucket) -> Charge:
        arguments = [points, bucket.capacity, bucket.restore_per_second, self._settle(key)]
        with unavailable_on_failure():
            async with asyncio.timeout(ANSWER_SECONDS):
                accepted, remaining, milliseconds = await self._script(keys=[self._prefix + key], args=arguments)
        self._learn(key, int(remaining))
        return Charge(bool(accepted), int(remaining), int(milliseconds) / 1000)

    def _settle(self, key: str) -> int:
        """What is still to be taken. Until Redis has answered, others go on by what is known: one asks for all."""
        if (known := self._known.get(key)) is None:
            return 0
        owed, known.owed, known.told_at = known.owed, 0, asyncio.get_running_loop().time()
        return owed

    def _learn(self, key: str, remaining: int) -> None:
        """Keeps what was granted while Redis was being asked."""
        owed = meanwhile.owed if (meanwhile := self._known.pop(key, None)) else 0
        self._known[key] = _Known(remaining - owed, asyncio.get_running_loop().time(), owed)
        if len(self._known) > MOST_KEYS:
            self._known.popitem(last=False)
