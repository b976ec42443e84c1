"""What a stack writes down about itself in its root, for its next start and for other commands."""

import asyncio
import fcntl
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from signal import SIGTERM
from typing import IO, Any

from deploy.embedded.child import ended, kill_session
from deploy.embedded.endpoints import Endpoints
from deploy.embedded.errors import StackError
from deploy.embedded.procfs import boot_id, is_running, process_facts

SCHEMA = 1
LEFTOVER_GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class ProcessRecord:
    """Process ids are used again, so the start time (clock ticks since boot) is part of the name."""

    name: str
    pid: int
    start_time: int


@dataclass(frozen=True)
class StackState:
    """The content of stack.json. `endpoints` is None until every piece is ready."""

    supervisor: ProcessRecord
    ports: Mapping[str, int] = field(default_factory=dict)
    processes: tuple[ProcessRecord, ...] = ()
    endpoints: Endpoints | None = None
    boot_id: str = field(default_factory=boot_id)


def own_record() -> ProcessRecord:
    """The record of the calling process."""
    facts = process_facts(os.getpid())
    return ProcessRecord("supervisor", os.getpid(), facts.start_time if facts else 0)


def write_state(root: Path, state: StackState) -> None:
    """Replace root/stack.json in one step; only its owner may read it (it holds the S3 secret)."""
    write_private(root / "stack.json", json.dumps({"schema": SCHEMA, **asdict(state)}, indent=1))


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 so that a reader sees the old or the new content, never a half."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_state(root: Path) -> StackState | None:
    """The state written last, or None when there is none that this version understands."""
    try:
        raw = json.loads((root / "stack.json").read_text())
        return _parsed(raw) if raw["schema"] == SCHEMA else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_running(root: Path) -> Endpoints | None:
    """The endpoints of the stack that runs on `root` now, None when none does or it is not ready yet."""
    state = read_state(root)
    if state is None or state.endpoints is None or state.boot_id != boot_id():
        return None
    owner = state.supervisor
    return state.endpoints if is_running(owner.pid, owner.start_time) and _is_locked(root) else None


def lock_root(root: Path) -> IO[str]:
    """Hold `root` until the returned file is closed; StackError when another supervisor holds it."""
    file = (root / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        state = read_state(root)
        owner = f" (pid {state.supervisor.pid})" if state else ""
        raise StackError(
            f"Another stack already runs on {root}{owner}: use that one, stop it first, or choose another root."
        ) from None
    return file


async def end_leftovers(state: StackState | None, grace: float = LEFTOVER_GRACE_SECONDS) -> None:
    """End what an earlier supervisor of this root left running; the caller holds the lock."""
    if state is None or state.boot_id != boot_id():
        return
    await asyncio.gather(*(_end_leftover(record, grace) for record in state.processes))


async def _end_leftover(record: ProcessRecord, grace: float) -> None:
    if is_running(record.pid, record.start_time):
        with suppress(ProcessLookupError, TimeoutError):
            os.kill(record.pid, SIGTERM)
            async with asyncio.timeout(grace):
                await ended(record.pid)
    # Members of the session may outlive its leader; an unrelated session would have a later leader.
    leader = process_facts(record.pid)
    if leader is None or leader.start_time == record.start_time:
        await kill_session(record.pid)


def _is_locked(root: Path) -> bool:
    try:
        with (root / "lock").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def _parsed(content: dict[str, Any]) -> StackState:
    endpoints = content["endpoints"]
    return StackState(
        supervisor=ProcessRecord(**content["supervisor"]),
        ports={str(name): int(port) for name, port in content["ports"].items()},
        processes=tuple(ProcessRecord(**record) for record in content["processes"]),
        endpoints=Endpoints(**endpoints) if endpoints else None,
        boot_id=content["boot_id"],
    )
