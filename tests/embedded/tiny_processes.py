"""Small real child processes for the supervisor's tests; each tells its life by files in one folder."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from deploy.embedded import Patience, ProcessSpec, StackEvent

HASTE = Patience(
    ready_timeout=5,
    ready_poll=0.01,
    alive_every=0.05,
    alive_deadline=1,
    alive_failures=3,
    stop_grace=3,
    unhealthy_grace=0.5,
    quick_death=0.3,
    max_quick_deaths=3,
    first_backoff=0.02,
    max_backoff=0.05,
)
SERVE = "open(mark, 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"


def tiny(folder: Path, name: str, code: str = SERVE, **changes: Any) -> ProcessSpec:
    """A Python process that is ready once it has written its process id to FOLDER/NAME."""
    mark = folder / name
    script = f"import os, signal, subprocess, sys, time; mark = {str(mark)!r}; {code}"

    async def ready() -> None:
        if not (mark.exists() and mark.read_text()):
            raise ConnectionError(f"{name} has not written its mark")

    spec = ProcessSpec(name=name, argv=(sys.executable, "-S", "-c", script), ready=ready, patience=HASTE)
    return replace(spec, **changes)


def process_ids(folder: Path, name: str) -> list[int]:
    """The process ids that NAME has had, the present one last."""
    return [int(line) for line in (folder / name).read_text().split()]


def told(events: list[StackEvent], kind: str) -> list[str]:
    """The names of the processes to which `kind` happened, in order."""
    return [event.name for event in events if event.kind == kind]
