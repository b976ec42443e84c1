"""What a caller holds of a request that runs in another thread: an iterator over its chunks, and how it ended."""

from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue

from triton_models.generation_core.events import Chunk, Ended, Event, Outcome


class Stream:
    """Iterate it once. Raises what went wrong at the place in the stream where it did. Any thread may cancel it.

    With `deliver` the events go there, as they come and in the runner's thread, and there is nothing to iterate.
    """

    def __init__(
        self, request_id: str, cancel: Callable[[str], None], deliver: Callable[[Event], None] | None = None
    ) -> None:
        self.request_id = request_id
        self._cancel = cancel
        self._events = SimpleQueue[Event]()
        self._deliver = deliver or self._events.put
        self._outcome: Outcome | None = None

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; None until the iterator has come that far."""
        return self._outcome

    def cancel(self) -> None:
        """Asks for an early end; the iterator then raises RequestCancelledError, unless it was over before."""
        self._cancel(self.request_id)

    def put(self, event: Event) -> None:
        """For the runner alone."""
        self._deliver(event)

    def next(self, timeout: float | None = None) -> Event | None:
        """The next event, or None after `timeout` seconds without one; raises nothing."""
        try:
            event = self._events.get(timeout=timeout)
        except Empty:
            return None
        if isinstance(event, Ended):
            self._outcome = event.outcome
        return event

    def __iter__(self) -> Iterator[Chunk]:
        while self._outcome is None:
            event = self.next()
            if isinstance(event, Chunk):
                yield event
            elif isinstance(event, Ended) and event.error is not None:
                raise event.error
