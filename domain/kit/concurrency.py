"""Doing several things at once without leaving any of them behind."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")

# Long enough for what a task does on its way out, which a second cancellation would break off.
CANCEL_AGAIN_SECONDS = 2.0


async def together(*work: Coroutine[Any, Any, T]) -> list[T]:
    """Results in order. When one fails, the others are stopped first and then its error is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(part) for part in work]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


async def both(one: Coroutine[Any, Any, T], other: Coroutine[Any, Any, U]) -> tuple[T, U]:
    """The same for two results of different kinds."""
    try:
        async with asyncio.TaskGroup() as group:
            first, second = group.create_task(one), group.create_task(other)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return first.result(), second.result()


async def stop(*tasks: asyncio.Future[Any]) -> None:
    """Cancels until all are done: the drivers of databases can swallow a cancellation that meets them in mid-read.

    What became of the tasks is dropped.
    """
    going = {task for task in tasks if not task.done()}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=CANCEL_AGAIN_SECONDS)
    for task in tasks:
        if not task.cancelled():
            # An error that nobody reads would be logged by the collector.
            task.exception()


async def to_the_end(work: Awaitable[T]) -> T:
    """Waits for a clean-up however often its caller is cancelled meanwhile; the cancellation goes on afterwards.

    `asyncio.shield` alone leaves the work behind when a second cancellation meets it.
    """
    task = asyncio.ensure_future(work)
    canceled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            canceled = error
    if canceled is not None:
        if not task.cancelled():
            # Its error would be logged by the collector, and cannot be raised beside the cancellation.
            task.exception()
        raise canceled
    return task.result()
