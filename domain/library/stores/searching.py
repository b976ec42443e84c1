"""Searching by age or title: tracks with one word are read in that order until enough have the others, too."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pymongo
from bson.max_key import MaxKey
from bson.min_key import MinKey

from domain.kit.keyset import Order
from domain.library.documents import TrackDocument
from domain.library.facets import title_key
from domain.library.stores.listing import WORDS, beginning, field_of
from domain.library.stores.looking import Narrowing, rarest

Raw = dict[str, Any]

AGE = "created_at"
# In which index the tracks with a word stand in this order, and what each of them is sorted by.
ORDERED: Mapping[str, tuple[str, Callable[[Raw], Any]]] = {
    AGE: (WORDS, lambda raw: raw[AGE]),
    "facets.title": ("words_by_title", lambda raw: title_key(raw["title"])),
}
# What more tracks have is common. Of two common words it makes little difference which is read.
COMMON = 2_000
# With a shorter beginning that is no word, more words begin than can be read side by side.
SHORTEST = 4
MOST_FORMS = 16


def is_in_order(order: Order) -> bool:
    """Whether an index has the tracks with a word in this order."""
    return field_of(order) in ORDERED


async def along_order(
    owner_id: str,
    order: Order,
    words: Sequence[str],
    conditions: Raw,
    skip: int,
    limit: int,
    sent: Mapping[str, bool],
) -> list[Raw] | None:
    """The live tracks that have words beginning with all of these and fit the conditions, in such an order.

    None where they cannot be read so: where too many words begin with the rarest, or where a page begins or ends among
    tracks of the same millisecond or title. The index does not say in which order these are.
    """
    lead = await _lead(owner_id, words)
    if lead is None:
        return None
    word, forms = lead
    others = [_has(each) for each in words if each != word]
    query = {"owner_id": owner_id, "$and": [{"facets.words": {"$in": list(forms)}}, *others, conditions]}
    # one more at either end, to see whether it is of the same time
    before, after = min(skip, 1), 1
    direction = pymongo.DESCENDING if order.is_descending else pymongo.ASCENDING
    field = field_of(order)
    index, key = ORDERED[field]
    found = _tracks().find(query, sent, hint=index).sort(field, direction).skip(skip - before)
    most = before + limit + after
    rows = await found.limit(most).batch_size(most).to_list()
    ends = ([rows[:2]] if before else []) + ([rows[-2:]] if len(rows) == most else [])
    if any(len(end) == 2 and key(end[0]) == key(end[1]) for end in ends):
        return None
    shown = rows[before : before + limit]
    return sorted(shown, key=lambda raw: (key(raw), raw["_id"]), reverse=order.is_descending)


async def _lead(owner_id: str, words: Sequence[str]) -> tuple[str, Sequence[str]] | None:
    """The word that the fewest tracks have, and all words of tracks that begin with it."""
    word = words[0]
    if len(words) > 1:
        looks = {each: Narrowing(WORDS, beginning(each)) for each in words}
        found = await rarest(owner_id, looks.values(), COMMON)
        word = next((each for each, look in looks.items() if look is found), word)
    forms = await _forms(owner_id, word)
    return None if forms is None else (word, forms)


async def _forms(owner_id: str, word: str) -> Sequence[str] | None:
    """The words that begin with it, from the index alone, a jump for each; None when there are too many."""
    found: list[str] = []
    begin, end = _entry(owner_id, word, MinKey()), _entry(owner_id, f"{word}\U0010ffff", MaxKey())
    while len(found) <= MOST_FORMS:
        entries = _tracks().find({}, hint=WORDS, return_key=True).min(begin).max(end).limit(1)
        keys = await entries.to_list()
        if not keys:
            return found
        found.append(keys[0]["facets.words"])
        if len(word) < SHORTEST and found[0] != word:
            return None
        begin = _entry(owner_id, found[-1], MaxKey())
    return None


def _entry(owner_id: str, word: str, at: MinKey | MaxKey) -> list[tuple[str, Any]]:
    return [("owner_id", owner_id), ("facets.words", word), (AGE, at)]


def _has(word: str) -> Raw:
    """As `beginning`, but in a form that MongoDB takes for no range of an index: it would choose it for the lead."""
    return {"$nor": [{"facets.words": {"$not": beginning(word)["facets.words"]}}]}


def _tracks() -> Any:
    return TrackDocument.get_pymongo_collection()
