"""One thread that does calls in the order in which they come, and looks around every few moments while it is busy."""

import threading
import time
import traceback
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final

LOOK_EVERY: Final = 0.02  # seconds


class Errands:
    """`look` is called every 20 ms while `busy` says True. What a call raises is logged, and the next one is done."""

    def __init__(self, name: str, look: Callable[[], None], busy: Callable[[], bool]) -> None:
        self._look = look
        self._busy = busy
        self._calls = SimpleQueue[Callable[[], None] | None]()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, call: Callable[[], None]) -> None:
        """From any thread; never waits."""
        self._calls.put(call)

    def close(self) -> None:
        """Returns when all that was put before is done; what comes later is not."""
        self._calls.put(None)
        self._thread.join()

    def _run(self) -> None:
        looked = time.monotonic()
        while (call := self._next()) is not None:
            self._do(call)
            if time.monotonic() - looked >= LOOK_EVERY:
                self._do(self._look)
                looked = time.monotonic()

    def _next(self) -> Callable[[], None] | None:
        """What is to be done; nothing, when nothing came for so long that a look is due; None at the end."""
        try:
            return self._calls.get(timeout=LOOK_EVERY if self._busy() else None)
        except Empty:
            return _nothing

    def _do(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            # One caller's trouble must not leave the others waiting for ever.
            traceback.print_exc()


def _nothing() -> None:
    """Done when there is no call."""
