"""Changes told within one process."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from adapters.change_notes import ChangeNotes
from domain.kit.changes import Hearer


class MemoryChanges(ChangeNotes):
    def __init__(self) -> None:
        super().__init__()
        self.hearers: list[Hearer] = []

    async def tell(self, owner_ids: Collection[str]) -> None:
        for hearer in self.hearers:
            for owner_id in owner_ids:
                hearer.changed(owner_id)

    @asynccontextmanager
    async def hear(self, hearer: Hearer) -> AsyncGenerator[None, None]:
        self.hearers.append(hearer)
        hearer.hearing()
        try:
            yield
        finally:
            self.hearers.remove(hearer)
            hearer.deaf()
