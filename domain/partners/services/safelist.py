"""What an organisation's servers may run, asked for with every call."""

from datetime import timedelta

from domain.kit.clock import Clock
from domain.kit.trust.short_trust import ShortTrust
from domain.partners.operations import RegisteredOperation
from domain.partners.stores.operations import OperationStore

# Each may hold a text of some kilobytes.
CAPACITY = 10_000


class OperationSafelist:
    """What is retired stops here at once, elsewhere when the moment of trust is over. What is new works at once."""

    def __init__(self, store: OperationStore, clock: Clock, trusted: timedelta) -> None:
        self._store = store
        self._known: ShortTrust[RegisteredOperation] = ShortTrust(clock, trusted, CAPACITY)

    async def find(self, organisation_id: str, document_id: str) -> RegisteredOperation | None:
        """By its hash, or by another id that it was registered under."""
        key = f"{organisation_id}:{document_id}"
        known = self._known.get(key)
        if known is None:
            known = next(iter(await self._store.by_names(organisation_id, [document_id])), None)
            if known is not None:
                self._known.put(key, known)
        return known

    def forget(self, organisation_id: str) -> None:
        self._known.forget_where(lambda known: known.organisation_id == organisation_id)
