"""The port to areas that must know of every job that ends, without jobs knowing them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from domain.jobs.model import Job
from domain.kit.transactions import Session

AfterCommit = Callable[[], Awaitable[None]]


class JobObserver(Protocol):
    async def on_end(self, session: Session, job: Job) -> AfterCommit | None:
        """Writes what belongs to the end of the job in the transaction that ends it, which may run more than once.

        What it returns is called once after the commit; a crash in between may lose that call, so it is a hint.
        """
        ...


class JobObservers:
    """Those who observe; areas that are built after jobs add theirs."""

    def __init__(self) -> None:
        self._observers: list[JobObserver] = []

    def add(self, observer: JobObserver) -> None:
        self._observers.append(observer)

    async def on_end(self, session: Session, job: Job) -> Sequence[AfterCommit]:
        """What is to be done after the commit. An observer that fails keeps the job from ending."""
        found = [await observer.on_end(session, job) for observer in self._observers]
        return [after for after in found if after is not None]
