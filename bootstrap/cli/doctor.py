"""What the doctor looks at: this machine, the installed packages, and the servers that are to be reached."""

import asyncio
import os
import socket
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bootstrap.cli.home import Home
from bootstrap.cli.serving import troubles
from bootstrap.cli.stack import EXTERNAL
from deploy.embedded import added_models, read_running, served_states
from deploy.embedded.doctor import Check
from deploy.embedded.doctor import checks as machine_checks

PINS = Path(__file__).parent.parent.parent / "requirements" / "runtime.txt"
CONNECT_SECONDS = 3.0
DEFAULT_PORTS = {"https": 443, "http": 80, "redis": 6379, "rediss": 6379, "mongodb": 27017}


def examine(home: Home) -> list[Check]:
    """Every finding, good ones included."""
    return [*machine_checks(home.root), *packages(_pins()), *added(home), *_servers(), *_api(home)]


def packages(pins: Mapping[str, str]) -> list[Check]:
    """One line if every package has its pinned version, else a line per package that has not."""
    wrong = []
    for name, wanted in pins.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "missing"
        if found != wanted:
            wrong.append(Check(name, False, f"{found}, pinned is {wanted}", "run `make setup`"))
    return wrong or [Check("packages", True, f"{len(pins)} at their pinned versions")]


def added(home: Home) -> list[Check]:
    """One line for each model that was added and is not, or cannot be, served."""
    states = asyncio.run(served_states(home.root))
    return [
        Check(model.id, False, state, f"add it again with --replace, or run `cadenza models remove {model.id}`")
        for model, state in troubles(added_models(home.models_folder()), states)
    ]


def reach(name: str, address: str) -> Check:
    """Whether something listens at an address such as `redis://host:6379/0` or `host:8001`."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme == "mongodb+srv":
        return Check(name, True, f"{parts.hostname} is looked up by DNS when it is used")
    host = (parts.hostname or "").split(",")[0]
    port = _port(parts.netloc) or {"https": 443, "http": 80, "redis": 6379, "rediss": 6379, "mongodb": 27017}.get(
        parts.scheme, 0
    )
    try:
        with socket.create_connection((host, port), CONNECT_SECONDS):
            return Check(name, True, f"{host}:{port} answers")
    except OSError as error:
        return Check(name, False, f"{host}:{port} does not answer ({error})", f"start it, or unset {EXTERNAL[name]}")


def _port(netloc: str) -> int | None:
    """The port of the first host in a list of hosts, as MongoDB addresses may have."""
    first = netloc.rsplit("@", 1)[-1].split(",")[0]
    _, _, port = first.rpartition(":")
    return int(port) if port.isdigit() else None


def _pins() -> dict[str, str]:
    if not PINS.exists():
        return {}
    return dict(line.split("==", 1) for line in PINS.read_text().splitlines() if "==" in line)


def _servers() -> list[Check]:
    """The servers that settings name in place of embedded ones."""
    return [reach(name, os.environ[variable]) for name, variable in EXTERNAL.items() if os.environ.get(variable)]


def _api(home: Home) -> list[Check]:
    """What the running API says of each dependency, if one runs here."""
    url = home.api_url()
    if url is None or read_running(home.root) is None:
        return []
    try:
        state = httpx.get(f"{url}/readyz", timeout=10).json()["dependencies"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        return [Check("API", False, f"{url} does not answer ({error})", f"look into {home.root}/logs/api.log")]
    return [
        Check(f"API to {name}", answer == "ok", answer, "" if answer == "ok" else f"look into {home.root}/logs")
        for name, answer in state.items()
    ]
