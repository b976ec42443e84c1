"""The words of tracks through the public API."""

from typing import Any

from strawberry.relay.utils import to_base64

from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track

LYRICS = """lyrics { language isSynchronised text lrc
  lines { startSeconds endSeconds text words { startSeconds text } } }"""
TRACK = f"query($id: ID!) {{ track(id: $id) {{ revision {LYRICS} }} }}"
FOUND = "query($text: String!) { tracks(filter: {text: $text}) { edges { node { title } } } }"
MANY = "{ tracks(first: 20) { edges { node { title lyrics { lines { startSeconds text } } } } } }"
SET = f"""mutation($input: SetLyricsInput!) {{ setLyrics(input: $input) {{
  ... on SetLyricsSuccess {{ track {{ revision {LYRICS} }} }}
  ... on LyricsDamaged {{ code message lines {{ number message }} }}
  ... on EditConflict {{ code current {{ revision }} }}
  ... on ValidationFailed {{ code issues {{ path message }} }}
  ... on Problem {{ code message }}
}} }}"""
UPDATE = "mutation($input: UpdateTrackInput!) { updateTrack(input: $input) { __typename } }"


async def sing(person: Person, track_id: str, revision: int, **words: Any) -> dict[str, Any]:
    given = {"trackId": track_id, "expectedRevision": revision, **words}
    result: dict[str, Any] = (await person.client.data(SET, input=given))["setLyrics"]
    return result


async def track_of(api: Api, person: Person, title: str = "Rain") -> str:
    return to_base64("Track", (await add_track(api.world, person.caller, title)).id)


async def found(person: Person, text: str) -> list[str]:
    return [edge["node"]["title"] for edge in (await person.client.data(FOUND, text=text))["tracks"]["edges"]]


async def test_words_with_times_are_shown_as_they_are_sung(api: Api) -> None:
    # given a track without words
    ada = await api.person()
    track_id = await track_of(api, ada)
    assert (await ada.client.data(TRACK, id=track_id))["track"] == {"revision": 1, "lyrics": None}
    # when its owner brings an LRC file
    lrc = "[offset:-500]\n[00:12.00]<00:12.00>Rain <00:12.50>falls<00:13.00>\n[01:00.00][00:05.00]Oh"
    answer = (await sing(ada, track_id, 1, lrc=lrc, language="en-gb"))["track"]
    # then each line and word has its time, and the file can be had again
    words = [{"startSeconds": 12.5, "text": "Rain "}, {"startSeconds": 13.0, "text": "falls"}]
    assert answer == {
        "revision": 2,
        "lyrics": {
            "language": "en-GB",
            "isSynchronised": True,
            "text": "Oh\nRain falls\nOh",
            "lrc": "[offset:-500]\n[00:05.00]Oh\n[00:12.00]<00:12.00>Rain <00:12.50>falls<00:13.00>\n[01:00.00]Oh",
            "lines": [
                {"startSeconds": 5.5, "endSeconds": None, "text": "Oh", "words": []},
                {"startSeconds": 12.5, "endSeconds": 13.5, "text": "Rain falls", "words": words},
                {"startSeconds": 60.5, "endSeconds": None, "text": "Oh", "words": []},
            ],
        },
    }
    assert (await ada.client.data(TRACK, id=track_id))["track"] == answer
    # and bringing that again is no change
    assert await sing(ada, track_id, 2, lrc=answer["lyrics"]["lrc"], language="en-GB") == {"track": answer}


async def test_plain_words_replace_others_and_can_be_removed(api: Api) -> None:
    ada = await api.person()
    track_id = await track_of(api, ada)
    await sing(ada, track_id, 1, lrc="[00:01.00]Rain")
    plain = (await sing(ada, track_id, 2, plainText="[Chorus]\nSnow"))["track"]
    assert plain == {
        "revision": 3,
        "lyrics": {
            "language": None,
            "isSynchronised": False,
            "text": "[Chorus]\nSnow",
            "lrc": None,
            "lines": [
                {"startSeconds": None, "endSeconds": None, "text": text, "words": []} for text in ("[Chorus]", "Snow")
            ],
        },
    }
    assert (await sing(ada, track_id, 3))["track"] == {"revision": 4, "lyrics": None}
    (record,) = await api.world.documents("tracks")
    assert record["lyrics"] is None


async def test_a_track_is_found_by_its_words_as_long_as_it_has_them(api: Api) -> None:
    ada = await api.person()
    track_id = await track_of(api, ada, "Rain")
    await track_of(api, ada, "Other")
    await sing(ada, track_id, 1, lrc="[by:nobody]\n[00:01.00]<00:01.00>Twin<00:01.50>kle <00:02.00>ünder stars")
    # then a search for what is sung finds it, also after another change of the track
    assert await found(ada, "twinkl under") == ["Rain"]
    await ada.client.data(UPDATE, input={"trackId": track_id, "expectedRevision": 2, "genre": "folk"})
    assert await found(ada, "twinkle") == ["Rain"]
    # and not by what is not sung
    assert await found(ada, "nobody") == []
    await sing(ada, track_id, 3)
    assert await found(ada, "twinkle") == []


async def test_a_damaged_file_is_told_line_by_line(api: Api) -> None:
    ada = await api.person()
    track_id = await track_of(api, ada)
    await sing(ada, track_id, 1, plainText="Snow")
    before = await api.contents()
    assert await sing(ada, track_id, 2, lrc="[00:01.00]Rain\n[00:71.00]falls\n\ndown") == {
        "code": "LYRICS_DAMAGED",
        "message": "Line 2: A minute has no second 71: '00:71.00'. Line 4: The line has no time stamp.",
        "lines": [
            {"number": 2, "message": "A minute has no second 71: '00:71.00'."},
            {"number": 4, "message": "The line has no time stamp."},
        ],
    }
    told = await sing(ada, track_id, 2, plainText="Rain", lrc="[00:01.00]Rain", language="?")
    assert [issue["path"] for issue in told["issues"]] == ["language", "lrc"]
    assert await api.contents() == before


async def test_words_for_a_revision_that_is_over_are_not_written(api: Api) -> None:
    ada = await api.person()
    track_id = await track_of(api, ada)
    await sing(ada, track_id, 1, plainText="Snow")
    before = await api.contents()
    told = await sing(ada, track_id, 1, plainText="Rain")
    assert (told["code"], told["current"]) == ("EDIT_CONFLICT", {"revision": 2})
    assert await api.contents() == before


async def test_somebody_elses_track_gets_no_words(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    track = await add_track(api.world, ada.caller)
    before = await api.contents()
    told = await sing(bob, to_base64("Track", track.id), 1, plainText="Bob was here")
    assert told == {"code": "NOT_FOUND", "message": f"There is no track with the id {track.id!r}."}
    assert await api.contents() == before


async def test_the_words_of_a_list_cost_no_query_of_their_own(api: Api, commands: CommandLog) -> None:
    ada = await api.person()
    for number in range(5):
        await sing(ada, await track_of(api, ada, f"Song {number}"), 1, lrc=f"[00:0{number}.00]Line {number}")
    with commands.listening() as sent:
        edges = (await ada.client.data(MANY))["tracks"]["edges"]
    assert sent == ["find tracks"]
    assert [edge["node"]["lyrics"]["lines"] for edge in edges] == [
        [{"startSeconds": float(number), "text": f"Line {number}"}] for number in (4, 3, 2, 1, 0)
    ]
