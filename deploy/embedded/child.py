"""One child process in a session of its own: start it, await its end, end it with everything it started."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.embedded import exec_with_parent
from deploy.embedded.procfs import process_facts, session_members

KILL_WAIT_SECONDS = 5.0


class Child:
    """A running command. The kernel sends it SIGTERM when the thread that started it ends."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        facts = process_facts(process.pid)
        self.pid = process.pid
        self.start_time = facts.start_time if facts else 0
        self.started_at = time.monotonic()

    @classmethod
    def spawn(cls, argv: Sequence[str], env: Mapping[str, str], cwd: Path | None, log: Path) -> "Child":
        """Start `argv` with `env` on top of our own environment and its output appended to `log`."""
        # Not preexec_fn: it forks a process that may hold gRPC threads and their locks.
        wrapped = [sys.executable, "-I", "-S", exec_with_parent.__file__, str(os.getpid()), *argv]
        with log.open("ab") as output:
            process = subprocess.Popen(
                wrapped,
                env={**os.environ, **env},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(process)

    async def exited(self) -> int:
        """Await the end; returns the exit status, negative for a signal."""
        if (code := self._process.poll()) is not None:
            return code
        await ended(self.pid)
        return self._process.wait()

    async def end(self, grace: float) -> None:
        """SIGTERM to the command, SIGKILL after `grace` seconds; what it left behind in its session goes too."""
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self.exited()
        await kill_session(self.pid)
        await self.exited()


async def ended(pid: int) -> None:
    """Await the end of any process, a child of ours or not; a zombie has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


async def kill_session(session: int) -> None:
    """SIGKILL every process of a session and await their end, a few seconds at most."""
    deadline = time.monotonic() + KILL_WAIT_SECONDS
    while (alive := _alive_in(session)) and time.monotonic() < deadline:
        for pid in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KILL_WAIT_SECONDS):
                await asyncio.gather(*map(ended, alive))


def _alive_in(session: int) -> list[int]:
    return [member.pid for member in session_members(session) if not member.is_dead]
