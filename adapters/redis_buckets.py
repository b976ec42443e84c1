"""Leaky buckets in Redis, shared by all API processes; by Redis' own clock, so that processes need not agree on one."""

import asyncio

import structlog
from redis.asyncio import Redis

from adapters.local_buckets import LocalBuckets
from adapters.redis_connection import unavailable_on_failure
from domain.kit.errors import DependencyUnavailable
from domain.kit.rate_limit import Bucket, Charge

log = structlog.get_logger()

ANSWER_SECONDS = 0.25
SILENCE_SECONDS = 2.0

# KEYS: the bucket. ARGV: points, capacity, points restored per second. Gives accepted (0 or 1), what is left, and the
# milliseconds until the charge fits. The key is gone when the bucket would be full again.
_CHARGE = """
local points, capacity, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local kept = redis.call('HMGET', KEYS[1], 'spent', 'at')
local spent = math.max(0, (tonumber(kept[1]) or 0) - math.max(0, now - (tonumber(kept[2]) or now)) * rate / 1000)
if spent + points > capacity then
  return {0, math.floor(capacity - spent), math.ceil((spent + points - capacity) * 1000 / rate)}
end
spent = spent + points
redis.call('HSET', KEYS[1], 'spent', tostring(spent), 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(spent * 1000 / rate) + 1000)
return {1, math.floor(capacity - spent), 0}
"""


class RedisBuckets:
    """While Redis does not answer, this process goes by buckets of its own, and leaves Redis alone for a moment."""

    def __init__(self, redis: Redis, prefix: str = "cadenza:buckets:") -> None:
        self._prefix = prefix
        self._script = redis.register_script(_CHARGE)
        self._local = LocalBuckets()
        self._silent_until = 0.0

    async def charge(self, key: str, points: int, bucket: Bucket) -> Charge:
        loop = asyncio.get_running_loop()
        if loop.time() >= self._silent_until:
            try:
                return await self._shared(key, points, bucket)
            except DependencyUnavailable as error:
                self._silent_until = loop.time() + SILENCE_SECONDS
                log.warning("budgets_not_shared", detail=error.detail)
        return await self._local.charge(key, points, bucket)

    async def _shared(self, key: str, points: int, bucket: Bucket) -> Charge:
        arguments = [points, bucket.capacity, bucket.restore_per_second]
        with unavailable_on_failure():
            async with asyncio.timeout(ANSWER_SECONDS):
                accepted, remaining, milliseconds = await self._script(keys=[self._prefix + key], args=arguments)
        return Charge(bool(accepted), int(remaining), int(milliseconds) / 1000)
