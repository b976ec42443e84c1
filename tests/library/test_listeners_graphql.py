"""What listeners see of other people's tracks, field by field, through the public API."""

from typing import Any

import numpy as np
from graphql import GraphQLObjectType, build_schema
from strawberry.relay.utils import to_base64

from bootstrap import schema as composed
from domain.kit.audio.fingerprints import compressed
from domain.kit.audio.notes import Note, packed
from domain.kit.ids import new_id
from domain.library.model import Track, Visibility
from domain.library.service import LibraryService
from domain.library.services.trash import TrackTrash
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api, Person
from tests.graphql.selections import Selections
from tests.library.factories import add_track, add_version
from tests.library.sharers import artist, secret_of, share

SCHEMA = build_schema(composed.export())
# What a listener is not told of a track and of its version, as a stranger is shown it. All else is what its owner sees.
HIDDEN_OF_TRACK: dict[str, Any] = {
    "duplicates": [],
    "isMine": False,
    "playsByDay": [],
    "revision": None,
    "shareSecret": None,
    "takenDown": None,
    "updatedAt": None,
    "versionCount": 1,
}
HIDDEN_OF_VERSION: dict[str, Any] = {
    "fingerprint": None,
    "job": None,
    "modelId": None,
    "modelVersion": None,
    "parent": None,
    "seed": None,
    "transcription": None,
}
HIDDEN_OF_ANALYSIS = {"beatGrid": None, "sections": None}
SHOWN_OF_TRACK = {
    "allowsDownloads",
    "artist",
    "createdAt",
    "currentVersion",
    "description",
    "genre",
    "hasOwnCover",
    "id",
    "likeCount",
    "lyrics",
    "ownerId",
    "playCount",
    "publishedAt",
    "tags",
    "title",
    "versions",
    "viewerHasLiked",
    "visibility",
}
SHOWN_OF_VERSION = {
    "analysis",
    "bpm",
    "commercialUse",
    "createdAt",
    "durationSeconds",
    "id",
    "keyScale",
    "kind",
    "licences",
    "meter",
}
PLAYBACK = """query($id: ID!, $secret: String) { playback(trackId: $id, secret: $secret) {
  hlsUrl reportUrl isComplete durationSeconds downloads { kind label url }
} }"""
SHARED = "query($secret: String!) { sharedTrack(secret: $secret) { id title isMine visibility } }"
BY_ID = "query($id: ID!) { track(id: $id) { title } node(id: $id) { id } }"
KIND = "query($id: ID!) { track(id: $id) { currentVersion { kind } } }"
VERSION = "query($id: ID!) { node(id: $id) { id ... on Version { seed durationSeconds } } }"
PUBLIC = """query($owner: ID!, $first: Int! = 20, $after: String) {
  publicTracks(ownerId: $owner, first: $first, after: $after) {
    edges { cursor node { title isMine revision } } pageInfo { hasNextPage endCursor }
} }"""


async def a_song(api: Api, person: Person) -> Track:
    """A finished song with all its files."""
    await api.world.ask(person.caller, title="Rain", seed=7)
    await api.world.work_off()
    raw = (await api.world.documents("tracks"))[-1]
    return await api.world.get(LibraryService).track(person.caller, raw["_id"])


async def measured(api: Api, song: Track) -> None:
    """Gives a song the fingerprint that the twin of the encoders does not measure, and notes, as uploads have."""
    database = api.world.client[api.world.database]
    fingerprint = {"$set": {"fingerprint": compressed(np.arange(200, dtype=np.uint32))}}
    await database["recordings"].update_one({"_id": song.current_version_id}, fingerprint)
    ids = {"_id": song.current_version_id, "track_id": song.id, "owner_id": song.owner_id}
    notes = {"note_count": 1, "lowest_pitch": 60, "highest_pitch": 60, "notes": packed([Note(0.1, 0.5, 60, 0.5)])}
    await database["transcriptions"].insert_one({**ids, **notes})


def everything() -> str:
    assert SCHEMA.query_type is not None
    return f"query($id: ID!) {{ track(id: $id) {Selections(SCHEMA).of(SCHEMA.query_type.fields['track'])} }}"


def gid(track: Track) -> str:
    return to_base64("Track", track.id)


def fields_of(name: str) -> set[str]:
    kind = SCHEMA.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return set(kind.fields)


def test_it_is_decided_for_every_field_whether_listeners_see_it() -> None:
    assert fields_of("Track") == SHOWN_OF_TRACK | set(HIDDEN_OF_TRACK)
    assert fields_of("Version") == SHOWN_OF_VERSION | set(HIDDEN_OF_VERSION)


async def test_listeners_see_a_public_track_without_what_is_its_owners(api: Api) -> None:
    # given a song that was published, with a version from before
    ada, bob = await artist(api), await api.person("Bob")
    song = await a_song(api, ada)
    await add_version(api.world, song)
    await measured(api, song)
    await share(api, ada, song.id)
    # when its owner, another person and nobody in particular ask for everything
    own = (await ada.client.data(everything(), id=gid(song)))["track"]
    seen = [(await client.data(everything(), id=gid(song)))["track"] for client in (bob.client, api.anonymous)]
    # then the owner sees it all
    empty = {"duplicates", "shareSecret", "takenDown"}
    assert {name for name, told in HIDDEN_OF_TRACK.items() if own[name] == told} == empty
    # (no type stands twice in the document, so a version's parent is not asked for)
    hidden = {name: told for name, told in HIDDEN_OF_VERSION.items() if name != "parent"}
    assert {name for name, told in hidden.items() if own["currentVersion"][name] == told} == set()
    # and the others the same, less what is hidden
    analysis = {**own["currentVersion"]["analysis"], **HIDDEN_OF_ANALYSIS}
    version = {**own["currentVersion"], **hidden, "analysis": analysis}
    expected = {**own, **HIDDEN_OF_TRACK, "currentVersion": version}
    del expected["versions"]
    for each in seen:
        (edge,) = each.pop("versions")["edges"]
        assert each == expected
        assert edge["node"] == version


async def test_a_private_track_is_nobodys_and_an_unlisted_one_is_found_by_its_link_only(api: Api) -> None:
    ada, bob = await artist(api), await api.person("Bob")
    song = await a_song(api, ada)
    ids = {"id": gid(song)}
    for client in (bob.client, api.anonymous):
        assert await client.data(BY_ID, **ids) == {"track": None, "node": None}
        assert await client.data(PLAYBACK, **ids) == {"playback": None}
    # when it is unlisted
    secret = await secret_of(api, await share(api, ada, song.id, Visibility.UNLISTED))
    for client in (bob.client, api.anonymous):
        # then its id finds nothing, and neither does its version's
        assert await client.data(BY_ID, **ids) == {"track": None, "node": None}
        assert await client.data(VERSION, id=to_base64("Version", song.current_version_id)) == {"node": None}
        assert await client.data(PLAYBACK, **ids) == {"playback": None}
        # but its link does
        shared = (await client.data(SHARED, secret=secret))["sharedTrack"]
        assert shared == {"id": gid(song), "title": "Rain", "isMine": False, "visibility": "UNLISTED"}
        assert (await client.data(PLAYBACK, **ids, secret=secret))["playback"]["isComplete"] is True
        # and no other text, nor does the link open another track
        almost = secret[:-1] + ("A" if secret[-1] != "A" else "B")
        for wrong in ("", "x", secret[:-1], secret + "A", almost, "x" * 9999):
            assert await client.data(SHARED, secret=wrong) == {"sharedTrack": None}
            assert await client.data(PLAYBACK, **ids, secret=wrong) == {"playback": None}
        other = to_base64("Track", new_id())
        assert await client.data(PLAYBACK, id=other, secret=secret) == {"playback": None}
    assert (await ada.client.data(SHARED, secret=secret))["sharedTrack"]["isMine"] is True


async def test_a_secret_is_kept_sealed_and_no_part_of_it_is_readable(api: Api) -> None:
    ada = await artist(api)
    track = await add_track(api.world, ada.caller)
    secret = await secret_of(api, await share(api, ada, track.id, Visibility.UNLISTED))
    assert len(secret) == 32
    assert secret not in str(await api.contents())


async def test_listeners_get_sound_waveform_and_cover_and_the_song_only_if_its_owner_lets_them(api: Api) -> None:
    ada, bob = await artist(api), await api.person("Bob")
    song = await a_song(api, ada)
    await share(api, ada, song.id)

    async def files() -> set[tuple[str, str | None]]:
        playing = (await bob.client.data(PLAYBACK, id=gid(song)))["playback"]
        assert playing["durationSeconds"] == 6.0
        return {(each["kind"], each["label"]) for each in playing["downloads"]}

    beside = {("WAVEFORM", None), ("WAVEFORM", "256"), ("WAVEFORM", "8192"), ("COVER", None)}
    assert await files() == beside
    await share(api, ada, song.id, downloads=True)
    assert await files() == {*beside, ("MASTER", None), ("DOWNLOAD", None)}


async def test_how_a_version_was_changed_is_told_to_its_owner_alone(api: Api) -> None:
    ada, bob = await artist(api), await api.person("Bob")
    song = await a_song(api, ada)
    database = api.world.client[api.world.database]
    await database["tracks"].update_one({"_id": song.id}, {"$set": {"current.origin.kind": "REPAINTED"}})
    await database["versions"].update_one({"_id": song.current_version_id}, {"$set": {"origin.kind": "REPAINTED"}})
    await share(api, ada, song.id)
    kinds = [await person.client.data(KIND, id=gid(song)) for person in (ada, bob)]
    assert [found["track"]["currentVersion"]["kind"] for found in kinds] == ["REPAINTED", "GENERATED"]


async def test_what_listeners_play_ends_at_once_when_it_is_closed_and_the_owner_plays_on(api: Api) -> None:
    # given the owner and a listener with addresses that are good for an hour
    ada, bob = await artist(api), await api.person("Bob")
    song = await a_song(api, ada)
    await share(api, ada, song.id)
    paths = [
        (await person.client.data(PLAYBACK, id=gid(song)))["playback"]["hlsUrl"].removeprefix("http://127.0.0.1:8000")
        for person in (ada, bob)
    ]

    async def statuses() -> list[int]:
        return [(await api.http.get(path)).status_code for path in paths]

    assert await statuses() == [200, 200]
    # when it is private, then only the owner's plays
    await share(api, ada, song.id, Visibility.PRIVATE)
    assert await statuses() == [200, 404]
    # and in the trash none
    await share(api, ada, song.id)
    assert await statuses() == [200, 200]
    await api.world.get(TrackTrash).trash(ada.caller, song.id)
    assert await statuses() == [404, 404]
    assert await bob.client.data(BY_ID, id=gid(song)) == {"track": None, "node": None}
    # and as it was when it is restored
    await api.world.get(TrackTrash).restore(ada.caller, song.id)
    assert await statuses() == [200, 200]
    assert await bob.client.data(BY_ID, id=gid(song)) == {"track": {"title": "Rain"}, "node": {"id": gid(song)}}


async def test_the_version_that_plays_of_a_public_track_is_a_node_and_others_are_not(api: Api) -> None:
    ada = await artist(api)
    track = await add_track(api.world, ada.caller)
    other = await add_version(api.world, track)
    await share(api, ada, track.id)
    playing, hidden = to_base64("Version", track.current_version_id), to_base64("Version", other.id)
    assert await api.anonymous.data(VERSION, id=playing) == {
        "node": {"id": playing, "seed": None, "durationSeconds": 6.0}
    }
    assert await api.anonymous.data(VERSION, id=hidden) == {"node": None}
    assert (await ada.client.data(VERSION, id=hidden))["node"]["seed"] == 7


async def test_public_tracks_of_a_person_come_latest_first_in_pages(api: Api) -> None:
    # given five public tracks, published in another order than they were made, and others that are not
    ada, bob = await artist(api), await api.person("Bob")
    tracks = [await add_track(api.world, ada.caller, f"Song {number}") for number in range(7)]
    for number in (3, 1, 4, 0, 2):
        api.world.clock.advance(1)
        await share(api, ada, tracks[number].id)
    await share(api, ada, tracks[5].id, Visibility.UNLISTED)
    owner, seen, after, has_next = to_base64("Account", ada.caller.require()), [], None, True
    # when somebody pages through them while another one is published
    while has_next:
        page = (await bob.client.data(PUBLIC, owner=owner, first=2, after=after))["publicTracks"]
        seen += [edge["node"] for edge in page["edges"]]
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        api.world.clock.advance(1)
        await share(api, ada, tracks[6].id)
    assert seen == [{"title": f"Song {each}", "isMine": False, "revision": None} for each in (2, 0, 4, 1, 3)]
    # and one that is closed and opened again is the latest
    await share(api, ada, tracks[3].id, Visibility.PRIVATE)
    api.world.clock.advance(1)
    await share(api, ada, tracks[3].id)
    page = (await ada.client.data(PUBLIC, owner=owner, first=1))["publicTracks"]
    assert page["edges"][0]["node"] == {"title": "Song 3", "isMine": True, "revision": 4}


async def test_nobody_has_public_tracks_where_there_are_none(api: Api) -> None:
    page = (await api.anonymous.data(PUBLIC, owner=to_base64("Account", new_id())))["publicTracks"]
    assert page == {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


async def test_a_page_of_public_tracks_costs_one_query_with_all_that_is_shown(api: Api, commands: CommandLog) -> None:
    ada = await artist(api)
    for number in range(30):
        await share(api, ada, (await add_track(api.world, ada.caller, f"Song {number}")).id)
    query = """query($owner: ID!) { publicTracks(ownerId: $owner, first: 30) { edges { node {
      title playCount currentVersion { seed job { id } parent { id } } versions { edges { node { id } } }
    } } } }"""
    with commands.listening() as ran:
        found = await api.anonymous.data(query, owner=to_base64("Account", ada.caller.require()))
    assert len(found["publicTracks"]["edges"]) == 30
    assert ran == ["find tracks", "find play_counts"]


async def test_many_tracks_of_many_people_cost_two_queries(api: Api, commands: CommandLog) -> None:
    ada, bob = await artist(api), await artist(api, "Bob")
    ids = []
    for person in (ada, bob) * 5:
        track = await add_track(api.world, person.caller)
        await share(api, person, track.id)
        ids.append(gid(track))
    await bob.client.data("{ viewer { id } }")
    with commands.listening() as ran:
        found = await bob.client.data("query($ids: [ID!]!) { nodes(ids: $ids) { ... on Track { isMine } } }", ids=ids)
    assert [each["isMine"] for each in found["nodes"]] == [False, True] * 5
    assert ran == ["find tracks", "find tracks"]
