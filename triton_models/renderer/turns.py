"""Who is rendered next: a bounded queue with priorities that age, worked off by a few threads.

Triton's own priority levels and queue policies stall bursts, so the order is made here. Pure of Triton.
"""

import heapq
import threading
import time
import traceback
from collections.abc import Callable
from itertools import count
from typing import Final

# Priorities 0 (somebody waits), 1 (usual) and 2 (nobody waits). A request is served as if it had come this much later
# for each step, so one that has waited that long is even with a new one of the step above: nobody starves.
LOWEST_PRIORITY: Final = 2
STEP_SECONDS: Final = 30.0

Work = Callable[[], None]


class TurnsFullError(Exception):
    """As many requests wait as may wait."""


class Turns:
    """Runs submitted work in `threads` threads. `close` lets what runs end and drops what waits."""

    def __init__(self, threads: int, most_waiting: int, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_waiting = most_waiting
        self._clock = clock
        self._waiting: list[tuple[float, int, Work]] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [threading.Thread(target=self._run, name=f"{name}-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Work, priority: int) -> None:
        """Raises TurnsFullError. What `work` itself raises is printed and forgotten."""
        with self._changed:
            if len(self._waiting) >= self._most_waiting:
                raise TurnsFullError
            rank = self._clock() + priority * STEP_SECONDS
            heapq.heappush(self._waiting, (rank, next(self._numbers), work))
            self._changed.notify()

    def close(self) -> list[Work]:
        """Waits for what runs; returns what had not begun, in its order."""
        with self._changed:
            self._closed = True
            left = [work for _, _, work in sorted(self._waiting)]
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        return left

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception:
                # A thread that dies is never replaced, and every song would wait for it.
                traceback.print_exc()

    def _next(self) -> Work | None:
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            return None if self._closed else heapq.heappop(self._waiting)[2]
