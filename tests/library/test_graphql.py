"""The library through the public API."""

from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api
from tests.library.factories import add_track, add_version

TRACK = "query($id: ID!) { track(id: $id) { id title artist genre currentVersion { id keyScale } } }"
TRACKS = """
query($first: Int! = 20, $after: String) {
  tracks(first: $first, after: $after) {
    edges { cursor node { id title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
NESTED = """
{ tracks(first: 100) { edges { node {
  title currentVersion { durationSeconds analysis { loudnessLufs key } }
  versions(first: 2) { edges { cursor node { id seed } } pageInfo { hasNextPage endCursor } }
} } } }
"""
VERSIONS = """
query($id: ID!, $first: Int! = 20, $after: String) {
  track(id: $id) { versions(first: $first, after: $after) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage }
  } }
}
"""
UNKNOWN = "01J00000000000000000000000"


def issue(path: str, message: str) -> dict[str, Any]:
    return {"code": "VALIDATION_FAILED", "message": message, "issues": [{"path": path, "message": message}]}


async def test_a_finished_song_is_told_with_what_was_measured_on_it(api: Api) -> None:
    # given a person whose song is finished
    ada = await api.person("Ada")
    await api.world.ask(ada.caller, prompt="calm piano in A minor", title="Evening", seed=7, bpm=90.0)
    await api.world.work_off()
    # when they look at their library
    query = """{ tracks { edges { node { title artist genre createdAt currentVersion {
        durationSeconds bpm keyScale meter seed modelId modelVersion
        analysis {
            loudnessLufs loudnessRangeLu truePeakDbtp tempoBpm tempoConfidence key keyConfidence
            energy { value confidence } danceability { value confidence }
            acousticness { value confidence } valence { value confidence }
            beatGrid { beatsSeconds confidence beatsPerBar downbeatsSeconds downbeatConfidence }
            sections { startSeconds endSeconds confidence }
        }
    } } } } }"""
    (edge,) = (await ada.client.data(query))["tracks"]["edges"]
    # then it says how it was made and how it came out
    track = edge["node"]
    assert (track["title"], track["artist"]) == ("Evening", "Ada")
    assert track["currentVersion"] == {
        "durationSeconds": 6.0,
        "bpm": 90.0,
        "keyScale": "A minor",
        "meter": "4/4",
        "seed": 7,
        "modelId": "score-tiny",
        "modelVersion": "1",
        "analysis": {
            "loudnessLufs": -14.0,
            "loudnessRangeLu": 5.0,
            "truePeakDbtp": -1.0,
            "tempoBpm": 90.0,
            "tempoConfidence": 1.0,
            "key": "C major",
            "keyConfidence": 1.0,
            "energy": {"value": 0.5, "confidence": 0.8},
            "danceability": {"value": 0.25, "confidence": 0.7},
            "acousticness": {"value": 0.75, "confidence": 0.4},
            "valence": {"value": 0.5, "confidence": 0.25},
            "beatGrid": {
                "beatsSeconds": [0.5, 1.0, 1.5, 2.0],
                "confidence": 0.9,
                "beatsPerBar": 4,
                "downbeatsSeconds": [0.5],
                "downbeatConfidence": 0.6,
            },
            "sections": [{"startSeconds": 0.0, "endSeconds": 6.0, "confidence": 1.0}],
        },
    }


async def test_of_what_was_made_before_it_was_measured_nothing_is_claimed(api: Api) -> None:
    # given a track from before there were characters, beats and sections
    ada = await api.person()
    await add_track(api.world, ada.caller)
    # when its owner asks for them
    query = """{ tracks { edges { node { currentVersion { analysis {
        tempoBpm energy { value } valence { value } beatGrid { beatsSeconds } sections { startSeconds }
    } } } } } }"""
    (edge,) = (await ada.client.data(query))["tracks"]["edges"]
    # then there are none
    assert edge["node"]["currentVersion"]["analysis"] == {
        "tempoBpm": 120.0,
        "energy": None,
        "valence": None,
        "beatGrid": None,
        "sections": None,
    }


async def test_tracks_page_newest_first_without_gap_or_repetition(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    for number in range(7):
        await add_track(api.world, ada.caller, title=f"Song {number}")
        await add_track(api.world, bob.caller, title="Not yours")
    # when Ada pages by three, while a new track arrives after the first page
    titles: list[str] = []
    flags: list[bool] = []
    after = None
    while after is None or flags[-1]:
        page = (await ada.client.data(TRACKS, first=3, after=after))["tracks"]
        titles += [edge["node"]["title"] for edge in page["edges"]]
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        after = page["pageInfo"]["endCursor"]
        assert after == page["edges"][-1]["cursor"]
        assert page["pageInfo"]["hasPreviousPage"] is bool(flags)
        flags.append(page["pageInfo"]["hasNextPage"])
        await add_track(api.world, ada.caller, title="Later")
    assert titles == [f"Song {number}" for number in (6, 5, 4, 3, 2, 1, 0)]
    assert flags == [True, True, False]


async def test_an_empty_library_is_an_empty_page(api: Api) -> None:
    ada = await api.person()
    assert await ada.client.data(TRACKS) == {
        "tracks": {
            "edges": [],
            "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
        }
    }


async def test_a_page_that_cannot_be_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    ada = await api.person()
    for first in (-1, 0, 101):
        with subtests.test(first=first):
            assert await ada.client.error(TRACKS, first=first) == issue("first", "'first' must be between 1 and 100.")
    for cursor in ("", "garbage", "💥", to_base64("cursor", "1"), to_base64("Track", UNKNOWN)):
        with subtests.test(cursor=cursor):
            problem = await ada.client.error(TRACKS, after=cursor)
            assert problem == issue("after", "'after' is not a cursor of this list.")


async def test_somebody_elses_track_does_not_exist(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    track = await add_track(api.world, ada.caller, title="Mine")
    mine = to_base64("Track", track.id)
    assert await ada.client.data(TRACK, id=mine) == {
        "track": {
            "id": mine,
            "title": "Mine",
            "artist": "Ada",
            "genre": "ambient",
            "currentVersion": {"id": to_base64("Version", track.current_version_id), "keyScale": "A minor"},
        }
    }
    assert await bob.client.data(TRACK, id=mine) == {"track": None}
    assert await bob.client.data(TRACK, id=to_base64("Track", UNKNOWN)) == {"track": None}


async def test_an_id_that_is_no_tracks_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    ada = await api.person()
    for wrong in ("garbage", "", to_base64("Track", "1"), to_base64("GenerationJob", UNKNOWN)):
        with subtests.test(wrong):
            assert await ada.client.error(TRACK, id=wrong) == issue("id", f"{wrong!r} is not the id of a Track.")


async def test_a_library_needs_a_signed_in_person(edge: Api) -> None:
    assert await edge.anonymous.error("{ tracks { edges { cursor } } }") == {
        "code": "UNAUTHENTICATED",
        "message": "Sign in first, then send the access token as 'Authorization: Bearer …'.",
    }


async def test_versions_page_newest_first(api: Api) -> None:
    # given a track with four versions
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    ids = [track.current_version_id, *[(await add_version(api.world, track)).id for _ in range(3)]]
    newest_first = [to_base64("Version", one) for one in reversed(ids)]
    wanted = to_base64("Track", track.id)
    # when they are read by three
    first = (await ada.client.data(VERSIONS, id=wanted, first=3))["track"]["versions"]
    rest = (await ada.client.data(VERSIONS, id=wanted, first=3, after=first["edges"][-1]["cursor"]))["track"][
        "versions"
    ]
    # then the pages join
    assert [edge["node"]["id"] for edge in first["edges"] + rest["edges"]] == newest_first
    assert first["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}
    assert rest["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}


async def test_a_long_list_with_nested_lists_asks_the_database_twice(api: Api, commands: CommandLog) -> None:
    # given 30 tracks of which each third has three versions
    ada, bob = await api.person(), await api.person("Bob")
    for number in range(30):
        track = await add_track(api.world, ada.caller, title=f"Song {number}")
        if number % 3 == 0:
            await add_version(api.world, track)
            await add_version(api.world, track)
    await add_track(api.world, bob.caller)
    # when all of it is read at once
    with commands.listening() as sent:
        edges = (await ada.client.data(NESTED))["tracks"]["edges"]
    # then each track has its own versions, and the number of queries does not depend on the number of tracks
    assert [edge["node"]["title"] for edge in edges] == [f"Song {number}" for number in reversed(range(30))]
    assert [len(edge["node"]["versions"]["edges"]) for edge in edges] == [
        2 if number % 3 == 0 else 1 for number in reversed(range(30))
    ]
    assert [edge["node"]["versions"]["pageInfo"]["hasNextPage"] for edge in edges] == [
        number % 3 == 0 for number in reversed(range(30))
    ]
    assert all(edge["node"]["currentVersion"]["durationSeconds"] == 6.0 for edge in edges)
    assert sorted(sent) == ["aggregate versions", "find tracks"]
