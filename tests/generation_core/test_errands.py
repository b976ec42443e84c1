"""Calls in their order by one thread, which survives what they raise."""

import threading

import pytest

from triton_models.generation_core.errands import Errands

PATIENCE = 30.0


def test_calls_are_done_in_order_and_those_before_the_end_are_done(capsys: pytest.CaptureFixture[str]) -> None:
    done: list[int] = []

    def break_off() -> None:
        raise RuntimeError("a listener broke")

    errands = Errands("test", lambda: None, lambda: False)
    errands.put(lambda: done.append(1))
    errands.put(break_off)
    errands.put(lambda: done.append(2))
    errands.close()

    assert done == [1, 2]
    assert "a listener broke" in capsys.readouterr().err


def test_it_looks_around_while_it_is_busy_and_only_then() -> None:
    busy, looked = threading.Event(), threading.Event()
    looks: list[bool] = []

    def look() -> None:
        looks.append(busy.is_set())
        if len(looks) == 3:
            looked.set()

    errands = Errands("test", look, busy.is_set)
    busy.set()
    errands.put(lambda: None)
    assert looked.wait(PATIENCE)
    busy.clear()
    errands.close()

    assert all(looks[:3])
