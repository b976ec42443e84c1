"""Playlists of one person through the public API."""

import asyncio
from datetime import timedelta

from strawberry.relay.utils import to_base64

from domain.kit.ids import new_id
from domain.kit.personal_data import Erasure
from domain.library.model import Visibility
from domain.library.services.janitor import TrashJanitor
from domain.library.services.trash import TrackTrash
from domain.playlists.model import MAX_ENTRIES
from domain.playlists.services.personal_data import PlaylistPersonalData
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api
from tests.library.factories import add_track
from tests.library.sharers import artist, share
from tests.playlists.lists import ENTRIES, FIELDS, a_playlist, add, call, local, public_tracks, titles

SHARED = f"query($secret: String!) {{ sharedPlaylist(secret: $secret) {{ {FIELDS} }} }}"
BY_ID = "query($id: ID!) { playlist(id: $id) { title } node(id: $id) { id } }"
LISTS = """{ playlists(first: 30) { edges { node { title entries(first: 5) { edges { node {
  addedById track { title likeCount } } } } collaborators { displayName } } } } }"""


async def test_a_playlist_is_made_changed_and_deleted(api: Api) -> None:
    ada = await api.person()
    made = (await call(ada.client, "createPlaylist", title=" Evening ", idempotencyKey="one"))["playlist"]
    assert made == {
        "id": made["id"],
        "title": "Evening",
        "description": "",
        "visibility": "PRIVATE",
        "revision": 1,
        "entryCount": 0,
        "isMine": True,
        "canEdit": True,
        "shareSecret": None,
        "invitationSecret": None,
    }
    # the same call again makes no other one
    again = await call(ada.client, "createPlaylist", title=" Evening ", idempotencyKey="one")
    assert again["playlist"] == made
    changes = {"playlistId": made["id"], "expectedRevision": 1, "title": "Night", "description": "Dark\nand slow"}
    changed = (await call(ada.client, "updatePlaylist", **changes))["playlist"]
    assert changed == {**made, "title": "Night", "description": "Dark\nand slow", "revision": 2}
    # who has not seen that writes nothing
    assert (await call(ada.client, "updatePlaylist", **changes))["code"] == "PLAYLIST_CONFLICT"
    refused = await call(ada.client, "updatePlaylist", playlistId=made["id"], expectedRevision=2, title=" ")
    assert refused["message"] == "A title has 1 to 120 characters."
    # deleted with what stood in it
    await add(ada.client, made["id"], await add_track(api.world, ada.caller))
    assert (await call(ada.client, "deletePlaylist", playlistId=made["id"]))["deletedId"] == made["id"]
    assert (await call(ada.client, "deletePlaylist", playlistId=made["id"]))["code"] == "NOT_FOUND"
    left = await api.contents()
    assert (left["playlists"], left["playlist_entries"], len(left["tracks"])) == ([], [], 1)


async def test_entries_stand_where_they_are_put(api: Api) -> None:
    ada = await api.person()
    songs = [await add_track(api.world, ada.caller, title) for title in "abcdefg"]
    a, b, c, d, e, f, g = songs
    evening = await a_playlist(ada)
    first, _, third = await add(ada.client, evening, a, b, c)
    await add(ada.client, evening, d, e, afterEntryId=first)
    await add(ada.client, evening, f, atStart=True)
    assert await titles(ada.client, evening) == ["f", "a", "d", "e", "b", "c"]
    # one may stand there twice, unless that is not wanted
    await add(ada.client, evening, a)
    assert len(await add(ada.client, evening, a, g, g, skipsPresent=True)) == 1
    assert await titles(ada.client, evening) == ["f", "a", "d", "e", "b", "c", "a", "g"]
    # moved behind another, to the start, and behind itself
    move = {"playlistId": evening, "entryId": third}
    await call(ada.client, "movePlaylistEntry", **move, afterEntryId=first)
    assert await titles(ada.client, evening) == ["f", "a", "c", "d", "e", "b", "a", "g"]
    await call(ada.client, "movePlaylistEntry", **move)
    moved = await call(ada.client, "movePlaylistEntry", **move, afterEntryId=third)
    assert moved["entry"] == {"id": third, "track": {"title": "c"}}
    assert await titles(ada.client, evening) == ["c", "f", "a", "d", "e", "b", "a", "g"]
    # and removed, once
    gone = {"playlistId": evening, "entryIds": [third, first]}
    assert (await call(ada.client, "removeFromPlaylist", **gone))["removedCount"] == 2
    assert (await call(ada.client, "removeFromPlaylist", **gone))["removedCount"] == 0
    assert await titles(ada.client, evening) == ["f", "d", "e", "b", "a", "g"]
    assert (await ada.client.data(ENTRIES, id=evening))["playlist"]["entryCount"] == 6
    assert (await call(ada.client, "movePlaylistEntry", **move))["code"] == "NOT_FOUND"


async def test_moving_writes_one_entry(api: Api) -> None:
    ada = await api.person()
    songs = [await add_track(api.world, ada.caller, title) for title in "abcde"]
    evening = await a_playlist(ada)
    entries = await add(ada.client, evening, *songs)
    before = await api.contents()
    await call(ada.client, "movePlaylistEntry", playlistId=evening, entryId=entries[4], afterEntryId=entries[0])
    after = await api.contents()
    changed = [
        new for old, new in zip(before["playlist_entries"], after["playlist_entries"], strict=True) if old != new
    ]
    assert [to_base64("PlaylistEntry", each["_id"]) for each in changed] == [entries[4]]
    assert {name for name in before if before[name] != after[name]} == {"playlist_entries"}


async def test_a_crowded_place_gives_all_entries_short_ranks_again(api: Api) -> None:
    # given entries between which hundreds of moves have left a long rank
    ada = await api.person()
    songs = [await add_track(api.world, ada.caller, title) for title in "abc"]
    evening = await a_playlist(ada)
    first, second, third = await add(ada.client, evening, *songs)
    entries = api.world.client[api.world.database]["playlist_entries"]
    lowest = (await entries.find_one({"_id": local(first)}) or {})["rank"]
    await entries.update_one({"_id": local(second)}, {"$set": {"rank": f"{lowest}{'0' * 95}1"}})
    # when another one comes between them
    await call(ada.client, "movePlaylistEntry", playlistId=evening, entryId=third, afterEntryId=first)
    # then all stand in this order, and there is room again
    assert await titles(ada.client, evening) == ["a", "c", "b"]
    assert {len(each["rank"]) for each in await api.world.documents("playlist_entries")} == {9}


async def test_adding_is_repeated_under_a_key_and_bounded(api: Api) -> None:
    ada = await api.person()
    song = await add_track(api.world, ada.caller, "a")
    evening = await a_playlist(ada)
    once = await add(ada.client, evening, song, idempotencyKey="k")
    assert await add(ada.client, evening, song, idempotencyKey="k") == once
    assert await titles(ada.client, evening) == ["a"]
    before = await api.contents()
    given = {"playlistId": evening, "trackIds": []}
    message = "'trackIds' takes 1 to 100 ids at once, not 0."
    assert (await call(ada.client, "addToPlaylist", **given))["message"] == message
    given["trackIds"] = [to_base64("Track", song.id)] * 101
    assert (await call(ada.client, "addToPlaylist", **given))["code"] == "VALIDATION_FAILED"
    given["trackIds"] = [to_base64("Track", song.id), to_base64("Track", new_id())]
    assert (await call(ada.client, "addToPlaylist", **given))["code"] == "NOT_FOUND"
    assert await api.contents() == before
    # a full one takes no more
    playlists = api.world.client[api.world.database]["playlists"]
    await playlists.update_one({"_id": local(evening)}, {"$set": {"entry_count": MAX_ENTRIES}})
    given["trackIds"] = [to_base64("Track", song.id)]
    assert (await call(ada.client, "addToPlaylist", **given))["code"] == "PLAYLIST_FULL"
    assert await titles(ada.client, evening) == ["a"]


async def test_a_playlist_is_read_by_those_who_may_and_each_sees_what_they_may_hear(api: Api) -> None:
    # given a playlist with a private, a public and another one's public track
    ada, bob = await artist(api), await artist(api, "Bob")
    private = await add_track(api.world, ada.caller, "mine")
    (public,), (other,) = await public_tracks(api, ada, "ours"), await public_tracks(api, bob, "his")
    evening = await a_playlist(ada)
    await add(ada.client, evening, private, public, other)
    assert await bob.client.data(BY_ID, id=evening) == {"playlist": None, "node": None}
    # when it is unlisted, then the link opens it and the id does not
    change = {"playlistId": evening, "visibility": "UNLISTED", "expectedRevision": 1}
    unlisted = (await call(ada.client, "updatePlaylist", **change))["playlist"]
    secret = unlisted["shareSecret"]
    for client in (bob.client, api.anonymous):
        assert await client.data(BY_ID, id=evening) == {"playlist": None, "node": None}
        shown = (await client.data(SHARED, secret=secret))["sharedPlaylist"]
        hidden = {"revision": None, "isMine": False, "canEdit": False, "shareSecret": None}
        assert shown == {**unlisted, **hidden}
        assert await client.data(SHARED, secret=secret[:-1] + "!") == {"sharedPlaylist": None}
    renewed = await call(ada.client, "renewPlaylistLink", playlistId=evening, expectedRevision=2)
    assert renewed["playlist"]["shareSecret"] not in (None, secret)
    assert await api.anonymous.data(SHARED, secret=secret) == {"sharedPlaylist": None}
    # when it is public, then everybody sees it without what they may not hear
    assert (await call(ada.client, "updatePlaylist", **{**change, "visibility": "PUBLIC", "expectedRevision": 3}))[
        "playlist"
    ]["visibility"] == "PUBLIC"
    for client in (bob.client, api.anonymous):
        assert await titles(client, evening) == ["ours", "his"]
    assert await titles(ada.client, evening) == ["mine", "ours", "his"]
    # and a track that is closed is shown as missing to who added it only
    await share(api, bob, other.id, Visibility.PRIVATE)
    assert await titles(ada.client, evening) == ["mine", "ours", None]
    assert await titles(bob.client, evening) == ["ours", "his"]
    assert await titles(api.anonymous, evening) == ["ours"]


async def test_publishing_a_playlist_is_for_artists(api: Api) -> None:
    bob = await api.person("Bob")
    evening = await a_playlist(bob)
    before = await api.contents()
    refused = await call(bob.client, "updatePlaylist", playlistId=evening, expectedRevision=1, visibility="PUBLIC")
    assert refused["code"] == "FORBIDDEN"
    assert await api.contents() == before


async def test_pages_go_on_where_they_ended_while_entries_come_and_go(api: Api) -> None:
    ada = await artist(api)
    songs = [await add_track(api.world, ada.caller, title) for title in "abcdefgh"]
    await share(api, ada, songs[4].id)
    evening = await a_playlist(ada)
    entries = await add(ada.client, evening, *songs)
    first = (await ada.client.data(ENTRIES, id=evening, first=3))["playlist"]["entries"]
    # when the last one shown goes, and others come before and behind
    await call(ada.client, "removeFromPlaylist", playlistId=evening, entryIds=[entries[2]])
    await add(ada.client, evening, songs[0], atStart=True)
    await call(ada.client, "movePlaylistEntry", playlistId=evening, entryId=entries[7], afterEntryId=entries[3])
    after = first["pageInfo"]["endCursor"]
    rest = (await ada.client.data(ENTRIES, id=evening, first=10, after=after))["playlist"]["entries"]
    assert [edge["node"]["track"]["title"] for edge in rest["edges"]] == ["d", "h", "e", "f", "g"]
    # and for a reader, a part without anything to see ends all the same
    await call(ada.client, "updatePlaylist", playlistId=evening, expectedRevision=1, visibility="PUBLIC")
    part = (await api.anonymous.data(ENTRIES, id=evening, first=3))["playlist"]["entries"]
    assert (part["edges"], part["pageInfo"]["hasNextPage"]) == ([], True)
    rest = (await api.anonymous.data(ENTRIES, id=evening, after=part["pageInfo"]["endCursor"]))["playlist"]["entries"]
    assert [edge["node"]["track"]["title"] for edge in rest["edges"]] == ["e"]


async def test_a_list_of_playlists_with_entries_takes_a_bounded_number_of_queries(
    api: Api, commands: CommandLog
) -> None:
    ada = await api.person()
    songs = [await add_track(api.world, ada.caller, f"Song {number}") for number in range(6)]
    for number in range(10):
        await add(ada.client, await a_playlist(ada, f"List {number}"), *songs)
    with commands.listening() as ran:
        edges = (await ada.client.data(LISTS))["playlists"]["edges"]
    assert [edge["node"]["title"] for edge in edges] == [f"List {number}" for number in reversed(range(10))]
    shown = [entry["node"]["track"]["title"] for entry in edges[3]["node"]["entries"]["edges"]]
    assert shown == [f"Song {number}" for number in range(5)]
    assert sorted(ran) == [
        "aggregate playlist_entries",
        "find like_counts",
        "find likes",
        "find playlists",
        "find tracks",
    ]


async def test_parallel_changes_of_entries_lose_nothing(api: Api) -> None:
    ada = await api.person()
    songs = [await add_track(api.world, ada.caller, f"{number:02}") for number in range(12)]
    evening = await a_playlist(ada)
    start = await add(ada.client, evening, *songs[:2])
    adding = [add(ada.client, evening, song, afterEntryId=start[0]) for song in songs[2:]]
    moving = [
        call(ada.client, "movePlaylistEntry", playlistId=evening, entryId=start[1], afterEntryId=start[0])
        for _ in range(5)
    ]
    await asyncio.gather(*adding, *moving)
    found = await titles(ada.client, evening)
    assert found[0] == "00"
    assert sorted(map(str, found)) == [f"{number:02}" for number in range(12)]
    assert (await ada.client.data(ENTRIES, id=evening))["playlist"]["entryCount"] == 12


async def test_entries_go_with_their_track_once_it_is_deleted_for_good(api: Api) -> None:
    ada = await api.person()
    one, two = await add_track(api.world, ada.caller, "one"), await add_track(api.world, ada.caller, "two")
    evening = await a_playlist(ada)
    await add(ada.client, evening, one, two, one)
    trash = api.world.get(TrackTrash)
    await trash.trash(ada.caller, one.id)
    assert await titles(ada.client, evening) == [None, "two", None]
    await trash.delete_forever(ada.caller, one.id)
    await api.world.get(TrashJanitor).sweep()
    found = (await ada.client.data(ENTRIES, id=evening))["playlist"]
    assert ([edge["node"]["track"] for edge in found["entries"]["edges"]], found["entryCount"]) == (
        [{"title": "two"}],
        1,
    )


async def test_people_take_their_playlists_along(api: Api) -> None:
    ada = await api.person()
    evening = await a_playlist(ada)
    await add(ada.client, evening, await add_track(api.world, ada.caller))
    personal, account_id = api.world.get(PlaylistPersonalData), ada.caller.require()
    told = await personal.export(account_id, timedelta(hours=1))
    assert [each["title"] for each in told["playlists"]] == ["Evening"]
    assert len(told["playlist_entries"]) == 1
    await personal.erase(Erasure(account_id, "nobody"))
    left = await api.contents()
    assert (left["playlists"], left["playlist_entries"]) == ([], [])
