"""Runs a scheduler in one thread of its own; any thread may submit, cancel and read streams.

The model is used by that thread alone. What fails there ends the requests concerned, never the thread.
"""

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from triton_models.generation_core.errors import (
    GenerationError,
    QueueFullError,
    RequestInvalidError,
    SchedulerClosedError,
)
from triton_models.generation_core.events import Ended, Event, Outcome
from triton_models.generation_core.metrics import Snapshot
from triton_models.generation_core.request import Request
from triton_models.generation_core.scheduler import Scheduler
from triton_models.generation_core.stream import Stream

SNAPSHOT_SECONDS: Final = 0.25


class Runner:
    """Owns `scheduler` from here on. `close` ends every request and the thread."""

    def __init__(self, scheduler: Scheduler, name: str) -> None:
        self._scheduler = scheduler
        self._changed = threading.Condition()
        self._arrivals = deque[Request]()
        self._cancelled: list[str] = []
        self._streams: dict[str, Stream] = {}
        self._room, self._waiting = scheduler.room, 0
        self._refused = 0
        self._closed = False
        self._snapshot, self._snapshot_at = scheduler.snapshot(), time.monotonic()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, request: Request, deliver: Callable[[Event], None] | None = None) -> Stream:
        """Raises RequestInvalidError, RequestTooLargeError, QueueFullError or SchedulerClosedError.

        `deliver` takes the events instead of the stream, in the runner's thread; it must neither wait nor raise.
        """
        self._scheduler.check(request)
        with self._changed:
            if self._closed:
                raise SchedulerClosedError("no more requests are taken")
            if request.request_id in self._streams:
                raise RequestInvalidError(f"the request {request.request_id} is here already")
            if len(self._arrivals) >= self._room:
                self._refused += 1
                raise QueueFullError(self._waiting + len(self._arrivals))
            stream = Stream(request.request_id, self.cancel, deliver)
            self._streams[request.request_id] = stream
            self._arrivals.append(request)
            self._changed.notify()
        return stream

    def cancel(self, request_id: str) -> None:
        """The request ends after the step that runs now; one that has ended is left alone."""
        with self._changed:
            if request_id in self._streams:
                self._cancelled.append(request_id)
                self._changed.notify()

    def snapshot(self) -> Snapshot:
        """The scheduler's numbers, at most a quarter of a second old while it works."""
        with self._changed:
            return replace(self._snapshot, refused=self._snapshot.refused + self._refused)

    def close(self) -> None:
        """Every request ends with SchedulerClosedError, after the step that runs now."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while self._take_orders():
            self._deliver(self._step())
            self._publish()
        self._scheduler.fail_all(SchedulerClosedError("the scheduler was shut down"))
        self._deliver(self._scheduler.step())

    def _take_orders(self) -> bool:
        """Waits for something to do; False when closed."""
        with self._changed:
            while self._scheduler.idle and not (self._arrivals or self._cancelled or self._closed):
                self._changed.wait()
            arrivals, self._arrivals = self._arrivals, deque()
            self._room -= len(arrivals)
            cancelled, self._cancelled = self._cancelled, []
        self._deliver(ended for request in arrivals for ended in self._hand_on(request))
        for request_id in cancelled:
            self._scheduler.cancel(request_id)
        self._publish()
        return not self._closed

    def _hand_on(self, request: Request) -> list[Event]:
        """The room is an estimate, as pairs take two slots: a request may still be one too many."""
        try:
            self._scheduler.submit(request)
        except GenerationError as error:
            return [Ended(request.request_id, Outcome.FAILED, error)]
        return []

    def _step(self) -> Iterable[Event]:
        try:
            return self._scheduler.step()
        except Exception as error:
            # A bug in here must not leave callers waiting for ever: they are told, and the next request is tried.
            traceback.print_exc()
            self._scheduler.fail_all(GenerationError(repr(error)))
            return self._scheduler.step()

    def _deliver(self, events: Iterable[Event]) -> None:
        for event in events:
            stream = self._streams[event.request_id]
            if isinstance(event, Ended):
                with self._changed:
                    del self._streams[event.request_id]
            stream.put(event)

    def _publish(self) -> None:
        """What other threads may see of the scheduler."""
        now = time.monotonic()
        with self._changed:
            self._room, self._waiting = self._scheduler.room, self._scheduler.waiting
            if now - self._snapshot_at >= SNAPSHOT_SECONDS or self._scheduler.idle:
                self._snapshot, self._snapshot_at = self._scheduler.snapshot(), now
