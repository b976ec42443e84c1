"""OpenStack Swift with s3api as four processes on loopback: account, container, object and proxy."""

import sys
import sysconfig
from collections.abc import Awaitable, Callable
from pathlib import Path

from deploy.embedded.bucket import Bucket
from deploy.embedded.http_probe import check_health
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import Patience, ProcessSpec
from deploy.embedded.swift_files import STORAGE, SwiftFiles
from deploy.embedded.wheels import SWIFT

PROXY = "swift-proxy"


def swift_specs(files: SwiftFiles, bucket: Bucket) -> list[ProcessSpec]:
    """The four processes; the proxy is ready once `bucket` exists, and so starts to serve last."""
    SWIFT.locate()
    healthy = {service: _health_check(files.ports[service]) for service in (*STORAGE, "proxy")}

    async def bucket_is_there() -> None:
        for check in healthy.values():
            await check()
        await bucket.ensure()

    return [
        *(_spec(files, service, healthy[service], healthy[service]) for service in STORAGE),
        _spec(files, "proxy", bucket_is_there, healthy["proxy"]),
    ]


def _spec(
    files: SwiftFiles, service: str, ready: Callable[[], Awaitable[None]], healthy: Callable[[], Awaitable[None]]
) -> ProcessSpec:
    async def alive(pid: int) -> None:
        await healthy()

    script = Path(sysconfig.get_path("scripts")) / f"swift-{service}-server"
    return ProcessSpec(
        name=f"swift-{service}",
        argv=(sys.executable, str(script), str(files.configuration / f"{service}.conf"), "--verbose"),
        ready=ready,
        # Without eventlet's own resolver (16 MB in each process): every address here is a number.
        env={"MALLOC_ARENA_MAX": "1", "EVENTLET_NO_GREENDNS": "yes"},
        alive=alive,
        patience=Patience(ready_timeout=30, stop_grace=5),
    )


def _health_check(port: int) -> Callable[[], Awaitable[None]]:
    async def check() -> None:
        await check_health(f"http://{LOOPBACK}:{port}/healthcheck")

    return check
