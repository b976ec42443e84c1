"""Words in files of each format become the lyrics of the track, through the public API."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.media.languages import UNKNOWN
from tests.graphql.harness import Api, Person
from tests.uploads.sounds import ADTS, FLAC, M4A, MP3, OPUS, VORBIS, encoded, tones
from tests.uploads.tagged import sylt, uslt, with_id3
from tests.uploads.test_graphql import completed, created, sent

JOB = """
query($id: ID!) { job(id: $id) { status problem { message } ... on UploadJob {
  lyrics { use leftOut } tags { title }
  track { id revision title lyrics { language isSynchronised text lrc } }
} } }
"""
FOUND = "query($text: String!) { tracks(filter: {text: $text}) { edges { node { id } } } }"
LRC = "[00:00.50]Rain on the window\n[00:01.20]Größe 雨"
TEXT = "Rain on the window\nGröße 雨"
ENTRIES = [(500, "Rain on the window"), (1_200, "Größe 雨")]
SOUND = tones(2.0)


async def become(api: Api, ada: Person, data: bytes, **fields: Any) -> dict[str, Any]:
    """The job at its end."""
    upload = (await created(ada, data, **fields))["upload"]
    await sent(api, upload, data)
    job = (await completed(ada, upload["id"]))["job"]
    await api.world.work_off()
    done: dict[str, Any] = (await ada.client.data(JOB, id=job["id"]))["job"]
    assert (done["status"], done["problem"]) == ("SUCCEEDED", None)
    return done


def mp3(*frames: tuple[bytes, bytes], **form: Any) -> bytes:
    return with_id3(encoded(SOUND, MP3), *frames, **form)


TIMED: dict[str, Callable[[], bytes]] = {
    "mp3 with SYLT and USLT": lambda: mp3((b"USLT", uslt(TEXT)), (b"SYLT", sylt(ENTRIES))),
    "mp3 with SYLT in UTF-16 of v2.3": lambda: mp3((b"SYLT", sylt(ENTRIES, encoding=1)), major=3),
    "mp3 with LRC in USLT": lambda: mp3((b"USLT", uslt(LRC, encoding=1))),
    "mp3 with LRC in USLT of v2.2": lambda: mp3((b"ULT", uslt(LRC, encoding=1)), major=2),
    "aac with SYLT": lambda: with_id3(encoded(SOUND, ADTS), (b"SYLT", sylt(ENTRIES))),
    "flac with LYRICS": lambda: encoded(SOUND, FLAC, tags={"LYRICS": LRC}),
    "flac as it is downloaded here": lambda: encoded(SOUND, FLAC, tags={"LYRICS": TEXT, "SYNCEDLYRICS": LRC}),
    "vorbis with UNSYNCEDLYRICS": lambda: encoded(SOUND, VORBIS, tags={"UNSYNCEDLYRICS": LRC}),
    "opus with lyrics": lambda: encoded(tones(2.0, rate=48_000), OPUS, rate=48_000, tags={"lyrics": LRC}),
    "m4a with lyrics": lambda: encoded(SOUND, M4A, tags={"lyrics": LRC}),
}
PLAIN: dict[str, Callable[[], bytes]] = {
    "mp3 with USLT": lambda: mp3((b"USLT", uslt(TEXT, encoding=1))),
    "flac with UNSYNCEDLYRICS": lambda: encoded(SOUND, FLAC, tags={"UNSYNCEDLYRICS": TEXT}),
    "vorbis with LYRICS": lambda: encoded(SOUND, VORBIS, tags={"LYRICS": TEXT}),
    "m4a with lyrics": lambda: encoded(SOUND, M4A, tags={"lyrics": TEXT}),
}


@pytest.mark.parametrize("file", TIMED.values(), ids=TIMED.keys())
async def test_words_with_times_come_with_their_times(api: Api, file: Callable[[], bytes]) -> None:
    ada = await api.person()
    done = await become(api, ada, file())
    assert done["lyrics"] == {"use": "SYNCHRONISED", "leftOut": None}
    lyrics = done["track"]["lyrics"]
    assert (lyrics["isSynchronised"], lyrics["lrc"], lyrics["text"]) == (True, LRC, TEXT)
    # and the track is found by them
    found = (await ada.client.data(FOUND, text="window größe"))["tracks"]["edges"]
    assert [edge["node"]["id"] for edge in found] == [done["track"]["id"]]


@pytest.mark.parametrize("file", PLAIN.values(), ids=PLAIN.keys())
async def test_words_without_times_are_plain(api: Api, file: Callable[[], bytes]) -> None:
    done = await become(api, await api.person(), file())
    assert done["lyrics"] == {"use": "PLAIN", "leftOut": None}
    lyrics = done["track"]["lyrics"]
    assert (lyrics["isSynchronised"], lyrics["lrc"], lyrics["text"]) == (False, None, TEXT)


async def test_the_language_of_a_tag_is_that_of_the_lyrics(api: Api) -> None:
    ada = await api.person()
    german = await become(api, ada, mp3((b"SYLT", sylt(ENTRIES, b"ger")), (b"USLT", uslt(TEXT, b"deu"))))
    nobody_knows = await become(api, ada, mp3((b"USLT", uslt(TEXT, UNKNOWN.encode()))))
    assert [each["track"]["lyrics"]["language"] for each in (german, nobody_knows)] == ["de", None]


async def test_a_file_without_words_makes_a_track_without(api: Api) -> None:
    done = await become(api, await api.person(), encoded(SOUND, FLAC, tags={"title": "Rain"}))
    assert (done["lyrics"], done["track"]["lyrics"], done["tags"]["title"]) == (None, None, "Rain")


WILD: dict[str, tuple[Callable[[], bytes], str, str, str | None]] = {
    "times behind the end": (
        lambda: mp3((b"SYLT", sylt([(500, "Rain"), (4_294_967_295, "Never")]))),
        "SYNCHRONISED",
        "1 of the lines would come after the end of the recording.",
        "Rain",
    ),
    "times of nothing": (
        lambda: mp3((b"SYLT", sylt([(0, "Rain"), (0, "Snow")]))),
        "PLAIN",
        "The times do not fit the recording, so the words are without them.",
        "Rain\nSnow",
    ),
    "control characters": (
        lambda: encoded(SOUND, FLAC, tags={"LYRICS": "Ra\x1b[31m\x07in\u202e\nSnow"}),
        "PLAIN",
        "",
        "Ra[31min\nSnow",
    ),
    "a book": (
        lambda: encoded(SOUND, FLAC, tags={"LYRICS": "la la la\n" * 100_000}),
        "NOT_USED",
        "The words have more than 40,000 characters.",
        None,
    ),
    "a broken encoding": (
        lambda: mp3((b"USLT", b"\x03eng\x00Rain \xff\xfe\xc3")),
        "PLAIN",
        "",
        "Rain \ufffd\ufffd\ufffd",
    ),
    "rubbish": (lambda: mp3((b"SYLT", b"\x03eng\x02\x01" + b"\xff" * 5_000)), "", "", None),
}


@pytest.mark.parametrize(("file", "use", "left_out", "text"), WILD.values(), ids=WILD.keys())
async def test_what_cannot_be_used_is_left_out_and_said(
    api: Api, file: Callable[[], bytes], use: str, left_out: str, text: str | None
) -> None:
    done = await become(api, await api.person(), file())
    assert done["lyrics"] == ({"use": use, "leftOut": left_out or None} if use else None)
    lyrics = done["track"]["lyrics"]
    assert (None if lyrics is None else lyrics["text"]) == text


async def test_one_more_version_leaves_the_track_its_words(api: Api) -> None:
    # given a track with words
    ada = await api.person()
    track = (await become(api, ada, encoded(SOUND, FLAC, tags={"LYRICS": "Rain"})))["track"]
    parent = "query($id: ID!) { track(id: $id) { currentVersion { id } } }"
    version_id = (await ada.client.data(parent, id=track["id"]))["track"]["currentVersion"]["id"]
    # when another file with other words becomes its next version
    done = await become(api, ada, encoded(SOUND, FLAC, tags={"LYRICS": "Snow"}), parentVersionId=version_id)
    # then nothing but the sound has changed, and that is said
    assert done["lyrics"] == {
        "use": "NOT_USED",
        "leftOut": "A version brings no words: the track keeps its own.",
    }
    assert (done["track"]["id"], done["track"]["lyrics"]["text"]) == (track["id"], "Rain")
