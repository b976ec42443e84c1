"""Changes told within one process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from adapters.change_notes import ChangeNotes
from domain.kit.changes import Hearer


class MemoryChanges(ChangeNotes):
    @asynccontextmanager
    async def hear(self, hearer: Hearer) -> AsyncGenerator[None, None]:
        self.hearers.append(hearer)
        hearer.hearing()
        try:
            yield
        finally:
            self.hearers.remove(hearer)
            hearer.deaf()
