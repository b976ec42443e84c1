"""Whose turn it is in the renderer."""

import threading
from collections.abc import Iterator

import pytest

from triton_models.renderer.turns import STEP_SECONDS, Turns, TurnsFullError

PATIENCE = 10.0


class OneThread:
    """Turns with one thread that is kept busy until `served`, and a clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.done: list[str] = []
        self._served = threading.Semaphore(0)
        self._free = threading.Event()
        self.turns = Turns(1, most_waiting=4, name="test", clock=lambda: self.now)
        begun = threading.Event()

        def keep_busy() -> None:
            begun.set()
            self._free.wait(PATIENCE)

        self.turns.submit(keep_busy, 0)
        assert begun.wait(PATIENCE)

    def ask(self, name: str, priority: int) -> None:
        def work() -> None:
            self.done.append(name)
            self._served.release()

        self.turns.submit(work, priority)

    def let_go(self) -> None:
        self._free.set()

    def served(self, count: int) -> list[str]:
        """Lets the thread go on; returns what was done when this much was."""
        self.let_go()
        for _ in range(count):
            assert self._served.acquire(timeout=PATIENCE)
        return self.done


@pytest.fixture
def busy() -> Iterator[OneThread]:
    made = OneThread()
    yield made
    made.let_go()
    made.turns.close()


def test_who_pays_is_served_first_and_equals_in_their_order(busy: OneThread) -> None:
    busy.ask("usual", 1)
    busy.ask("first", 0)
    busy.ask("second", 0)
    assert busy.served(3) == ["first", "second", "usual"]


def test_whoever_has_waited_long_enough_is_not_overtaken(busy: OneThread) -> None:
    busy.ask("old", 2)
    busy.now += 2 * STEP_SECONDS + 1
    busy.ask("new", 0)
    assert busy.served(2) == ["old", "new"]


def test_no_more_wait_than_may_wait(busy: OneThread) -> None:
    for number in range(4):
        busy.ask(str(number), 1)
    with pytest.raises(TurnsFullError):
        busy.ask("one too many", 0)


def test_what_has_not_begun_is_handed_back_at_the_end(busy: OneThread) -> None:
    busy.ask("later", 1)
    busy.ask("sooner", 0)
    busy.let_go()
    # the thread may have begun one of them before it saw the end
    left = busy.turns.close()
    for work in left:
        work()
    assert busy.done == ["sooner", "later"]


def test_work_runs_in_parallel() -> None:
    turns = Turns(2, most_waiting=4, name="test")
    meeting = threading.Barrier(2, timeout=PATIENCE)
    met = threading.Semaphore(0)

    def meet() -> None:
        meeting.wait()
        met.release()

    turns.submit(meet, 1)
    turns.submit(meet, 1)
    assert met.acquire(timeout=PATIENCE)
    assert met.acquire(timeout=PATIENCE)
    turns.close()
