"""How an order of a list is asked of MongoDB."""

from typing import Any

import pymongo

from domain.kit.keyset import Order, SortedPageRequest


def sort_of(order: Order, field: str) -> list[tuple[str, int]]:
    direction = pymongo.DESCENDING if order.is_descending else pymongo.ASCENDING
    return [(field, direction), ("_id", direction)]


def behind(page: SortedPageRequest, field: str) -> dict[str, Any]:
    """What comes behind the place where the page begins: one range of the index, less its ties."""
    if page.after is None:
        return {}
    beyond, until = ("$lt", "$lte") if page.order.is_descending else ("$gt", "$gte")
    key, item = page.after.key, page.after.id
    return {"$and": [{field: {until: key}}, {"$or": [{field: {beyond: key}}, {"_id": {beyond: item}}]}]}
