"""OpenStack Swift with s3api on loopback: servers for accounts, containers and objects, their proxy, and an updater.

An object that is written while the container server is away is missing from the listings of its bucket until the
updater has entered it.
"""

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
UPDATER = "swift-object-updater"
# Without eventlet's own resolver (16 MB in each process): every address here is a number.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "EVENTLET_NO_GREENDNS": "yes"}
PATIENCE = Patience(ready_timeout=30, stop_grace=5)


def swift_specs(files: SwiftFiles, bucket: Bucket) -> list[ProcessSpec]:
    """The processes; the proxy is ready once `bucket` exists, and so starts to serve last."""
    SWIFT.locate()
    healthy = {service: _health_check(files.ports[service]) for service in (*STORAGE, "proxy")}

    async def bucket_is_there() -> None:
        for check in healthy.values():
            await check()
        await bucket.ensure()

    return [
        *(_server(files, service, healthy[service], healthy[service]) for service in STORAGE),
        _server(files, "proxy", bucket_is_there, healthy["proxy"]),
        _updater(files, ready=healthy["container"]),
    ]


def _server(
    files: SwiftFiles, service: str, ready: Callable[[], Awaitable[None]], healthy: Callable[[], Awaitable[None]]
) -> ProcessSpec:
    async def alive(pid: int) -> None:
        await healthy()

    script = Path(sysconfig.get_path("scripts")) / f"swift-{service}-server"
    return ProcessSpec(
        name=f"swift-{service}",
        argv=(sys.executable, str(script), str(files.configuration / f"{service}.conf"), "--verbose"),
        ready=ready,
        env=ENVIRONMENT,
        alive=alive,
        patience=PATIENCE,
    )


def _updater(files: SwiftFiles, ready: Callable[[], Awaitable[None]]) -> ProcessSpec:
    """It listens nowhere: as long as it lives it is well."""
    arguments = (str(files.configuration), str(files.configuration / "object.conf"))
    return ProcessSpec(
        name=UPDATER,
        argv=(sys.executable, "-m", "deploy.embedded.swift_updater", *arguments),
        ready=ready,
        env=ENVIRONMENT,
        patience=PATIENCE,
    )


def _health_check(port: int) -> Callable[[], Awaitable[None]]:
    async def check() -> None:
        await check_health(f"http://{LOOPBACK}:{port}/healthcheck")

    return check
