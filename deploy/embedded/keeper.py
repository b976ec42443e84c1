"""Keeps one process alive: start, await readiness, watch, restart with backoff, give up with one sentence."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from deploy.embedded import logs
from deploy.embedded.child import Child
from deploy.embedded.errors import StackError, UnhealthyError
from deploy.embedded.process import EventKind, ProcessSpec, ProcessState, ProcessStatus, StackEvent

EventListener = Callable[[StackEvent], None]


class Keeper:
    """The life of one ProcessSpec. `on_event` must not raise; it is also called for every new process id."""

    def __init__(self, spec: ProcessSpec, log: Path, on_event: EventListener) -> None:
        self.spec = spec
        self.log = log
        self.state = ProcessState.WAITING
        self.child: Child | None = None
        self.restarts = 0
        self._on_event = on_event
        self._quick_deaths = 0
        self._task: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self.failure: StackError | None = None

    def begin(self) -> None:
        """Start in the background; `became_ready` tells the outcome."""
        logs.rotate(self.log)
        self._task = asyncio.create_task(self._keep(), name=f"keep {self.spec.name}")

    async def became_ready(self) -> None:
        """Await the first readiness; raises StackError when the process was given up."""
        await self._settled.wait()
        if self.failure:
            raise self.failure

    async def stop(self) -> None:
        """End the process for good: SIGTERM, the grace of its spec, SIGKILL. May be called again."""
        if self.state in (ProcessState.FAILED, ProcessState.STOPPED):
            return
        asked_at = time.monotonic()
        if self.state is not ProcessState.STOPPING and self._task:
            self._task.cancel()
        self.state = ProcessState.STOPPING
        if self._task:
            await asyncio.wait({self._task})
        self.state = ProcessState.STOPPED
        if not self._settled.is_set():
            self.failure = StackError(f"{self.spec.name} was stopped before it was ready.")
            self._settled.set()
        self._on_event(StackEvent(self.spec.name, EventKind.STOPPED, "", time.monotonic() - asked_at))

    def status(self) -> ProcessStatus:
        """A snapshot for people."""
        return ProcessStatus(self.spec.name, self.child.pid if self.child else None, self.state, self.restarts)

    async def _keep(self) -> None:
        try:
            while self.failure is None:
                self.state = ProcessState.STARTING
                reason = await self._live_once()
                self._tell(EventKind.EXITED, reason)
                if self._should_give_up():
                    raise StackError(self._sentence(reason))
                self.restarts += 1
                self.state = ProcessState.RESTARTING
                pause = self._backoff()
                self._tell(EventKind.RESTARTING, f"in {pause:.1f} s")
                await asyncio.sleep(pause)
        except StackError as error:
            self._give_up(error)
        except Exception as error:
            self._give_up(StackError(self._sentence(f"cannot be kept running: {_in_words(error)}")))

    async def _live_once(self) -> str:
        """From start to end; returns why it ended, in words that follow the process name."""
        patience, spec = self.spec.patience, self.spec
        self.child = child = Child.spawn(spec.argv, spec.env, spec.cwd, self.log)
        grace = patience.stop_grace
        try:
            self._tell(EventKind.STARTING, f"pid {child.pid}")
            reason = await self._until_ready(child)
            if reason:
                return reason
            ready_at = time.monotonic()
            reason, grace = await self._until_ended(child)
            survived = time.monotonic() - ready_at >= patience.quick_death
            self._quick_deaths = 0 if survived else self._quick_deaths
            return reason
        finally:
            await _to_the_end(child.end(grace))
            self.child = None
            if spec.cleanup:
                spec.cleanup()

    async def _until_ready(self, child: Child) -> str:
        """Returns an empty string once ready, else what went wrong; StackError on a hopeless first start."""
        last: list[str] = []
        ready = asyncio.create_task(self._poll_ready(last))
        ended = asyncio.create_task(child.exited())
        try:
            await asyncio.wait(
                {ready, ended}, timeout=self.spec.patience.ready_timeout, return_when=asyncio.FIRST_COMPLETED
            )
            if ready.done() and not ended.done():
                return self._note_readiness(ready.exception())
            if ended.done():
                return f"ended while starting ({_how(ended.result())})"
            detail = f": {last[-1]}" if last else ""
            return f"was not ready after {self.spec.patience.ready_timeout:.0f} s{detail}"
        finally:
            await _drop(ready, ended)

    async def _poll_ready(self, last: list[str]) -> None:
        while True:
            try:
                async with asyncio.timeout(self.spec.patience.alive_deadline):
                    await self.spec.ready()
            except (StackError, UnhealthyError):
                raise
            except Exception as error:
                last.append(_in_words(error))
                del last[:-1]
            else:
                return
            await asyncio.sleep(self.spec.patience.ready_poll)

    def _note_readiness(self, error: BaseException | None) -> str:
        if error is not None:
            if isinstance(error, StackError) and not self._settled.is_set():
                raise error
            return str(error)
        self.state = ProcessState.READY
        self._tell(EventKind.READY)
        self._settled.set()
        return ""

    async def _until_ended(self, child: Child) -> tuple[str, float]:
        """Returns why a ready process has to go and how many seconds of grace it gets."""
        ended = asyncio.create_task(child.exited())
        alive = self.spec.alive
        unwell = asyncio.create_task(self._until_unhealthy(child.pid, alive) if alive else _never())
        try:
            await asyncio.wait({ended, unwell}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                return f"ended ({_how(ended.result())})", self.spec.patience.stop_grace
            self._tell(EventKind.UNHEALTHY, unwell.result())
            return unwell.result(), self.spec.patience.unhealthy_grace
        finally:
            await _drop(ended, unwell)

    async def _until_unhealthy(self, pid: int, alive: Callable[[int], Awaitable[None]]) -> str:
        patience, failures = self.spec.patience, 0
        while True:
            await asyncio.sleep(patience.alive_every)
            try:
                async with asyncio.timeout(patience.alive_deadline):
                    await alive(pid)
            except UnhealthyError as error:
                return str(error)
            except Exception as error:
                failures += 1
                if failures >= patience.alive_failures:
                    return f"did not answer {failures} times: {_in_words(error)}"
            else:
                failures = 0

    def _should_give_up(self) -> bool:
        self._quick_deaths += 1
        return self._quick_deaths >= self.spec.patience.max_quick_deaths

    def _backoff(self) -> float:
        patience = self.spec.patience
        return float(min(patience.max_backoff, patience.first_backoff * 3 ** (self._quick_deaths - 1)))

    def _give_up(self, error: StackError) -> None:
        self.failure = error
        self.state = ProcessState.FAILED
        self._tell(EventKind.FAILED, str(error))
        self._settled.set()

    def _sentence(self, reason: str) -> str:
        said = logs.last_line(self.log)
        quoted = f" Its last words: {said}" if said else ""
        return f"{self.spec.name} {reason}. Look into {self.log}, then start again.{quoted}"

    def _tell(self, kind: EventKind, detail: str = "") -> None:
        seconds = time.monotonic() - self.child.started_at if self.child else 0.0
        self._on_event(StackEvent(self.spec.name, kind, detail, seconds))


async def _never() -> str:
    never: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    return await never


async def _drop(*tasks: asyncio.Task[None] | asyncio.Task[int] | asyncio.Task[str]) -> None:
    """Cancel until it works: a probe of the caller may swallow a cancellation that comes at the wrong moment."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.2)
    await asyncio.gather(*tasks, return_exceptions=True)


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Cancelling waits for `work` as well: a child must not be forgotten half ended."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def _in_words(error: Exception) -> str:
    return str(error) or type(error).__name__
