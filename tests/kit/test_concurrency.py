"""Several things at once: all results, or the first error with nothing left running."""

import asyncio

import pytest

from domain.kit.concurrency import together


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
