"""The port to a database transaction. The session is opaque to services and goes from store to store."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Session = Any


class Transactions(Protocol):
    """Runs work atomically. The work may run more than once, so it must not touch anything else."""

    async def run(self, work: Callable[[Session], Awaitable[T]]) -> T: ...


class DuplicateKey(Exception):
    """A unique index refused the write; the transaction left nothing behind."""
