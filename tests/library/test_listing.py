"""Lists of a library, in every order and by every filter, through the public API."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from strawberry.relay.utils import from_base64, to_base64

from domain.library.listing import ORDERS
from domain.library.model import Analysis, Track, VersionKind
from domain.library.services.edit import TrackEditing
from domain.library.services.index import TrackIndexing
from domain.library.services.trash import TrackTrash
from domain.library.stores.looking import RARE
from domain.library.stores.records import track_record
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api, Person
from tests.library.factories import a_track, add_track, put_track
from tests.library.test_graphql import issue

TRACKS = """query($filter: TrackFilter, $sort: TrackSort, $first: Int! = 20, $after: String) {
  tracks(filter: $filter, sort: $sort, first: $first, after: $after) {
    edges { cursor node { title currentVersion { id } } } pageInfo { hasNextPage endCursor }
  }
}"""
COUNT = 23


async def titles(person: Person, **variables: Any) -> list[str]:
    edges = (await person.client.data(TRACKS, **variables))["tracks"]["edges"]
    return [edge["node"]["title"] for edge in edges]


async def walked(person: Person, first: int, **variables: Any) -> list[str]:
    """All titles, page by page."""
    found: list[str] = []
    after, more = None, True
    while more:
        page = (await person.client.data(TRACKS, first=first, after=after, **variables))["tracks"]
        found += [edge["node"]["title"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return found


async def a_shelf(api: Api, person: Person) -> list[Track]:
    """Tracks of which many share a sort key, written in no order."""
    chance, now = random.Random(1), api.world.clock.now()
    made = []
    for number in range(COUNT):
        track = a_track(api.world, person.caller, chance.choice(["Éa", "eb", "EC", "zz"]) + f" {number % 5}")
        moment = now + timedelta(seconds=chance.randrange(4))
        facts = replace(track.current, duration_seconds=chance.choice([5.0, 0.1 + 0.2, 60.0]))
        made.append(replace(track, current=facts, created_at=moment, changed_at=moment + timedelta(days=number % 3)))
    return [await put_track(api.world, track) for track in made]


def plain(title: str) -> str:
    return title.lower().replace("é", "e")


KEYS: dict[str, Callable[[Track], Any]] = {
    "CREATED_AT": lambda track: track.created_at,
    "UPDATED_AT": lambda track: track.updated_at,
    "TITLE": lambda track: plain(track.title),
    "DURATION": lambda track: track.current.duration_seconds,
}


async def test_every_order_is_walked_without_gap_or_repetition(api: Api, subtests: pytest.Subtests) -> None:
    # given a shelf, and somebody else's
    ada, bob = await api.person(), await api.person("Bob")
    shelf = await a_shelf(api, ada)
    await a_shelf(api, bob)
    for sort in ORDERS:
        key = KEYS[sort.value.rpartition("_")[0]]
        expected = sorted(shelf, key=lambda track: (key(track), track.id), reverse=sort.value.endswith("DESC"))
        for first in (1, 4, 22, 23, 100):
            with subtests.test(sort=sort.value, first=first):
                # when it is walked, then it comes in this order
                assert await walked(ada, first, sort=sort.value) == [track.title for track in expected]


async def test_a_walk_is_not_disturbed_by_what_comes_and_goes(api: Api) -> None:
    # given somebody who has read a page, by title
    ada = await api.person()
    shelf = {name: await add_track(api.world, ada.caller, name) for name in "bdfhjl"}
    page = (await ada.client.data(TRACKS, first=3, sort="TITLE_ASC"))["tracks"]
    # when tracks come before and behind that place, the one at it goes, and another gets a new name
    for name in ("a", "g"):
        await add_track(api.world, ada.caller, name)
    await api.world.get(TrackTrash).trash(ada.caller, shelf["f"].id)
    update = """mutation($input: UpdateTrackInput!) { updateTrack(input: $input) { __typename } }"""
    given = {"trackId": to_base64("Track", shelf["j"].id), "expectedRevision": 1, "title": "K"}
    await ada.client.data(update, input=given)
    # then the walk goes on behind it, in the order of now
    assert await titles(ada, sort="TITLE_ASC", after=page["pageInfo"]["endCursor"]) == ["g", "h", "K", "l"]


async def test_a_cursor_of_another_order_is_refused(api: Api) -> None:
    ada = await api.person()
    await add_track(api.world, ada.caller)
    page = (await ada.client.data(TRACKS, sort="TITLE_ASC"))["tracks"]
    told = await ada.client.error(TRACKS, sort="TITLE_DESC", after=page["edges"][0]["cursor"])
    assert told == issue("after", "'after' is a cursor of another order. Begin again without it.")
    position = from_base64(page["edges"][0]["cursor"])[1]
    for changed in (position.replace(":", ";"), position[: len("TITLE_ASC:") + 5], position.replace("0", "o")):
        told = await ada.client.error(TRACKS, sort="TITLE_ASC", after=to_base64("cursor", changed))
        assert told == issue("after", "'after' is not a cursor of this list.")


async def filtered(api: Api, person: Person) -> None:
    """Four tracks that differ in everything that can be asked for."""
    analysis = Analysis(-14.0, 5.0, -1.0, 128.0, 1.0, "G major", 0.9)
    base = a_track(api.world, person.caller)
    facts = base.current
    upload = replace(facts.origin, kind=VersionKind.UPLOADED)
    wishes: list[dict[str, Any]] = [
        {"title": "Rain", "genre": "Ambient", "tags": ("Wet", "Für Ada"), "description": "Drops on a tin roof."},
        {"title": "Snow", "genre": "ambient", "tags": ("cold",), "artist": "Björk's Friends"},
        {"title": "Storm", "genre": "Techno", "tags": ("wet", "loud")},
        {"title": "Song", "genre": "", "tags": ()},
    ]
    current: list[dict[str, Any]] = [
        {"bpm": 60.0, "key": "A minor", "duration_seconds": 30.0},
        {"bpm": 90.0, "key": "Db major", "duration_seconds": 60.0},
        {"bpm": None, "key": None, "duration_seconds": 90.0, "analysis": analysis, "origin": upload},
        {"bpm": 120.5, "key": "C# major", "duration_seconds": 120.0},
    ]
    for number, (said, made) in enumerate(zip(wishes, current, strict=True)):
        fresh = a_track(api.world, person.caller)
        origin = made.pop("origin", facts.origin)
        made["origin"] = replace(origin, job_id=fresh.current.origin.job_id)
        moment = base.created_at + timedelta(hours=number)
        await put_track(api.world, replace(fresh, **said, created_at=moment, current=replace(fresh.current, **made)))


async def test_filters_find_what_fits_all_of_them(api: Api, subtests: pytest.Subtests) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    await filtered(api, ada)
    await filtered(api, bob)
    (first, *_) = sorted(track["created_at"] for track in await api.world.documents("tracks"))
    second = (first + timedelta(hours=1)).isoformat()
    expected: list[tuple[dict[str, Any], str]] = [
        ({}, "Rain Snow Storm Song"),
        ({"genres": ["AMBIENT"]}, "Rain Snow"),
        ({"genres": ["ambient", "techno"]}, "Rain Snow Storm"),
        ({"genres": [""]}, "Song"),
        ({"genres": []}, ""),
        ({"tags": ["WET"]}, "Rain Storm"),
        ({"tags": ["wet", "fur ada"]}, "Rain"),
        ({"tags": ["we"]}, ""),
        ({"tags": []}, "Rain Snow Storm Song"),
        ({"kinds": ["UPLOADED"]}, "Storm"),
        ({"kinds": ["UPLOADED", "GENERATED"]}, "Rain Snow Storm Song"),
        ({"kinds": []}, ""),
        ({"createdAfter": second}, "Snow Storm Song"),
        ({"createdBefore": second}, "Rain"),
        ({"createdAfter": second, "createdBefore": second}, ""),
        ({"minBpm": 90, "maxBpm": 120.5}, "Snow Song"),
        ({"minBpm": 128}, "Storm"),
        ({"keyScale": "Am"}, "Rain"),
        ({"keyScale": "Db"}, "Snow Song"),
        ({"keyScale": "G major"}, "Storm"),
        ({"minDurationSeconds": 60, "maxDurationSeconds": 90}, "Snow Storm"),
        ({"maxDurationSeconds": 29.9}, ""),
        ({"text": "rain"}, "Rain"),
        ({"text": "s"}, "Snow Storm Song"),
        ({"text": "S fr"}, "Snow"),
        ({"text": "BJORK"}, "Snow"),
        ({"text": "tin Röof"}, "Rain"),
        ({"text": "für"}, "Rain"),
        ({"text": "oof"}, ""),
        ({"text": "ada wet", "genres": ["techno"]}, "Storm"),
        ({"text": "ada", "tags": ["wet"], "kinds": ["GENERATED"], "maxBpm": 100, "keyScale": "a minor"}, "Rain"),
    ]
    for wanted, fits in expected:
        with subtests.test(**wanted):
            assert await titles(ada, filter=wanted, sort="CREATED_AT_ASC") == fits.split()
            assert await walked(ada, 1, filter=wanted, sort="DURATION_DESC") == fits.split()[::-1]


async def test_a_wish_that_cannot_be_granted_is_told(api: Api) -> None:
    ada = await api.person()
    told = await ada.client.error(TRACKS, filter={"keyScale": "H", "text": "?"})
    assert [each["path"] for each in told["issues"]] == ["keyScale", "text"]
    assert told["code"] == "VALIDATION_FAILED"


async def test_what_is_said_anew_is_found_anew(api: Api) -> None:
    # given a track that is found by its title
    ada = await api.person()
    track = await add_track(api.world, ada.caller, "Rain")
    # when its owner says something else of it
    update = """mutation($input: UpdateTrackInput!) { updateTrack(input: $input) { __typename } }"""
    given = {"trackId": to_base64("Track", track.id), "expectedRevision": 1, "title": "Snow", "tags": ["Cold"]}
    await ada.client.data(update, input=given)
    # then it is found by that and not by what it was
    assert await titles(ada, filter={"text": "rain"}) == []
    assert await titles(ada, filter={"text": "snow cold", "tags": ["cold"]}) == ["Snow"]
    # and not any more once it is in the trash
    await api.world.get(TrackTrash).trash(ada.caller, track.id)
    assert await titles(ada, filter={"text": "snow"}) == []


async def test_a_filter_goes_by_the_version_that_is_current(api: Api) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller, "Rain")
    other = a_track(api.world, ada.caller).current
    longer = {**vars(replace(other, track_id=track.id, duration_seconds=99.0, bpm=66.0))}
    stored = {**longer, "origin": vars(longer["origin"]), "analysis": vars(longer["analysis"]), "assets": []}
    versions = api.world.client[api.world.database]["versions"]
    await versions.insert_one({"_id": stored.pop("id"), "owner_id": ada.caller.require(), **stored})
    wanted = {"minDurationSeconds": 90, "maxBpm": 70}
    assert await titles(ada, filter=wanted) == []
    await api.world.get(TrackEditing).set_current_version(ada.caller, track.id, other.id, 1)
    assert await titles(ada, filter=wanted) == ["Rain"]


async def test_a_list_is_one_query_and_a_search_looks_at_its_words_first(api: Api, commands: CommandLog) -> None:
    ada = await api.person()
    await a_shelf(api, ada)
    others = {"genres": ["ambient"], "tags": [], "minBpm": 1}
    one: list[dict[str, Any]] = [{}, {"sort": "TITLE_ASC"}, {"filter": others}, {"filter": others, "sort": "TITLE_ASC"}]
    for variables in one:
        with commands.listening() as sent:
            await titles(ada, **variables)
        assert sent == ["find tracks"]
    # a word that is rare ends the look at the words
    for wanted in ({"text": "e"}, {**others, "text": "e z a b c d 1 2 3 4"}):
        with commands.listening() as sent:
            await titles(ada, filter=wanted, sort="DURATION_ASC")
        assert sent == ["aggregate tracks", "find tracks"]
    # by age and title, what begins with that word is looked up as well: "eb", and that there is nothing else
    for sort in ("CREATED_AT_DESC", "TITLE_ASC"):
        with commands.listening() as sent:
            await titles(ada, filter={"text": "eb 1 2"}, sort=sort)
        assert sent == ["aggregate tracks", *["find tracks"] * 3]


async def test_common_words_are_found_along_the_order(api: Api, commands: CommandLog) -> None:
    # given more tracks with a word than are looked at one by one
    ada = await api.person()
    rows = [track_record(a_track(api.world, ada.caller, f"Song {number:04}")) for number in range(RARE)]
    stored = [row.model_dump(exclude={"revision_id"}) for row in rows]
    tracks = api.world.client[api.world.database]["tracks"]
    await tracks.insert_many([{"_id": row.pop("id"), **row} for row in stored])
    await add_track(api.world, ada.caller, "Psalm")
    # when they are searched for that word, alone and together with another
    for text, found in (("song", "Song"), ("ada song 00", "Song 00")):
        with commands.listening() as sent:
            first = await titles(ada, filter={"text": text}, sort="DURATION_ASC")
        # then the list is right, and what is common was counted
        assert len(first) == 20
        assert all(title.startswith(found) for title in first)
        assert sent == ["aggregate tracks"] * len(text.split()) + ["find tracks"]
    assert await titles(ada, filter={"text": "ada psalm"}, sort="DURATION_ASC") == ["Psalm"]


@pytest.mark.parametrize("sort", [sort.value for sort in ORDERS])
async def test_every_order_is_read_from_an_index(api: Api, sort: str) -> None:
    """A page in the middle looks at as many tracks as it shows, and nothing is sorted."""
    ada = await api.person()
    await a_shelf(api, ada)
    page = (await ada.client.data(TRACKS, sort=sort, first=10))["tracks"]
    database = api.world.client[api.world.database]
    await database.command("profile", 2)
    await ada.client.data(TRACKS, sort=sort, first=5, after=page["pageInfo"]["endCursor"])
    await database.command("profile", 0)
    (seen,) = await database["system.profile"].find({"op": "query", "ns": f"{database.name}.tracks"}).to_list()
    assert "hasSortStage" not in seen
    assert seen["docsExamined"] <= 6 + 10  # those at the place with the same key are looked at once more


async def test_tracks_from_before_there_were_facets_get_them(api: Api) -> None:
    # given tracks as an earlier release wrote them, and one of now
    ada = await api.person()
    shelf = [await add_track(api.world, ada.caller, f"Song {number}") for number in range(3)]
    stored = api.world.client[api.world.database]["tracks"]
    before = await api.world.documents("tracks")
    old = {"facets": "", "updated_at": "", "revision": "", "tags": "", "description": "", "trashed_at": ""}
    await stored.update_many({"_id": {"$ne": shelf[2].id}}, {"$unset": old})
    assert await titles(ada) == ["Song 2", "Song 1", "Song 0"]
    assert await titles(ada, filter={"text": "song"}) == ["Song 2"]
    # when the sweeper comes by
    assert await api.world.get(TrackIndexing).sweep() == 2
    # then they are found and sorted like all others, and there is nothing more to do
    assert await titles(ada, filter={"text": "song"}, sort="TITLE_ASC") == ["Song 0", "Song 1", "Song 2"]
    after = await api.world.documents("tracks")
    assert [track["facets"] for track in after] == [track["facets"] for track in before]
    assert [track["updated_at"] for track in after] == [track["updated_at"] for track in before]
    assert await api.world.get(TrackIndexing).sweep() == 0
    # and facets of another format are made anew
    await stored.update_one({"_id": shelf[0].id}, {"$set": {"facets.format": 0, "facets.words": ["old"]}})
    assert await api.world.get(TrackIndexing).sweep() == 1
    assert await api.world.documents("tracks") == after
