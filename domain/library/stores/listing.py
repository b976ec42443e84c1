"""How a wish for some of the tracks, in some order, is asked of MongoDB."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.kit.keyset import Order
from domain.library.listing import ALL_TRACKS, TrackFilter

# Which words a track has; under each word, by its age.
WORDS = "words_by_age"
# What MongoDB sorts by, and the index for it.
FIELDS: Mapping[str, tuple[str, str]] = {
    "CREATED_AT": ("created_at", "by_created_at"),
    "UPDATED_AT": ("updated_at", "by_updated_at"),
    "TITLE": ("facets.title", "by_title"),
    "DURATION": ("current.duration_seconds", "by_duration"),
}


def field_of(order: Order) -> str:
    return FIELDS[order.name.rpartition("_")[0]][0]


def order_index(order: Order) -> str:
    return FIELDS[order.name.rpartition("_")[0]][1]


def index_for(order: Order, wanted: TrackFilter, has_rare_word: bool) -> str | None:
    """The tracks with a rare word are few enough to look at all of them; common words are met soon along the order.

    MongoDB would choose by what was quick for other words. Where filters narrow a list down, it chooses well.
    """
    if has_rare_word:
        return WORDS
    return order_index(order) if _is_unfiltered(wanted) else None


def is_search_alone(wanted: TrackFilter) -> bool:
    """Words are asked for, and nothing else."""
    return bool(wanted.words) and _is_unfiltered(wanted)


def _is_unfiltered(wanted: TrackFilter) -> bool:
    return replace(wanted, text=None) == ALL_TRACKS


def beginning(word: str) -> dict[str, Any]:
    """A word of a track begins with this one: a range of the index."""
    return {"facets.words": {"$regex": f"^{word}"}}


def fitting(wanted: TrackFilter, first: dict[str, Any] | None = None) -> dict[str, Any]:
    """`first` is what to ask of its words before the others: of several ranges of an index MongoDB reads the first."""
    query: dict[str, Any] = {}
    if wanted.folded_genres is not None:
        query["facets.genre"] = {"$in": wanted.folded_genres}
    if wanted.artist is not None:
        query["artist"] = wanted.artist
    if wanted.tags:
        query["facets.tags"] = {"$all": wanted.folded_tags}
    if wanted.kinds is not None:
        query["facets.kind"] = {"$in": [kind.value for kind in wanted.kinds]}
    if wanted.key is not None:
        query["facets.key"] = wanted.key
    if words := wanted.words:
        query["$and"] = sorted((beginning(word) for word in words), key=lambda each: each != first)
    for field, least, most, end in (
        ("created_at", wanted.created_after, wanted.created_before, "$lt"),
        ("facets.bpm", wanted.min_bpm, wanted.max_bpm, "$lte"),
        ("current.duration_seconds", wanted.min_duration_seconds, wanted.max_duration_seconds, "$lte"),
    ):
        bounds = {name: value for name, value in (("$gte", least), (end, most)) if value is not None}
        if bounds:
            query[field] = bounds
    return query
