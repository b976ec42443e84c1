"""Waiting for something that happens elsewhere."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def eventually(fact: Callable[[], bool | Awaitable[bool]], within: float = 5.0) -> None:
    """Return when `fact` holds; fail the test when it does not within so many seconds."""
    deadline = time.monotonic() + within
    while True:
        answer = fact()
        if answer if isinstance(answer, bool) else await answer:
            return
        assert time.monotonic() < deadline, f"not so within {within} s"
        await asyncio.sleep(0.02)
