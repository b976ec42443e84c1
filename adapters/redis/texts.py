"""Texts under their hashes in Redis, for automatic persisted queries. Each use of a text keeps it for longer."""

import asyncio

import structlog
from redis.asyncio import Redis

from adapters.redis.connection import unavailable_on_failure
from domain.kit.errors import DependencyUnavailable

log = structlog.get_logger()

ANSWER_SECONDS = 0.25


class RedisTexts:
    """Fits `domain.kit.kept_texts.KeptTexts`."""

    def __init__(self, redis: Redis, seconds: int, prefix: str = "cadenza:texts:") -> None:
        """`seconds` is how long a text is kept after its last use."""
        self._redis = redis
        self._seconds = seconds
        self._prefix = prefix

    async def get(self, digest: str) -> str | None:
        try:
            with unavailable_on_failure():
                async with asyncio.timeout(ANSWER_SECONDS):
                    found = await self._redis.getex(self._prefix + digest, ex=self._seconds)
        except DependencyUnavailable as error:
            log.warning("text_not_found_out", detail=error.detail)
            return None
        return None if found is None else bytes(found).decode("utf-8")

    async def put(self, digest: str, text: str) -> None:
        try:
            with unavailable_on_failure():
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._redis.set(self._prefix + digest, text.encode("utf-8"), ex=self._seconds)
        except DependencyUnavailable as error:
            log.warning("text_not_kept", detail=error.detail)
