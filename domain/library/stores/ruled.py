"""Tracks of one owner that a rule chooses, in an order. None of those in the trash."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.cursor import AsyncCursor

from domain.kit.keyset import Order, SortedPageRequest
from domain.kit.paging import Page
from domain.library.documents import TrackDocument
from domain.library.model import Track
from domain.library.rules import Join, Rule
from domain.library.stores.library import LIVE
from domain.library.stores.listing import field_of, order_index
from domain.library.stores.looking import RARE, Narrowing, rarest, tracks_in
from domain.library.stores.records import to_track
from domain.library.stores.rules import Filter, asked, narrowing, ruled
from domain.library.stores.sorting import behind, sort_of

# More looks at the beginning take longer than what they save.
MOST_LOOKS = 4


class RuledStore:
    """A condition that few tracks fit leads to all of them; else the list is read along its order until it is full."""

    async def page(self, owner_id: str, rule: Rule, page: SortedPageRequest, now: datetime) -> Page[Track]:
        """One query, and up to four looks at indexes."""
        beyond = behind(page, field_of(page.order))
        found = await self._finding(owner_id, rule, page.order, beyond, now, {"facets": False})
        return Page.cut([to_track(raw) for raw in await found.limit(page.first + 1).to_list()], page)

    async def ids(self, owner_id: str, rule: Rule, order: Order, most: int, now: datetime) -> Sequence[str]:
        found = await self._finding(owner_id, rule, order, {}, now, {"_id": True})
        return [raw["_id"] for raw in await found.limit(most).to_list()]

    async def _finding(
        self, owner_id: str, rule: Rule, order: Order, beyond: Filter, now: datetime, shown: dict[str, bool]
    ) -> AsyncCursor[dict[str, Any]]:
        own: Filter = {"owner_id": owner_id, **LIVE}
        parts, hint = [ruled(rule, now)], order_index(order)
        if (lead := await self._lead(owner_id, rule, now)) is not None:
            # it stands before the others, because of several ranges of an index MongoDB reads the first
            parts, hint = [lead.query, *parts], lead.index
        elif (few := await self._few(owner_id, rule, now)) is not None:
            # each has an index of its own, which MongoDB chooses
            either = [{**own, "$and": [each, *([beyond] if beyond else [])]} for each in few]
            return _tracks().find({"$or": either}, shown).sort(sort_of(order, field_of(order)))
        query = {**own, "$and": [*parts, *([beyond] if beyond else [])]}
        return _tracks().find(query, shown, hint=hint).sort(sort_of(order, field_of(order)))

    async def _lead(self, owner_id: str, rule: Rule, now: datetime) -> Narrowing | None:
        """The condition that the fewest tracks fit, of those that all have to."""
        if rule.join is not Join.ALL:
            return None
        narrow = (found for each in rule.conditions if (found := narrowing(each, now)) is not None)
        return await rarest(owner_id, islice(narrow, MOST_LOOKS))

    async def _few(self, owner_id: str, rule: Rule, now: datetime) -> Sequence[Filter] | None:
        """The conditions of which any has to hold, if few tracks fit any of them."""
        if rule.join is not Join.ANY or rule.groups or len(rule.conditions) > MOST_LOOKS:
            return None
        total, queries = 0, []
        for condition in rule.conditions:
            found = narrowing(condition, now)
            if found is None or (total := total + await tracks_in(owner_id, found)) >= RARE:
                return None
            queries.append(asked(condition, now))
        return queries


def _tracks() -> AsyncCollection[dict[str, Any]]:
    return TrackDocument.get_pymongo_collection()
