"""What lists of players hold, in which order, and how many queries they cost."""

from domain.library.editing import TrackChanges
from domain.library.model import Track
from domain.library.services.edit import TrackEditing
from domain.library.services.trash import TrackTrash
from domain.likes.service import LikeService
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api
from tests.library.factories import add_track
from tests.library.sharers import artist, share
from tests.plays.listeners import heard
from tests.subsonic.players import Player, player, titles

LISTED = ("newest", "recent", "frequent", "starred", "alphabeticalByName", "alphabeticalByArtist", "random")


async def a_library(api: Api) -> tuple[Player, list[Track]]:
    """Four tracks of two artists, the oldest first; Wind is in the trash."""
    ada = await player(api, await api.person())
    tracks = [await add_track(api.world, ada.person.caller, title) for title in ("Rain", "Étude", "Snow", "Wind")]
    changes = TrackChanges(artist="The Zebras", genre="Chamber Pop")
    await api.world.get(TrackEditing).update(ada.person.caller, tracks[0].id, 1, changes)
    await api.world.get(TrackTrash).trash(ada.person.caller, tracks[3].id)
    return ada, tracks


async def test_albums_are_listed_in_the_orders_that_players_know(api: Api) -> None:
    ada, (rain, etude, snow, wind) = await a_library(api)
    owner = ada.person.caller.require()
    for track, times in ((rain, 1), (etude, 2), (wind, 3)):
        for _ in range(times):
            await heard(api.world, track.id, owner, owner)
    await api.world.get(LikeService).like(ada.person.caller, snow.id)

    async def listed(kind: str, **given: object) -> list[str]:
        return titles((await ada.ok("getAlbumList2", type=kind, **given))["albumList2"]["album"])

    assert await listed("newest") == ["Snow", "Étude", "Rain"]
    assert await listed("newest", size=1, offset=1) == ["Étude"]
    assert await listed("newest", size=0) == []
    assert await listed("newest", offset=3) == []
    assert await listed("alphabeticalByName") == ["Étude", "Rain", "Snow"]
    assert await listed("alphabeticalByArtist") == ["Étude", "Snow", "Rain"]
    assert await listed("recent") == ["Étude", "Rain"]
    assert await listed("recent", offset=1) == ["Rain"]
    assert await listed("frequent") == ["Étude", "Rain"]
    assert await listed("starred") == ["Snow"]
    assert await listed("byGenre", genre="chamber pop") == ["Rain"]
    assert await listed("highest") == []
    year = rain.created_at.year
    assert await listed("byYear", fromYear=year - 1, toYear=year) == ["Rain", "Étude", "Snow"]
    assert await listed("byYear", fromYear=year, toYear=year - 1) == ["Snow", "Étude", "Rain"]
    assert await listed("byYear", fromYear=1, toYear=year - 1) == []
    assert sorted(await listed("random")) == ["Rain", "Snow", "Étude"]


async def test_artists_and_genres_are_counted(api: Api) -> None:
    ada, (rain, _, snow, _) = await a_library(api)
    found = (await ada.ok("getArtists"))["artists"]
    shelves = [(each["name"], titles(each["artist"])) for each in found["index"]]
    assert shelves == [("A", ["Ada"]), ("Z", ["The Zebras"])]
    (first,), (second,) = (each["artist"] for each in found["index"])
    assert [(each["albumCount"], each["coverArt"]) for each in (first, second)] == [
        (2, f"al-{snow.id}"),
        (1, f"al-{rain.id}"),
    ]
    assert titles((await ada.ok("getArtist", id=second["id"]))["artist"]["album"]) == ["Rain"]
    genres = (await ada.ok("getGenres"))["genres"]["genre"]
    assert [(each["value"], each["songCount"]) for each in genres] == [("ambient", 2), ("Chamber Pop", 1)]
    ambient = await ada.ok("getSongsByGenre", genre="ambient", count=1, offset=1)
    assert titles(ambient["songsByGenre"]["song"]) == ["Étude"]
    assert titles((await ada.ok("getRandomSongs", genre="Chamber Pop"))["randomSongs"]["song"]) == ["Rain"]
    assert (await ada.ok("getRandomSongs", toYear=1999))["randomSongs"]["song"] == []


async def test_a_search_finds_beginnings_of_words_and_the_empty_one_everything(api: Api) -> None:
    ada, _ = await a_library(api)

    async def found(query: str, **given: object) -> tuple[list[str], list[str], list[str]]:
        result = (await ada.ok("search3", query=query, **given))["searchResult3"]
        return titles(result["artist"]), titles(result["album"]), titles(result["song"])

    assert await found("etu") == ([], ["Étude"], ["Étude"])
    assert await found("zeb") == (["The Zebras"], ["Rain"], ["Rain"])
    assert await found("...") == ([], [], [])
    everything = (["Ada", "The Zebras"], ["Étude", "Rain", "Snow"], ["Étude", "Rain", "Snow"])
    assert await found("") == everything
    assert await found('""') == everything
    assert await found("", artistOffset=1, albumCount=0, songCount=1, songOffset=2) == (["The Zebras"], [], ["Snow"])


async def test_older_players_get_folders(api: Api) -> None:
    ada, (rain, *_) = await a_library(api)
    listed = (await ada.ok("getAlbumList", type="alphabeticalByName"))["albumList"]["album"]
    assert [(each["title"], each["isDir"]) for each in listed] == [("Étude", True), ("Rain", True), ("Snow", True)]
    inside = (await ada.ok("getMusicDirectory", id=listed[1]["id"]))["directory"]
    assert (inside["name"], inside["child"][0]["id"]) == ("Rain", f"tr-{rain.id}")
    above = (await ada.ok("getMusicDirectory", id=inside["parent"]))["directory"]
    assert (above["name"], titles(above["child"])) == ("The Zebras", ["Rain"])
    assert titles((await ada.ok("search2", query="rain"))["searchResult2"]["song"]) == ["Rain"]
    assert (await ada.ok("getStarred"))["starred"] == {"artist": [], "album": [], "song": []}


async def test_what_others_have_published_is_starred_and_heard_but_stands_on_no_shelf_of_ones_own(api: Api) -> None:
    ada, bob = await artist(api), await player(api, await api.person("Bob"))
    rain = await share(api, ada, (await add_track(api.world, ada.caller, "Rain")).id)
    await bob.ok("star", albumId=f"al-{rain.id}")
    (found,) = (await bob.ok("getStarred2"))["starred2"]["song"]
    assert (found["title"], "artistId" in found) == ("Rain", False)
    assert (await bob.ok("getAlbum", id=found["albumId"]))["album"]["name"] == "Rain"
    assert (await bob.ok("getArtists"))["artists"]["index"] == []
    assert (await bob.ok("search3", query="rain"))["searchResult3"]["song"] == []


async def test_a_list_costs_as_many_queries_however_long_it_is(api: Api, commands: CommandLog) -> None:
    ada = await player(api, await api.person())
    owner = ada.person.caller.require()

    async def more(number: int) -> None:
        for _ in range(number):
            track = await add_track(api.world, ada.person.caller)
            await heard(api.world, track.id, owner, owner)
            await api.world.get(LikeService).like(ada.person.caller, track.id)

    async def cost(kind: str) -> list[str]:
        with commands.listening() as ran:
            await ada.ok("getAlbumList2", type=kind, size=500)
        return ran

    await more(2)
    await ada.ok("ping")
    few = {kind: await cost(kind) for kind in LISTED}
    await more(6)
    assert {kind: await cost(kind) for kind in LISTED} == few
    assert {kind: len(ran) for kind, ran in few.items()} == {
        **dict.fromkeys(("newest", "alphabeticalByName"), 3),
        **dict.fromkeys(("recent", "frequent", "starred", "alphabeticalByArtist"), 4),
        "random": 5,
    }
