"""The port by which all processes hear whose things have changed, so that none goes on telling what was."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.kit.transactions import Session


class Hearer(Protocol):
    """Who is told. Nothing here may wait or raise."""

    def hearing(self) -> None:
        """From now on, every change is told."""
        ...

    def changed(self, owner_id: str) -> None: ...

    def deaf(self) -> None:
        """Changes may go by unheard, as they do before `hearing`."""
        ...


@dataclass(frozen=True)
class Hearers:
    """Several that hear as one."""

    each: Sequence[Hearer]

    def hearing(self) -> None:
        for hearer in self.each:
            hearer.hearing()

    def changed(self, owner_id: str) -> None:
        for hearer in self.each:
            hearer.changed(owner_id)

    def deaf(self) -> None:
        for hearer in self.each:
            hearer.deaf()


class Changes(Protocol):
    """Told behind the write and before whoever wrote is answered.

    What a process fails to tell when it dies in between is never told, nor is what cannot be told because the server
    behind this is down: who remembers something must also let it go after a while.
    """

    async def note(self, owner_id: str, session: Session = None) -> None:
        """Something of this owner's was written: told at once, or when the transaction is over."""
        ...

    async def settled(self, session: Session) -> None:
        """Tells what was noted in a transaction, also in one that failed: of some, nobody knows whether they did."""
        ...

    def hear(self, hearer: Hearer) -> AbstractAsyncContextManager[None]:
        """In the block, the hearer is told. It may be told of one change more than once."""
        ...
