"""Keyset paging over lists that can be sorted in several ways: a page goes on behind a sort key and an id."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from domain.kit.errors import Issue, ValidationFailed
from domain.kit.ids import is_id
from domain.kit.paging import checked_size

Key = datetime | float | str

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
MAX_KEY = 500

_MILLISECONDS = re.compile(r"-?[0-9]{1,15}")


class KeyKind(Enum):
    """What a list is sorted by."""

    MOMENT = "moment"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True)
class Order:
    """One way to sort a list. `name` stands in its cursors, so that those of another order are known as such."""

    name: str
    kind: KeyKind
    is_descending: bool


@dataclass(frozen=True)
class Place:
    """Where an item stands in an order: its sort key, and its id where keys are the same."""

    key: Key
    id: str


@dataclass(frozen=True)
class SortedPageRequest:
    """Asks for at most `first` items that come behind the place `after`."""

    order: Order
    first: int = 20
    after: Place | None = None

    def __post_init__(self) -> None:
        checked_size(self.first)


def place_to_text(order: Order, place: Place) -> str:
    return f"{order.name}:{place.id}:{_key_to_text(place.key)}"


def place_from_text(order: Order, text: str) -> Place:
    """Raises `ValidationFailed` for a text that is no place in this order."""
    name, _, rest = text.partition(":")
    item, _, written = rest.partition(":")
    key = _key_from_text(order.kind, written) if name == order.name and is_id(item) else None
    if key is not None:
        return Place(key, item)
    if name != order.name and is_id(item):
        raise ValidationFailed([Issue("after", "'after' is a cursor of another order. Begin again without it.")])
    raise ValidationFailed([Issue("after", "'after' is not a cursor of this list.")])


def _key_to_text(key: Key) -> str:
    if isinstance(key, datetime):
        return str((key - EPOCH) // MILLISECOND)
    return repr(key) if isinstance(key, float) else key


def _key_from_text(kind: KeyKind, text: str) -> Key | None:
    if kind is KeyKind.TEXT:
        return text if len(text) <= MAX_KEY else None
    try:
        if kind is KeyKind.MOMENT:
            return EPOCH + int(text) * MILLISECOND if _MILLISECONDS.fullmatch(text) else None
        number = float(text)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
