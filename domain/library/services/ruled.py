"""Choosing tracks of a library by a rule."""

from collections.abc import Sequence

from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.keyset import Order, SortedPageRequest
from domain.kit.paging import Page
from domain.library.model import Track
from domain.library.rules import Rule
from domain.library.stores.ruled import RuledStore


class RuledTracks:
    """A person's own tracks. What only other areas know of them stands in a rule as `Among`."""

    def __init__(self, store: RuledStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def page(self, caller: Caller, rule: Rule, page: SortedPageRequest) -> Page[Track]:
        return await self._store.page(caller.require(Scope.LIBRARY), rule, page, self._clock.now())

    async def ids(self, caller: Caller, rule: Rule, order: Order, most: int) -> Sequence[str]:
        """Of the first so many."""
        return await self._store.ids(caller.require(Scope.LIBRARY), rule, order, most, self._clock.now())
