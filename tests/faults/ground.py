"""The processes of one stack that can be harmed: its servers, the API, and two workers of which one can take over."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bootstrap.cli.home import Home
from deploy.embedded import EmbeddedStack, Endpoints, Patience, ProcessSpec, ProcessState, ProcessStatus, Supervisor
from deploy.embedded.ports import choose_ports

SECOND_WORKER = "worker-2"
WORKERS = ("worker", SECOND_WORKER)
# A storm kills more often than a process may die by itself.
MANY_DEATHS = 10_000


@dataclass(frozen=True)
class Ground:
    """A running stack with a second worker beside the first."""

    root: Path
    stack: EmbeddedStack
    endpoints: Endpoints
    api_url: str
    beside: Supervisor

    def statuses(self) -> list[ProcessStatus]:
        return [*self.stack.status(), *self.beside.status()]

    def pid(self, name: str) -> int | None:
        """None while it is away."""
        return next(status.pid for status in self.statuses() if status.name == name)

    def is_ready(self, name: str) -> bool:
        return any(status.name == name and status.state is ProcessState.READY for status in self.statuses())

    async def until_back(self, name: str, pid: int | None) -> None:
        """Returns once another process than this one serves in its place."""
        while True:
            if self.is_ready(name) and self.pid(name) not in (None, pid):
                return
            await asyncio.sleep(0.05)

    def kill(self, name: str) -> int | None:
        """SIGKILL; returns the process id, None when there was nothing to kill."""
        pid = self.pid(name)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return pid

    @contextmanager
    def frozen(self, name: str) -> Iterator[int | None]:
        """SIGSTOP while in the block."""
        pid = self.pid(name)
        if pid is not None:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield pid
        finally:
            if pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    async def empty_redis(self) -> None:
        """FLUSHALL: the server goes on with nothing. One that is just coming back is waited for."""
        while True:
            try:
                async with Redis.from_url(self.endpoints.redis_url, socket_timeout=5) as redis:
                    await redis.flushall()
                    return
            except RedisError:
                await asyncio.sleep(0.2)

    def lose_redis(self) -> int | None:
        """Its disk is gone with it. It is stopped first, so that it writes nothing while its files are removed."""
        with self.frozen("redis"):
            shutil.rmtree(self.root / "redis" / "appendonlydir", ignore_errors=True)
            return self.kill("redis")


@asynccontextmanager
async def second_worker(
    root: Path, stack: EmbeddedStack, endpoints: Endpoints, api_url: str
) -> AsyncGenerator[Ground, None]:
    """Another worker of the same settings, which ends with the block."""
    supervisor = Supervisor(root / "logs")
    try:
        await supervisor.start([_worker(Home(root), endpoints, api_url)])
        yield Ground(root, stack, endpoints, api_url, supervisor)
    finally:
        await supervisor.stop()


def _worker(home: Home, endpoints: Endpoints, api_url: str) -> ProcessSpec:
    port = choose_ports(["metrics"], {})["metrics"]
    environment = {
        **endpoints.as_environment(),
        "CADENZA_AUTH_SECRET": home.auth_secret(),
        "CADENZA_API_PUBLIC_URL": api_url,
        "CADENZA_PAYMENTS_GATEWAY": "test",
        "CADENZA_WORKER_WORK_DIR": str(home.root / "work"),
        "CADENZA_WORKER_METRICS_PORT": str(port),
        "MALLOC_ARENA_MAX": "2",
    }

    async def ready() -> None:
        async with httpx.AsyncClient(timeout=3) as http:
            (await http.get(f"http://127.0.0.1:{port}/metrics")).raise_for_status()

    patience = replace(Patience(), stop_grace=35.0, max_quick_deaths=MANY_DEATHS)
    argv = (sys.executable, "-m", "bootstrap.worker")
    return ProcessSpec(name=SECOND_WORKER, argv=argv, env=environment, ready=ready, patience=patience)
