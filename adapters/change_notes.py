"""Whose things were written, kept until the transaction is over, and told within this process."""

from collections.abc import Collection
from weakref import WeakKeyDictionary

from domain.kit.changes import Hearer
from domain.kit.transactions import Session


class ChangeNotes:
    """A session that is dropped takes its notes along."""

    def __init__(self) -> None:
        self.hearers: list[Hearer] = []
        self._owners: WeakKeyDictionary[Session, set[str]] = WeakKeyDictionary()

    async def note(self, owner_id: str, session: Session = None) -> None:
        if session is None:
            await self.tell([owner_id])
        else:
            self._owners.setdefault(session, set()).add(owner_id)

    async def settled(self, session: Session) -> None:
        if owners := self._owners.pop(session, None):
            await self.tell(owners)

    async def tell(self, owner_ids: Collection[str]) -> None:
        """All who hear; never raises."""
        for hearer in self.hearers:
            for owner_id in owner_ids:
                hearer.changed(owner_id)
