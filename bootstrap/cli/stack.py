"""The embedded stack with the API and a worker on top."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from rich.console import Console
from rich.markup import escape

from bootstrap.cli.home import Home
from bootstrap.settings import ApiSettings, read
from deploy.embedded import EmbeddedStack, Endpoints, EventKind, Patience, ProcessSpec, StackConfig, StackEvent

EXTERNAL = {
    "mongo": "CADENZA_MONGO_URL",
    "redis": "CADENZA_REDIS_URL",
    "s3": "CADENZA_S3_ENDPOINT",
    "triton": "CADENZA_TRITON_URL",
}
# A worker that is asked to stop lets its songs end, up to 25 s.
DRAIN_SECONDS = 35.0
TOLD = frozenset({EventKind.READY, EventKind.UNHEALTHY, EventKind.EXITED, EventKind.RESTARTING, EventKind.FAILED})

Ready = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Programs:
    """Where the API answers, and where the worker shows its metrics."""

    api_url: str
    worker_metrics_url: str


@dataclass(frozen=True)
class RunningStack:
    """What a person needs to know of a stack that runs."""

    programs: Programs
    endpoints: Endpoints
    stack: EmbeddedStack


@asynccontextmanager
async def running_stack(home: Home, console: Console) -> AsyncGenerator[RunningStack, None]:
    """Starts everything, and stops it in order at the end; raises `StackError`."""
    stack = EmbeddedStack(_config(home))

    def on_event(event: StackEvent) -> None:
        if event.kind is EventKind.WARNING:
            console.print(f"[yellow]{escape(event.detail)}[/yellow]", highlight=False, soft_wrap=True)
        if event.kind is EventKind.NOTE:
            console.print(escape(event.detail), highlight=False, soft_wrap=True)
        if event.kind in TOLD:
            seconds = f" after {event.seconds:.1f} s" if event.kind is EventKind.READY else ""
            detail = f": {event.detail}" if event.detail else ""
            console.print(f"[dim]{event.name} {event.kind.value}{seconds}{detail}[/dim]", highlight=False)

    try:
        endpoints = await stack.start(on_event)
        yield RunningStack(await start_programs(stack, endpoints, home), endpoints, stack)
    finally:
        await stack.stop()


async def start_programs(stack: EmbeddedStack, endpoints: Endpoints, home: Home) -> Programs:
    """Adds the API and a worker to a running stack, and waits until both serve."""
    port = _free_port(read(ApiSettings).port)
    api_url = os.environ.get("CADENZA_API_PUBLIC_URL") or f"http://127.0.0.1:{port}"
    environment = _environment(home, endpoints, port, api_url)
    worker_url = f"http://127.0.0.1:{environment['CADENZA_WORKER_METRICS_PORT']}/metrics"
    await asyncio.gather(
        stack.add(_program("api", environment, ready=lambda: _answers(f"http://127.0.0.1:{port}/readyz"))),
        stack.add(_program("worker", environment, ready=lambda: _answers(worker_url))),
    )
    home.remember_api(api_url)
    return Programs(api_url, worker_url)


def _config(home: Home) -> StackConfig:
    """The stack of this machine, less what the settings say that somebody else runs."""
    given = os.environ
    return StackConfig(
        root=home.root,
        external={name: given[variable] for name, variable in EXTERNAL.items() if given.get(variable)},
        bucket=given.get("CADENZA_S3_BUCKET", "cadenza"),
        models_folder=home.models_folder(),
        s3_region=given.get("CADENZA_S3_REGION", "us-east-1"),
        s3_access_key=given.get("CADENZA_S3_ACCESS_KEY", ""),
        s3_secret_key=given.get("CADENZA_S3_SECRET_KEY", ""),
    )


async def until_interrupted(stack: EmbeddedStack) -> None:
    """Returns on Ctrl-C or SIGTERM; raises `StackError` when a part gives up."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    waiting = {asyncio.create_task(stopping.wait()), asyncio.create_task(stack.wait())}
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    for task in done:
        task.result()


# Where the development servers of web applications serve their pages.
PAGES = tuple(f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 5173))


def _environment(home: Home, endpoints: Endpoints, port: int, api_url: str) -> dict[str, str]:
    return {
        **os.environ,
        **endpoints.as_environment(),
        "CADENZA_AUTH_SECRET": os.environ.get("CADENZA_AUTH_SECRET") or home.auth_secret(),
        "CADENZA_API_PORT": str(port),
        "CADENZA_API_PUBLIC_URL": api_url,
        "CADENZA_API_PROFILE": os.environ.get("CADENZA_API_PROFILE") or "development",
        "CADENZA_API_ORIGINS": os.environ.get("CADENZA_API_ORIGINS") or ",".join(PAGES),
        "CADENZA_API_IDE": os.environ.get("CADENZA_API_IDE", "true"),
        "CADENZA_WORKER_WORK_DIR": str(home.root / "work"),
        "CADENZA_WORKER_METRICS_PORT": os.environ.get("CADENZA_WORKER_METRICS_PORT") or str(_free_port(port + 1)),
        "CADENZA_PAYMENTS_GATEWAY": os.environ.get("CADENZA_PAYMENTS_GATEWAY") or "test",
        "CADENZA_WEBHOOKS_LOOPBACK": os.environ.get("CADENZA_WEBHOOKS_LOOPBACK") or "true",
        **_mail(home),
        "MALLOC_ARENA_MAX": "2",
        # The threads of numpy's algebra spin while they wait, on processors that the encoders need.
        "OPENBLAS_NUM_THREADS": "1",
    }


def _mail(home: Home) -> dict[str, str]:
    """A folder, unless the settings say that there is a mail server."""
    if os.environ.get("CADENZA_MAIL_TRANSPORT"):
        return {}
    return {"CADENZA_MAIL_TRANSPORT": "folder", "CADENZA_MAIL_FOLDER": str(home.mail_folder())}


def _program(name: str, environment: dict[str, str], ready: Ready) -> ProcessSpec:
    argv = (sys.executable, "-m", f"bootstrap.{name}")
    patience = Patience(stop_grace=DRAIN_SECONDS)
    return ProcessSpec(name=name, argv=argv, env=environment, ready=ready, patience=patience)


async def _answers(url: str) -> None:
    async with httpx.AsyncClient(timeout=3) as http:
        (await http.get(url)).raise_for_status()


def _free_port(wanted: int) -> int:
    """The wanted port if nobody has it, else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on the loopback interface")
