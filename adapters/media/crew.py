"""A few threads that do independent parts of the same work: encoders and transforms let go of the interpreter."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

THREADS = 4


class Crew:
    """Threads of one side of a rendition. One call at a time; `close` lets them go."""

    def __init__(self, threads: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="media")

    def run(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """The results in order, once all calls are over; then the first error, if there is one, is raised."""
        futures = [self._pool.submit(call) for call in calls]
        wait(futures)
        return [future.result() for future in futures]

    def close(self) -> None:
        self._pool.shutdown()
