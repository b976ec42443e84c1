"""The embedded stack: real servers from PyPI wheels on loopback under one root, or someone else's by URL."""

import asyncio
import contextlib
import time
from dataclasses import replace
from typing import IO

from deploy.embedded.config import StackConfig
from deploy.embedded.credentials import load_secrets
from deploy.embedded.endpoints import Endpoints
from deploy.embedded.errors import StackError
from deploy.embedded.keeper import EventListener
from deploy.embedded.ports import choose_ports
from deploy.embedded.process import EventKind, ProcessSpec, ProcessStatus, StackEvent
from deploy.embedded.servers import ForeignServer, Servers, port_names
from deploy.embedded.state import (
    ProcessRecord,
    StackState,
    end_leftovers,
    lock_root,
    own_record,
    read_state,
    write_state,
)
from deploy.embedded.supervisor import Supervisor

FOREIGN_TIMEOUT_SECONDS = 30.0
FOREIGN_CHECK_SECONDS = 5.0


class EmbeddedStack:
    """Start it once, use its endpoints, stop it. Start it from the main thread: children end with their starter."""

    def __init__(self, config: StackConfig) -> None:
        self._config = config
        self._root = config.root.absolute()
        self._supervisor = Supervisor(self._root / "logs", self._heard)
        self._state = StackState(supervisor=own_record())
        self._lock: IO[str] | None = None
        self._servers: Servers | None = None
        self._on_event: EventListener | None = None
        self._stopped = asyncio.Event()

    async def start(self, on_event: EventListener | None = None) -> Endpoints:
        """Start every piece and await its readiness; StackError, with all stopped again, when one fails."""
        self._on_event = on_event
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = lock_root(self._root)
        try:
            return await self._start()
        except OSError as error:
            await self.stop()
            raise StackError(f"The stack cannot work in {self._root}: {error}.") from error
        except BaseException:
            await self.stop()
            raise

    async def add(self, spec: ProcessSpec) -> None:
        """Run one more process (the API, a worker) and await its readiness; it is stopped before the servers.

        A spec that names nothing in `after` comes after every server of the stack.
        """
        servers = tuple(server.name for server in self._servers.specs) if self._servers else ()
        await self._supervisor.start([replace(spec, after=spec.after or servers)])

    async def wait(self) -> None:
        """Return when the stack was stopped; raise StackError when a process was given up."""
        stopped = asyncio.create_task(self._stopped.wait())
        failed = asyncio.create_task(self._supervisor.failed())
        try:
            await asyncio.wait({stopped, failed}, return_when=asyncio.FIRST_COMPLETED)
            if failed.done() and not stopped.done():
                raise failed.result()
        finally:
            stopped.cancel()
            failed.cancel()

    async def stop(self) -> None:
        """Stop everything in reverse order and let go of the root. May be called twice."""
        await self._supervisor.stop()
        if self._servers:
            await self._servers.close()
        if self._lock:
            self._note(StackState(supervisor=self._state.supervisor, ports=self._state.ports))
            self._lock.close()
            self._lock = None
        self._stopped.set()

    def status(self) -> list[ProcessStatus]:
        """A snapshot of every process: name, process id, state, restarts, resident memory."""
        return self._supervisor.status()

    async def _start(self) -> Endpoints:
        before = read_state(self._root)
        await end_leftovers(before)
        remembered = before.ports if before else {}
        ports = choose_ports(port_names(self._config), remembered)
        self._save(replace(self._state, ports={**remembered, **ports}))
        self._servers = servers = Servers(self._config, self._root, ports, load_secrets(self._root), self._told)
        await asyncio.gather(
            self._supervisor.start(servers.specs), *(self._await_foreign(server) for server in servers.foreign)
        )
        self._save(replace(self._state, endpoints=servers.endpoints))
        return servers.endpoints

    async def _await_foreign(self, server: ForeignServer) -> None:
        started = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(FOREIGN_CHECK_SECONDS):
                    await server.check()
            except StackError:
                raise
            except Exception as error:
                if time.monotonic() - started > FOREIGN_TIMEOUT_SECONDS:
                    reason = str(error) or type(error).__name__
                    raise StackError(
                        f"{server.name} at {server.public_url} does not answer ({reason}): start it, "
                        f"or unset {server.variable} to use the embedded server."
                    ) from None
                await asyncio.sleep(0.3)
            else:
                break
        seconds = time.monotonic() - started
        self._heard(StackEvent(server.name, EventKind.READY, f"external, {server.public_url}", seconds))

    def _told(self, name: str, kind: EventKind, sentence: str) -> None:
        self._heard(StackEvent(name, kind, sentence))

    def _heard(self, event: StackEvent) -> None:
        if event.kind in (EventKind.STARTING, EventKind.RESTARTING):
            records = tuple(ProcessRecord(*record) for record in self._supervisor.process_records())
            self._note(replace(self._state, processes=records))
        if self._on_event:
            self._on_event(event)

    def _note(self, state: StackState) -> None:
        """Save if that is possible: a full disk must not keep a server from being restarted or stopped."""
        with contextlib.suppress(OSError):
            self._save(state)

    def _save(self, state: StackState) -> None:
        self._state = state
        write_state(self._root, state)
