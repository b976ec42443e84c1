"""Starts a set of processes in dependency order, keeps them alive and stops them in reverse order."""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

from deploy.embedded import logs
from deploy.embedded.errors import StackError
from deploy.embedded.keeper import EventListener, Keeper
from deploy.embedded.process import EventKind, ProcessSpec, ProcessState, ProcessStatus, StackEvent

LOG_CHECK_SECONDS = 30.0


class Supervisor:
    """Knows nothing of what it runs. Use from one event loop; the thread of that loop must outlive the children."""

    def __init__(self, log_folder: Path, on_event: EventListener | None = None) -> None:
        self._log_folder = log_folder
        self._on_event = on_event or (lambda event: None)
        self._keepers: dict[str, Keeper] = {}
        self._failed: asyncio.Future[StackError] | None = None
        self._log_task: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self, specs: Sequence[ProcessSpec]) -> None:
        """Start `specs` as concurrently as their order allows; may be called again with more of them.

        Returns when all are ready; raises StackError when one was given up (the others go on until `stop`).
        """
        self._check_order(specs)
        for spec in specs:
            self._keepers[spec.name] = Keeper(spec, self._log_folder / f"{spec.name}.log", self._tell)
        self._log_task = self._log_task or asyncio.create_task(self._bound_logs(), name="bound logs")
        tasks = [asyncio.create_task(self._start_one(self._keepers[spec.name])) for spec in specs]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def failed(self) -> StackError:
        """Await the first process that is given up; returns the sentence to tell."""
        return await asyncio.shield(self._failure())

    async def stop(self) -> None:
        """Stop every process once all that come after it have stopped. May be called twice."""
        self._stopping = True
        stopped = {name: asyncio.Event() for name in self._keepers}
        await asyncio.gather(*(self._stop_one(keeper, stopped) for keeper in self._keepers.values()))
        if self._log_task:
            self._log_task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._log_task
            self._log_task = None

    def status(self) -> list[ProcessStatus]:
        """A snapshot of every process, in the order they were given."""
        return [keeper.status() for keeper in self._keepers.values()]

    def process_records(self) -> list[tuple[str, int, int]]:
        """Name, process id and start time of each process that runs now."""
        children = [(name, keeper.child) for name, keeper in self._keepers.items()]
        return [(name, child.pid, child.start_time) for name, child in children if child]

    def _check_order(self, specs: Sequence[ProcessSpec]) -> None:
        known = set(self._keepers)
        pending = list(specs)
        while pending:
            able = [spec for spec in pending if known.issuperset(spec.after) and spec.name not in known]
            if not able:
                names = ", ".join(spec.name for spec in pending)
                raise StackError(f"These processes have a duplicate name, wait for each other or for none: {names}.")
            known.update(spec.name for spec in able)
            pending = [spec for spec in pending if spec not in able]

    async def _start_one(self, keeper: Keeper) -> None:
        for name in keeper.spec.after:
            await self._keepers[name].became_ready()
        if not self._stopping:
            keeper.begin()
            await keeper.became_ready()

    async def _stop_one(self, keeper: Keeper, stopped: dict[str, asyncio.Event]) -> None:
        later = [name for name, other in self._keepers.items() if keeper.spec.name in other.spec.after]
        for name in later:
            await stopped[name].wait()
        try:
            await keeper.stop()
        finally:
            stopped[keeper.spec.name].set()

    def _failure(self) -> asyncio.Future[StackError]:
        if self._failed is None:
            self._failed = asyncio.get_running_loop().create_future()
            for keeper in self._keepers.values():
                self._note_failure(keeper)
        return self._failed

    def _note_failure(self, keeper: Keeper) -> None:
        if self._failed and not self._failed.done() and keeper.state is ProcessState.FAILED and keeper.failure:
            self._failed.set_result(keeper.failure)

    def _tell(self, event: StackEvent) -> None:
        if event.kind is EventKind.FAILED:
            self._note_failure(self._keepers[event.name])
        self._on_event(event)

    async def _bound_logs(self) -> None:
        while True:
            await asyncio.sleep(LOG_CHECK_SECONDS)
            # On a full disk there is no room for the copy; the servers matter more.
            with contextlib.suppress(OSError):
                for keeper in self._keepers.values():
                    logs.bound(keeper.log)
