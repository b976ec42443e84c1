"""Several things at once: all results, or the first error with nothing left running; and clean-ups to their end."""

import asyncio

import pytest

from domain.kit import concurrency
from domain.kit.concurrency import stop, to_the_end, together


async def after(seconds: float, value: int) -> int:
    await asyncio.sleep(seconds)
    return value


async def failing() -> int:
    raise OSError("broken")


async def test_results_come_in_the_order_of_the_work() -> None:
    assert await together(after(0.02, 1), after(0.0, 2)) == [1, 2]


async def test_the_first_error_is_raised_as_it_is_and_the_others_are_stopped() -> None:
    finished: list[int] = []

    async def slow() -> int:
        await asyncio.sleep(0.05)
        finished.append(1)
        return 1

    with pytest.raises(OSError, match="broken"):
        await together(slow(), failing())
    await asyncio.sleep(0.1)
    assert finished == []


async def test_what_swallows_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "CANCEL_AGAIN_SECONDS", 0.01)
    swallowed: list[int] = []

    async def stubborn() -> None:
        while len(swallowed) < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed.append(1)
        await asyncio.sleep(60)

    async def breaks() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise OSError("on the way out")

    tasks = [asyncio.create_task(work) for work in (stubborn(), breaks(), after(0.0, 1))]
    await asyncio.sleep(0.01)
    await stop(*tasks)

    assert all(task.done() for task in tasks)
    assert tasks[0].cancelled()
    assert len(swallowed) == 2


async def test_a_clean_up_goes_to_its_end_however_often_it_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "CANCEL_AGAIN_SECONDS", 0.01)
    cleaned: list[int] = []

    async def clean() -> None:
        cleaned.append(await after(0.1, 1))

    async def works() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await to_the_end(clean())

    task = asyncio.create_task(works())
    await asyncio.sleep(0.01)
    # `stop` cancels about ten times while the clean-up goes on
    await stop(task)

    assert (task.cancelled(), cleaned) == (True, [1])


async def test_a_clean_up_gives_its_result_and_its_error() -> None:
    assert await to_the_end(after(0.0, 3)) == 3
    with pytest.raises(OSError, match="broken"):
        await to_the_end(failing())
