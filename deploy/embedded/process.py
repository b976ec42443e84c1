"""How a supervised process is described and how its life is reported."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class ProcessState(StrEnum):
    """WAITING is before the processes it comes after are ready; FAILED is final."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    FAILED = "failed"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Patience:
    """How long a process may take and how often it may fail; times in seconds.

    A death within `quick_death` of becoming ready, or before it, is quick; after `max_quick_deaths` of them in a
    row the process is given up. `alive_failures` failed probes in a row replace the process.
    """

    ready_timeout: float = 30.0
    ready_poll: float = 0.05
    alive_every: float = 10.0
    alive_deadline: float = 5.0
    alive_failures: int = 3
    stop_grace: float = 10.0
    unhealthy_grace: float = 3.0
    quick_death: float = 10.0
    max_quick_deaths: int = 4
    first_backoff: float = 0.2
    max_backoff: float = 5.0


@dataclass(frozen=True)
class ProcessSpec:
    """A command to keep running.

    `ready` raises until the process serves. `alive` gets the process id; it raises when the process does not
    answer, or UnhealthyError when it never will. `after` names processes that must be ready first and are stopped
    later. `env` is laid over the supervisor's environment. `cleanup` runs after every end of the process.
    """

    name: str
    argv: tuple[str, ...]
    ready: Callable[[], Awaitable[None]]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    after: tuple[str, ...] = ()
    alive: Callable[[int], Awaitable[None]] | None = None
    cleanup: Callable[[], None] | None = None
    patience: Patience = Patience()


@dataclass(frozen=True)
class ProcessStatus:
    """`restarts` counts since start."""

    name: str
    pid: int | None
    state: ProcessState
    restarts: int


class EventKind(StrEnum):
    """UNHEALTHY is followed by EXITED, and that by RESTARTING or FAILED. A WARNING or a NOTE changes nothing."""

    STARTING = "starting"
    READY = "ready"
    UNHEALTHY = "unhealthy"
    EXITED = "exited"
    RESTARTING = "restarting"
    FAILED = "failed"
    STOPPED = "stopped"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class StackEvent:
    """Something happened to a process; `detail` is for people and may be empty.

    `seconds` count from the start of the process, for STOPPED from the request to stop.
    """

    name: str
    kind: EventKind
    detail: str = ""
    seconds: float = 0.0
