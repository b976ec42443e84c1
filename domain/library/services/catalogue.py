"""A library as players of other makers ask for it: by artist and genre, by number, and by chance."""

import random
from collections.abc import Sequence
from math import ceil

from domain.kit.caller import Caller, Scope
from domain.kit.errors import ValidationFailed
from domain.kit.keyset import Order
from domain.library.facets import LOTS
from domain.library.listed import ListedTrack
from domain.library.listing import ALL_TRACKS, TrackFilter, filter_issues
from domain.library.model import Shelf
from domain.library.stores.catalogue import CatalogueStore
from domain.library.stores.library import LibraryStore
from domain.library.stores.reading import LISTED

MOST_SHELVES = 10_000
MOST_AT_ONCE = 500
# So many lots are looked into first: of a large library they have enough.
FIRST_LOTS = 16
# So many times more than are wanted are drawn from, lest those that share a lot come together again and again.
SPARE = 4


class TrackCatalogue:
    """A person sees their own tracks."""

    def __init__(self, catalogue: CatalogueStore, library: LibraryStore) -> None:
        self._catalogue = catalogue
        self._library = library

    async def artists(self, caller: Caller) -> Sequence[Shelf]:
        """By the names just as they are written."""
        return await self._catalogue.shelves(caller.require(Scope.LIBRARY), "artist", MOST_SHELVES)

    async def artist_names(self, caller: Caller) -> Sequence[str]:
        """Without counting anything, which makes it quick; some may be of tracks in the trash only."""
        return await self._catalogue.names(caller.require(Scope.LIBRARY), "artist", MOST_SHELVES)

    async def artists_named(self, caller: Caller, names: Sequence[str]) -> Sequence[Shelf]:
        """Those of them that there are."""
        return await self._catalogue.shelves(caller.require(Scope.LIBRARY), "artist", MOST_SHELVES, names)

    async def genres(self, caller: Caller) -> Sequence[Shelf]:
        return await self._catalogue.shelves(caller.require(Scope.LIBRARY), "genre", MOST_SHELVES)

    async def tracks(
        self, caller: Caller, order: Order, skip: int, size: int, wanted: TrackFilter = ALL_TRACKS
    ) -> Sequence[ListedTrack]:
        """Those behind the first `skip`, at most 500. Raises `ValidationFailed`."""
        owner_id = caller.require(Scope.LIBRARY)
        if issues := filter_issues(wanted):
            raise ValidationFailed(issues)
        if size < 1:
            return []
        skip, size = max(0, skip), min(size, MOST_AT_ONCE)
        if skip and wanted == ALL_TRACKS:
            return await self._in_order(owner_id, await self._catalogue.in_order(owner_id, order, skip, size))
        return await self._library.slice_tracks(owner_id, order, wanted, skip, size, LISTED)

    async def of_artist(self, caller: Caller, name: str, most: int) -> Sequence[ListedTrack]:
        """All tracks under this name, just as it is written; the newest first, and of more than `most` those."""
        return await self._catalogue.of_artist(caller.require(Scope.LIBRARY), name, most)

    async def by_artist(self, caller: Caller, skip: int, size: int) -> Sequence[ListedTrack]:
        """As `tracks`, in the order of the artists."""
        owner_id = caller.require(Scope.LIBRARY)
        if size < 1:
            return []
        return await self._in_order(
            owner_id, await self._catalogue.by_artist(owner_id, max(0, skip), min(size, MOST_AT_ONCE))
        )

    async def some(self, caller: Caller, size: int, wanted: TrackFilter = ALL_TRACKS) -> Sequence[ListedTrack]:
        """Others each time, at most 500, none twice. Raises `ValidationFailed`."""
        owner_id = caller.require(Scope.LIBRARY)
        if issues := filter_issues(wanted):
            raise ValidationFailed(issues)
        if size < 1:
            return []
        size = min(size, MOST_AT_ONCE)
        found = await self._drawn(owner_id, wanted, size)
        return await self._in_order(owner_id, random.sample(found, min(size, len(found))))

    async def _drawn(self, owner_id: str, wanted: TrackFilter, size: int) -> Sequence[str]:
        """Some more than are wanted, each track as likely as any other; all there are when they are fewer.

        In three queries at most: a few lots, as many as these promise to be enough, and the rest.
        """
        lots = random.sample(range(LOTS), LOTS)
        found = list(await self._catalogue.in_lots(owner_id, wanted, lots[:FIRST_LOTS]))
        seen = FIRST_LOTS
        if len(found) < SPARE * size:
            until = min(LOTS, ceil(SPARE * size * seen / len(found))) if found else LOTS
            found += await self._catalogue.in_lots(owner_id, wanted, lots[seen:until])
            seen = until
        if len(found) < size and seen < LOTS:
            found += await self._catalogue.in_lots(owner_id, wanted, lots[seen:])
        return found

    async def _in_order(self, owner_id: str, track_ids: Sequence[str]) -> Sequence[ListedTrack]:
        found = await self._library.find_as(LISTED, owner_id, track_ids)
        return [found[track_id] for track_id in dict.fromkeys(track_ids) if track_id in found]
