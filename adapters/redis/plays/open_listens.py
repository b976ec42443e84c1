"""What players that send no reports have begun to play, in Redis: one key each, which goes by itself."""

from redis.asyncio import Redis

from adapters.redis.connection import unavailable_on_failure
from domain.plays.open_listens import LIVES


class RedisOpenListens:
    """Fits `domain.plays.open_listens.OpenListens`."""

    def __init__(self, redis: Redis, prefix: str = "cadenza:plays:open:") -> None:
        self._redis = redis
        self._prefix = prefix

    async def begin(self, listener_id: str, track_id: str, listen_id: str, *, anew: bool) -> bool:
        with unavailable_on_failure():
            kept = await self._redis.set(self._key(listener_id, track_id), listen_id, ex=LIVES, nx=not anew)
        return bool(kept)

    async def end(self, listener_id: str, track_id: str) -> str | None:
        with unavailable_on_failure():
            found = await self._redis.getdel(self._key(listener_id, track_id))
        return None if found is None else bytes(found).decode("ascii")

    def _key(self, listener_id: str, track_id: str) -> str:
        return f"{self._prefix}{listener_id}:{track_id}"
