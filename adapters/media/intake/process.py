"""Starts a locked process: an open file as standard input, a pipe, and an environment without secrets."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def started(module: str, source: Path, *arguments: str, inherited: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """It has the `inherited` descriptors besides, under their numbers."""
    with source.open("rb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
                "PYTHONDONTWRITEBYTECODE": "1",
                # A namespace of its own can only be made by a process without threads, and memory is counted.
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
                "MALLOC_ARENA_MAX": "1",
            },
            cwd="/",
            pass_fds=inherited,
            start_new_session=True,
        )
