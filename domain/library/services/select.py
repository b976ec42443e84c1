"""Telling which of the caller's tracks a wish means, at this moment."""

from collections.abc import Sequence

from domain.kit.caller import Caller, Scope
from domain.kit.errors import ValidationFailed
from domain.library.listing import TrackFilter, filter_issues
from domain.library.stores.selection import SelectionStore


class TrackSelection:
    """Of the library, or of the trash."""

    def __init__(self, store: SelectionStore) -> None:
        self._store = store

    async def ids(self, caller: Caller, wanted: TrackFilter, in_trash: bool, limit: int) -> Sequence[str]:
        """In the order in which they were made, no more than `limit`. Raises `ValidationFailed`."""
        owner_id = caller.require(Scope.LIBRARY)
        if issues := filter_issues(wanted):
            raise ValidationFailed(issues)
        return await self._store.ids(owner_id, wanted, in_trash, limit)
