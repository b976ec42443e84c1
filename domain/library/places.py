"""Where pages of lists ended that are asked for by number, so that the next one is not counted from the beginning.

Kept in the process until something of the owner's changes. Where a change is never told, as by a process that died,
pages begin some tracks too early or too late, as they do for whoever pages by number while tracks come and go.
"""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

Entry = Mapping[str, Any]

MOST_PLACES = 64
MOST_OWNERS = 2_000


class Places:
    """Of one list: an entry of its index, by how many there are up to it."""

    def __init__(self) -> None:
        self._counts: list[int] = []
        self._entries: list[Entry] = []

    def before(self, skip: int) -> tuple[int, Entry | None]:
        """The last one that is known of the first `skip`; 0 and None where none is."""
        at = bisect_right(self._counts, skip) - 1
        return (self._counts[at], self._entries[at]) if at >= 0 else (0, None)

    def put(self, count: int, entry: Entry) -> None:
        """Begins anew when there are too many: a new one is found from near those that were used last."""
        at = bisect_left(self._counts, count)
        if at < len(self._counts) and self._counts[at] == count:
            return
        if len(self._counts) >= MOST_PLACES:
            self._counts, self._entries, at = [], [], 0
        self._counts.insert(at, count)
        self._entries.insert(at, entry)


class ListPlaces:
    """Of one process; fits `domain.kit.changes.Hearer`. Keeps nothing while it does not hear of changes."""

    def __init__(self) -> None:
        self._lists: OrderedDict[str, dict[str, Places]] = OrderedDict()
        self._hears = False

    def of(self, owner_id: str, name: str) -> Places:
        """To be taken before anything is read: after a change nobody finds it any more."""
        if not self._hears:
            return Places()
        lists = self._lists.setdefault(owner_id, {})
        self._lists.move_to_end(owner_id)
        if len(self._lists) > MOST_OWNERS:
            self._lists.popitem(last=False)
        return lists.setdefault(name, Places())

    def hearing(self) -> None:
        self._hears = True

    def changed(self, owner_id: str) -> None:
        self._lists.pop(owner_id, None)

    def deaf(self) -> None:
        self._hears = False
        self._lists.clear()
