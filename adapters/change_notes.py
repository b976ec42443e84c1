"""What was written in transactions that are not over yet."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from weakref import WeakKeyDictionary

from domain.kit.transactions import Session


class ChangeNotes(ABC):
    """A session that is dropped takes its notes along."""

    def __init__(self) -> None:
        self._owners: WeakKeyDictionary[Session, set[str]] = WeakKeyDictionary()

    async def note(self, owner_id: str, session: Session = None) -> None:
        if session is None:
            await self.tell([owner_id])
        else:
            self._owners.setdefault(session, set()).add(owner_id)

    async def settled(self, session: Session) -> None:
        if owners := self._owners.pop(session, None):
            await self.tell(owners)

    @abstractmethod
    async def tell(self, owner_ids: Collection[str]) -> None:
        """All who hear; never raises."""
