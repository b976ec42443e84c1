"""What is told again without reading it: artists and genres as a whole, and where pages by number ended."""

import random
from typing import Any

import pytest

from domain.library.places import MOST_OWNERS, MOST_PLACES, ListPlaces, Places
from domain.library.services.trash import TrackTrash
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api
from tests.library.factories import add_track
from tests.subsonic.players import Player, player

COUNT = 60


@pytest.fixture
async def ada(api: Api) -> Player:
    found = await player(api, await api.person())
    for number in range(COUNT):
        await add_track(api.world, found.person.caller, f"Song {number:02}")
    return found


@pytest.mark.parametrize("endpoint", ["getArtists", "getIndexes", "getGenres"])
async def test_what_is_known_whole_is_read_once(ada: Player, commands: CommandLog, endpoint: str) -> None:
    # given somebody who has asked, in both forms
    before, written = await ada.ok(endpoint), (await ada.get(endpoint, f="xml")).text
    # when they ask again, then they are told the same and no track is read
    with commands.listening() as sent:
        assert (await ada.ok(endpoint), (await ada.get(endpoint, f="xml")).text) == (before, written)
    assert [each for each in sent if each.endswith(" tracks")] == []
    # and what somebody else has is another matter
    bob = await player(ada.api, await ada.api.person("Bob"))
    assert await bob.ok(endpoint) != before
    # when something changes, then they are told what there is now
    await add_track(ada.api.world, ada.person.caller)
    assert await ada.ok(endpoint) != before


async def test_a_key_without_the_scope_is_told_nothing(ada: Player) -> None:
    await ada.ok("getArtists")
    assert await Player(ada.api, ada.person, "nobody's").code("getArtists") == 44


async def passed_over(ada: Player, kind: str, offset: int) -> tuple[list[str], int]:
    """The page, and how many entries of the index were looked at for it."""
    world = ada.api.world
    database = world.client[world.database]
    await database.command("profile", 2)
    found = await ada.ok("getAlbumList2", type=kind, size=5, offset=offset)
    await database.command("profile", 0)
    seen = await database["system.profile"].find({"ns": f"{database.name}.tracks", "op": "query"}).to_list()
    await database.drop_collection("system.profile")
    (listed,) = [each for each in seen if "hint" in each["command"]]
    return [each["name"] for each in found["albumList2"]["album"]], listed["keysExamined"]


@pytest.mark.parametrize(("kind", "newest_first"), [("newest", True), ("alphabeticalByName", False)])
async def test_pages_are_counted_from_the_nearest_that_is_known(ada: Player, kind: str, newest_first: bool) -> None:
    names = sorted((f"Song {number:02}" for number in range(COUNT)), reverse=newest_first)
    # given a far page, which is counted from the beginning
    page, entries = await passed_over(ada, kind, 40)
    assert (page, entries >= 45) == (names[40:45], True)
    # when those behind it are asked for, then they are counted from its end
    for offset, most in ((45, 8), (47, 8), (55, 10)):
        page, entries = await passed_over(ada, kind, offset)
        assert (page, entries <= most) == (names[offset : offset + 5], True)
    # when something goes, then they are counted from the beginning again
    gone = next(each for each in await ada.api.world.documents("tracks") if each["title"] == names[3])
    await ada.api.world.get(TrackTrash).trash(ada.person.caller, gone["_id"])
    page, entries = await passed_over(ada, kind, 45)
    assert (page, entries >= 45) == (names[46:51], True)


async def test_pages_from_anywhere_are_right(ada: Player) -> None:
    chance = random.Random(3)
    names = [f"Song {number:02}" for number in range(COUNT)]
    for _ in range(40):
        skip, size = chance.randrange(COUNT + 5), chance.randint(1, 30)
        for kind, listed in (("newest", names[::-1]), ("alphabeticalByName", names)):
            found = await ada.ok("getAlbumList2", type=kind, size=size, offset=skip)
            albums: list[Any] = found["albumList2"].get("album", [])
            assert [each["name"] for each in albums] == listed[skip : skip + size]


async def test_albums_and_songs_of_a_search_are_read_once(ada: Player, commands: CommandLog) -> None:
    async def titles(**given: Any) -> tuple[list[str], list[str], int]:
        with commands.listening() as sent:
            found = (await ada.ok("search3", query="", artistCount=0, **given))["searchResult3"]
        lists = [[each["name" if kind == "album" else "title"] for each in found[kind]] for kind in ("album", "song")]
        return lists[0], lists[1], sent.count("find tracks")

    names = [f"Song {number:02}" for number in range(COUNT)]
    assert await titles(albumCount=3, songCount=5) == (names[:3], names[:5], 1)
    assert await titles(albumCount=0, songCount=2, songOffset=1) == ([], names[1:3], 2)
    assert await titles(albumCount=2, songCount=2, songOffset=1) == (names[:2], names[1:3], 3)


def test_places_are_the_nearest_before() -> None:
    places = Places()
    assert places.before(10) == (0, None)
    for count in (30, 10, 20, 10):
        places.put(count, {"_id": str(count)})
    assert [places.before(skip)[0] for skip in (9, 10, 19, 20, 99)] == [0, 10, 10, 20, 30]
    # and there are never too many
    for count in range(100, 100 + MOST_PLACES):
        places.put(count, {})
    assert places.before(10) == (0, None)
    assert places.before(10**6)[0] == 99 + MOST_PLACES


def test_places_are_kept_while_changes_are_heard() -> None:
    lists = ListPlaces()

    def known(owner: str) -> bool:
        return lists.of(owner, "TITLE_ASC").before(5)[0] == 5

    def keep(owner: str) -> None:
        lists.of(owner, "TITLE_ASC").put(5, {})

    keep("ada")
    assert not known("ada")
    lists.hearing()
    keep("ada")
    assert (known("ada"), known("bob"), lists.of("ada", "TITLE_DESC").before(5)[0]) == (True, False, 0)
    # what was read before a change is put where nobody finds it
    taken = lists.of("ada", "TITLE_ASC")
    lists.changed("ada")
    taken.put(5, {})
    assert not known("ada")
    keep("ada")
    for number in range(MOST_OWNERS):
        lists.of(f"owner {number}", "TITLE_ASC")
    assert not known("ada")
    keep("ada")
    lists.deaf()
    assert not known("ada")
