"""redis-server on loopback with an append-only file."""

from pathlib import Path

from redis.asyncio import Redis

from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import Patience, ProcessSpec
from deploy.embedded.wheels import REDIS


class RedisServer:
    """Builds the process and answers for its readiness."""

    def __init__(self, data: Path, port: int) -> None:
        self._data = data
        self._port = port
        self.url = f"redis://{LOOPBACK}:{port}/0"

    def spec(self) -> ProcessSpec:
        """The process; its data folder is made here."""
        self._data.mkdir(parents=True, exist_ok=True)
        options = {
            "bind": LOOPBACK,
            "port": str(self._port),
            "dir": str(self._data),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "loglevel": "notice",
        }
        return ProcessSpec(
            name="redis",
            argv=(
                str(REDIS.locate()),
                *(word for name, value in options.items() for word in (f"--{name}", value)),
            ),
            env={},
            ready=self._ping,
            alive=self._alive,
            patience=Patience(ready_timeout=30, stop_grace=10),
        )

    async def _ping(self) -> None:
        await check_redis(self.url)

    async def _alive(self, pid: int) -> None:
        await self._ping()


async def check_redis(url: str) -> None:
    """Raises until the Redis at `url` answers (it does not while it loads its file)."""
    async with Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
        await client.ping()
