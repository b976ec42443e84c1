"""Searches by the age and the titles of tracks: what they find, in which order, and how many tracks are read for it."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.kit.keyset import SortedPageRequest
from domain.library.listing import ORDERS, TrackFilter, TrackSort, place_of
from domain.library.model import Track
from domain.library.service import LibraryService
from domain.library.services.catalogue import TrackCatalogue
from domain.library.services.trash import TrackTrash
from domain.library.stores.records import track_record
from tests.graphql.harness import Api, Person
from tests.library.factories import a_track

CROWD = 400
IN_ORDER = (TrackSort.CREATED_AT_DESC, TrackSort.CREATED_AT_ASC, TrackSort.TITLE_ASC, TrackSort.TITLE_DESC)
WORDS = ("love", "loved", "lovely", "rain", "rainy", "sun", "me")


async def a_crowd(api: Api, person: Person, moments: int) -> list[Track]:
    """Tracks with some of seven words each, in so many milliseconds, with so many numbers; a tenth is in the trash."""
    chance, now = random.Random(7), api.world.clock.now()
    made = []
    for number in range(CROWD):
        words = " ".join(chance.sample(WORDS, chance.randint(1, 4)))
        track = a_track(api.world, person.caller, f"{words} {number % moments}")
        made.append(replace(track, created_at=now + timedelta(milliseconds=chance.randrange(moments))))
    rows = [track_record(track).model_dump(exclude={"revision_id"}) for track in made]
    stored = [{"_id": row.pop("id"), **row} for row in rows]
    await api.world.client[api.world.database]["tracks"].insert_many(stored)
    for track in made[::10]:
        await api.world.get(TrackTrash).trash(person.caller, track.id)
    return [track for number, track in enumerate(made) if number % 10]


def expected(shelf: Sequence[Track], text: str, sort: TrackSort) -> list[str]:
    def fits(track: Track) -> bool:
        return all(any(own.startswith(word) for own in track.title.split()) for word in text.split())

    def place(track: Track) -> tuple[object, str]:
        return (track.title if sort in (TrackSort.TITLE_ASC, TrackSort.TITLE_DESC) else track.created_at), track.id

    found = sorted((track for track in shelf if fits(track)), key=place, reverse=sort.value.endswith("_DESC"))
    return [track.id for track in found]


@pytest.mark.parametrize("moments", [10**9, 50])
async def test_a_search_finds_all_in_order(api: Api, subtests: pytest.Subtests, moments: int) -> None:
    # given a shelf, with and without many tracks of the same time or title, and somebody else's
    ada = await api.person()
    shelf = await a_crowd(api, ada, moments)
    await a_crowd(api, await api.person("Bob"), moments)
    library, catalogue = api.world.get(LibraryService), api.world.get(TrackCatalogue)
    for text in ("love", "lov rain", "me sun", "l r", "rainy loved love", "sun s", "lovelyx me", "me m"):
        for sort in IN_ORDER:
            wanted, fits = TrackFilter(text=text), expected(shelf, text, sort)
            with subtests.test(text=text, sort=sort.value):
                # when it is walked by cursors and by numbers, then everything comes once
                walked: list[str] = []
                page = await library.tracks(ada.caller, SortedPageRequest(ORDERS[sort], 7), wanted)
                while page.items:
                    walked += [track.id for track in page.items]
                    after = place_of(ORDERS[sort], page.items[-1])
                    page = await library.tracks(ada.caller, SortedPageRequest(ORDERS[sort], 7, after), wanted)
                counted = [
                    track.id
                    for skip in range(0, CROWD, 30)
                    for track in await catalogue.tracks(ada.caller, ORDERS[sort], skip, 30, wanted)
                ]
                assert (walked, counted) == (fits, fits)


async def looked(api: Api, person: Person, text: str, sort: TrackSort) -> tuple[int, list[dict[str, Any]]]:
    """How many are found on a page of ten, and what MongoDB did."""
    database = api.world.client[api.world.database]
    await database.command("profile", 2)
    page = SortedPageRequest(ORDERS[sort], 10)
    found = await api.world.get(LibraryService).tracks(person.caller, page, TrackFilter(text=text))
    await database.command("profile", 0)
    seen = await database["system.profile"].find({"ns": f"{database.name}.tracks"}).to_list()
    await database.drop_collection("system.profile")
    return len(found.items), seen


# titles begin with some of the words, so by title those with other words stand together, and it takes more
@pytest.mark.parametrize(
    ("sort", "most"), [(TrackSort.CREATED_AT_DESC, (20, 40, 80)), (TrackSort.TITLE_ASC, (20, 60, 120))]
)
async def test_the_rarest_word_is_read_until_the_page_is_full(api: Api, sort: TrackSort, most: tuple[int, ...]) -> None:
    # given words that hundreds of tracks have, of which one in three has the others
    ada = await api.person()
    await a_crowd(api, ada, 10**9)
    for text, read in zip(("love", "rain love", "sun rain lovel"), most, strict=True):
        # when they are searched
        shown, seen = await looked(api, ada, text, sort)
        # then as many tracks are read as it takes, those of one word only, and nothing is sorted
        assert shown == 10
        assert sum(each["docsExamined"] for each in seen) <= read
        assert not any("hasSortStage" in each for each in seen)
    # and words that nothing has are not read at all
    shown, seen = await looked(api, ada, "snowman rain", sort)
    assert (shown, sum(each["docsExamined"] for each in seen)) == (0, 0)
