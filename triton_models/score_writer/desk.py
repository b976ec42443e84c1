"""Many songs at once on one runner: one thread hands in their windows in turn and tells how far each song is."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Final, Protocol

from triton_models.generation_core.errands import Errands
from triton_models.generation_core.errors import QueueFullError, RequestCancelledError, SchedulerClosedError
from triton_models.generation_core.events import Ended, Event
from triton_models.generation_core.request import Boundaries
from triton_models.generation_core.runner import Runner
from triton_models.score_writer.songs import Finished, Task
from triton_models.score_writer.windows import Manner, request_of

MOST_SONGS: Final = 64


class Customer(Protocol):
    """Who waits for a song. All is called by the desk's thread, and after `finished` or `failed` nothing more."""

    def is_gone(self) -> bool:
        """Whether nobody wants the song any more."""
        ...

    def progress(self, bars: int, of: int) -> None:
        """So many bars are written."""
        ...

    def finished(self, song: Finished) -> None:
        """The song is there."""
        ...

    def failed(self, error: Exception) -> None:
        """There will be no song; a cancelled one ends with RequestCancelledError."""
        ...


@dataclass
class _Order:
    """One song under way; `window` counts those that were asked for, `told` the bars that the customer knows of."""

    name: str
    task: Task
    manner: Manner
    customer: Customer
    window: int = 0
    told: int = 0
    dropped: bool = False


class Desk:
    """Takes songs from any thread. `context` is that of the runner's model, `cuts` are the tokens of bars.

    The runner may only be the desk's, and must have room for `most_songs`. The runner's thread and the desk's never
    touch a song at the same time, but for the count of its bars.
    """

    def __init__(self, runner: Runner, context: int, cuts: Boundaries, most_songs: int = MOST_SONGS) -> None:
        self._runner = runner
        self._context = context
        self._cuts = cuts
        self._most_songs = most_songs
        self._orders: dict[str, _Order] = {}
        self._numbers = count()
        self._changed = threading.Lock()
        self._taken = 0
        self._closed = False
        self._errands = Errands("score-desk", self._look, lambda: bool(self._orders))

    def submit(self, task: Task, manner: Manner, customer: Customer) -> None:
        """Raises QueueFullError or SchedulerClosedError; otherwise the customer is told how it ends."""
        with self._changed:
            if self._closed:
                raise SchedulerClosedError("no more songs are taken")
            if self._taken >= self._most_songs:
                raise QueueFullError(self._taken)
            self._taken += 1
            order = _Order(f"song {next(self._numbers)}", task, manner, customer)
            self._errands.put(partial(self._begin, order))

    def close(self) -> None:
        """Every song ends with SchedulerClosedError, and the runner is closed."""
        with self._changed:
            self._closed = True
        self._runner.close()
        self._errands.close()

    def _look(self) -> None:
        """A song that nobody wants is dropped after the step that runs now."""
        for order in self._orders.values():
            if not order.dropped and order.customer.is_gone():
                order.dropped = True
                self._runner.cancel(order.name)

    def _begin(self, order: _Order) -> None:
        self._orders[order.name] = order
        self._advance(order)

    def _hear(self, order: _Order, event: Event) -> None:
        if not isinstance(event, Ended):
            self._tell(order)
        elif event.error is not None:
            self._end(order, partial(order.customer.failed, event.error))
        elif order.dropped:
            self._end(order, partial(order.customer.failed, RequestCancelledError("the request was cancelled")))
        else:
            self._tell(order)
            self._advance(order)

    def _advance(self, order: _Order) -> None:
        """To the next window, or to the end of the song."""
        try:
            window = next(order.task.song)
            request = request_of(order.name, order.window, window, order.manner, self._context, self._cuts)
            order.window += 1
            self._runner.submit(request, lambda event: self._errands.put(partial(self._hear, order, event)))
        except StopIteration as end:
            self._end(order, partial(order.customer.finished, end.value))
        except Exception as error:
            # Whatever went wrong with one song, its customer hears of it and the others go on.
            self._end(order, partial(order.customer.failed, error))

    def _tell(self, order: _Order) -> None:
        progress = order.task.progress
        bars = progress.bars
        if bars > order.told and not order.dropped:
            order.told = bars
            order.customer.progress(bars, progress.of)

    def _end(self, order: _Order, tell: Callable[[], None]) -> None:
        """The place is free before the customer knows."""
        del self._orders[order.name]
        with self._changed:
            self._taken -= 1
        tell()
