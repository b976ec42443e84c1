"""How MongoDB looks for what players ask: of a whole library, no tracks are read but those that are shown."""

from typing import Any

import pytest

from domain.library.facets import LOTS, lot_of
from domain.library.services.catalogue import TrackCatalogue
from domain.library.services.trash import TrackTrash
from domain.library.stores.records import track_record
from tests.graphql.harness import Api
from tests.library.factories import a_track
from tests.subsonic.players import Player, player

CROWD = 60


@pytest.fixture
async def ada(api: Api) -> Player:
    """Somebody with 60 tracks by three artists, in two genres; the last of them is in the trash."""
    found = await player(api, await api.person())
    rows = []
    for number in range(CROWD):
        track = a_track(api.world, found.person.caller, f"Song {number:02}")
        row = track_record(track).model_dump(exclude={"revision_id"})
        genre = "jazz" if number % 4 == 0 else "folk"
        row |= {"artist": f"Artist {number % 3}", "genre": genre, "facets": {**row["facets"], "genre": genre}}
        rows.append({"_id": row.pop("id"), **row})
    await api.world.client[api.world.database]["tracks"].insert_many(rows)
    await api.world.get(TrackTrash).trash(found.person.caller, rows[-1]["_id"])
    return found


async def looked(ada: Player, endpoint: str, **given: Any) -> tuple[Any, int]:
    """What is told, and how many tracks were read for it."""
    world = ada.api.world
    database = world.client[world.database]
    await database.command("profile", 2)
    reply = await ada.ok(endpoint, **given)
    await database.command("profile", 0)
    seen = await database["system.profile"].find({"ns": f"{database.name}.tracks"}).to_list()
    await database.drop_collection("system.profile")
    told = next(each for each in reply.values() if isinstance(each, dict))
    return told if endpoint == "getArtist" else next(iter(told.values())), sum(each["docsExamined"] for each in seen)


@pytest.mark.parametrize(
    ("kind", "first"),
    [("newest", "Song 28"), ("alphabeticalByName", "Song 30"), ("alphabeticalByArtist", "Song 43")],
)
async def test_what_lies_before_a_page_is_not_read(ada: Player, kind: str, first: str) -> None:
    told, read = await looked(ada, "getAlbumList2", type=kind, size=10, offset=30)
    assert (told[0]["name"], len(told), read) == (first, 10, 10)


@pytest.mark.parametrize("kind", ["newest", "alphabeticalByName", "alphabeticalByArtist"])
async def test_pages_by_number_hold_everything_once(ada: Player, kind: str) -> None:
    async def names(skip: int, size: int) -> list[str]:
        found = await ada.ok("getAlbumList2", type=kind, size=size, offset=skip)
        return [each["name"] for each in found["albumList2"]["album"]]

    pages = [name for skip in range(0, CROWD, 7) for name in await names(skip, 7)]
    assert pages == await names(0, 500)
    assert sorted(pages) == [f"Song {number:02}" for number in range(CROWD - 1)]


@pytest.mark.parametrize(
    ("wanted", "there"), [({}, 59), ({"genre": "Jazz"}, 15), ({"toYear": 1999}, 0), ({"fromYear": 2000}, 59)]
)
async def test_a_draw_reads_what_it_draws(ada: Player, wanted: dict[str, Any], there: int) -> None:
    told, read = await looked(ada, "getRandomSongs", size=5, **wanted)
    assert (len({each["id"] for each in told}), read) == (min(5, there), min(5, there))
    every, _ = await looked(ada, "getRandomSongs", size=500, **wanted)
    assert len(every) == len({each["id"] for each in every}) == there


async def test_a_draw_brings_others_each_time(ada: Player) -> None:
    draws = [(await ada.ok("getRandomSongs", size=20))["randomSongs"]["song"] for _ in range(8)]
    assert len({tuple(each["title"] for each in draw) for draw in draws}) == 8
    # each track comes with a chance of a third, so all but a few have come by then
    assert len({each["title"] for draw in draws for each in draw}) > 40


async def test_an_artist_is_read_alone(ada: Player) -> None:
    artists = (await ada.ok("getArtists"))["artists"]["index"][0]["artist"]
    assert [each["albumCount"] for each in artists] == [20, 20, 19]
    told, read = await looked(ada, "getArtist", id=artists[2]["id"])
    assert [each["name"] for each in told["album"]] == [f"Song {number:02}" for number in range(56, -1, -3)]
    assert read == 19


async def test_of_an_artist_with_many_albums_the_newest_are_read(ada: Player) -> None:
    world = ada.api.world
    database = world.client[world.database]
    await database.command("profile", 2)
    found = await world.get(TrackCatalogue).of_artist(ada.person.caller, "Artist 1", 5)
    await database.command("profile", 0)
    (seen,) = await database["system.profile"].find({"ns": f"{database.name}.tracks"}).to_list()
    assert [track.title for track in found] == [f"Song {number:02}" for number in (58, 55, 52, 49, 46)]
    assert (seen["docsExamined"], "hasSortStage" in seen) == (5, False)


def test_lots_are_equal() -> None:
    drawn = [lot_of(f"track {number}") for number in range(LOTS * 20)]
    assert {min(drawn), max(drawn)} == {0, LOTS - 1}
    assert max(drawn.count(lot) for lot in set(drawn)) < 60
