"""Files with the tags of now, over plain HTTP."""

import io
from typing import Any
from urllib.parse import urlsplit

import av
import httpx
import numpy as np
import pytest
from prometheus_client import REGISTRY
from strawberry.relay.utils import to_base64
from structlog.testing import capture_logs

from domain.library.editing import TrackChanges
from domain.library.lyric_wish import LyricsWish
from domain.library.model import AssetKind, Track
from domain.library.service import LibraryService
from domain.library.services.edit import TrackEditing
from domain.library.services.trash import TrackTrash
from domain.playback.services.download import PIECE_BYTES, TaggedDownloads, TaggedFile
from graphql_api.playback.downloads import is_known, range_of
from tests.graphql.harness import Api, Person
from tests.media.decoding import decoded
from tests.uploads.bringing import illustrated
from tests.world import World

DOWNLOADS = "query($id: ID!) { playback(trackId: $id) { downloads { kind label url sizeBytes } } }"


async def song(api: Api, person: Person) -> Track:
    await api.world.ask(person.caller, title="Evening")
    await api.world.work_off()
    (record,) = await api.world.documents("tracks")
    return await api.world.get(LibraryService).track(person.caller, record["_id"])


async def links(person: Person, track: Track) -> dict[tuple[str, str | None], str]:
    answer = await person.client.data(DOWNLOADS, id=to_base64("Track", track.id))
    return {(each["kind"], each["label"]): urlsplit(each["url"]).path for each in answer["playback"]["downloads"]}


async def get(api: Api, url: str, **headers: str) -> httpx.Response:
    return await api.http.get(url, headers={name.replace("_", "-"): text for name, text in headers.items()})


def fields(data: bytes) -> dict[str, str]:
    with av.open(io.BytesIO(data)) as container:
        return {name.upper(): text for name, text in container.metadata.items()}


async def stored(api: Api, kind: AssetKind) -> bytes:
    (version,) = await api.world.documents("versions")
    (key,) = {asset["key"] for asset in version["assets"] if (asset["kind"], asset["label"]) == (kind, None)}
    return api.world.blobs.objects[key][0]


@pytest.mark.parametrize("kind", [AssetKind.MASTER, AssetKind.DOWNLOAD])
async def test_a_file_says_what_its_track_says_when_it_is_fetched(api: Api, kind: AssetKind) -> None:
    # given a song, and an address that was given out before anything was changed
    ada = await api.person()
    track = await song(api, ada)
    url = (await links(ada, track))[kind, None]
    assert fields((await get(api, url)).content)["TITLE"] == "Evening"
    # when its owner changes what is said of it
    await illustrated(api.world, ada.caller, track)
    editing = api.world.get(TrackEditing)
    await editing.update(ada.caller, track.id, 2, TrackChanges(title="Nacht / 夜", genre="folk"))
    await editing.set_lyrics(ada.caller, track.id, 3, LyricsWish(lrc="[00:01.00]Rain", language="en"))
    # then the same address gives a file that says so, with the cover, and the same sound
    answer = await get(api, url)
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''Nacht%20%2F%20%E5%A4%9C.")
    found = fields(answer.content)
    assert (found["TITLE"], found["GENRE"], found["COMMENT"]) == ("Nacht / 夜", "folk", f"Cadenza track {track.id}")
    assert "Rain" in (found.get("LYRICS") or found["LYRICS-ENG"])
    with av.open(io.BytesIO(answer.content)) as container:
        (picture,) = container.streams.video
        assert (picture.width, picture.height) == (1024, 1024)
    assert np.array_equal(decoded(answer.content), decoded(await stored(api, kind)))


async def test_a_cover_that_is_just_being_replaced_keeps_nobody_from_the_file(api: Api) -> None:
    ada = await api.person()
    track = await song(api, ada)
    url = (await links(ada, track))["MASTER", None]
    await illustrated(api.world, ada.caller, track)
    (changed,) = await api.world.documents("tracks")
    del api.world.blobs.objects[changed["own_cover"]["key"]]
    answer = await get(api, url)
    assert (answer.status_code, fields(answer.content)["TITLE"]) == (200, "Evening")


async def test_a_stem_is_named_by_its_part_and_has_no_words(api: Api) -> None:
    ada = await api.person()
    track = await song(api, ada)
    await api.world.get(TrackEditing).set_lyrics(ada.caller, track.id, 1, LyricsWish("Rain"))
    answer = await get(api, (await links(ada, track))["STEM", "bass"])
    found = fields(answer.content)
    assert (found["TITLE"], "LYRICS" in found) == ("Evening (bass)", False)


async def test_a_file_is_fetched_in_ranges_that_join(api: Api) -> None:
    ada = await api.person()
    track = await song(api, ada)
    url = (await links(ada, track))["MASTER", None]
    whole = await get(api, url)
    data, etag = whole.content, whole.headers["etag"]
    middle = len(data) // 2
    # when it is fetched in pieces, of which one reaches over the end of the tags
    pieces = [await get(api, url, range=f"bytes={a}-{b}", if_range=etag) for a, b in ((0, 99), (100, middle))]
    pieces.append(await get(api, url, range=f"bytes={middle + 1}-"))
    # then they are the file
    assert [piece.status_code for piece in pieces] == [206, 206, 206]
    assert pieces[0].headers["content-range"] == f"bytes 0-99/{len(data)}"
    assert b"".join(piece.content for piece in pieces) == data
    assert (await get(api, url, range="bytes=-10")).content == data[-10:]
    behind = await get(api, url, range=f"bytes={len(data)}-")
    assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{len(data)}")
    # and a piece of what is another file by now is not given: the whole comes
    await api.world.get(TrackEditing).update(ada.caller, track.id, 1, TrackChanges(title="Snow"))
    other = await get(api, url, range="bytes=100-199", if_range=etag)
    assert (other.status_code, fields(other.content)["TITLE"]) == (200, "Snow")
    # and what one has already need not come again
    assert (await get(api, url, if_none_match=other.headers["etag"])).status_code == 304
    head = await api.http.head(url)
    assert (head.headers["content-length"], head.content) == (str(len(other.content)), b"")


async def test_an_address_ends_with_its_time_and_with_its_track(api: Api) -> None:
    ada = await api.person()
    track = await song(api, ada)
    url = (await links(ada, track))["MASTER", None]
    assert (await get(api, url[:-4] + "AAAA")).status_code == 404
    trash = api.world.get(TrackTrash)
    await trash.trash(ada.caller, track.id)
    assert (await get(api, url)).status_code == 404
    await trash.restore(ada.caller, track.id)
    assert (await get(api, url)).status_code == 200
    api.world.clock.advance(3601)
    assert (await get(api, url)).status_code == 404


async def test_without_storage_a_file_is_asked_for_again_later(api: Api) -> None:
    ada = await api.person()
    track = await song(api, ada)
    url = (await links(ada, track))["MASTER", None]
    api.world.blobs.is_down = True
    answer = await get(api, url)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


@pytest.mark.parametrize(
    ("kind", "data", "content_type", "reason"),
    [
        (AssetKind.MASTER, b"fLaX" + bytes(100), "audio/flac", "DAMAGED"),
        (AssetKind.MASTER, b"fLaC\x00\xff\xff\xff" + bytes(100), "audio/flac", "CUT_OFF"),
        (AssetKind.DOWNLOAD, b"ID3\x02\x00\x00" + bytes(100), "audio/mpeg", "DAMAGED"),
        (AssetKind.MASTER, b"RIFF" + bytes(100), "audio/wav", "NO_PLACE"),
    ],
)
async def test_a_file_that_cannot_be_tagged_is_sent_as_it_is_and_that_is_told(
    api: Api, kind: AssetKind, data: bytes, content_type: str, reason: str
) -> None:
    # given a song one of whose files is not what it should be
    ada = await api.person()
    track = await song(api, ada)
    url = (await links(ada, track))[kind.value, None]
    (version,) = await api.world.documents("versions")
    (key,) = {asset["key"] for asset in version["assets"] if (asset["kind"], asset["label"]) == (kind, None)}
    api.world.blobs.objects[key] = (data, content_type)
    changes = {"assets.$[each].content_type": content_type, "assets.$[each].size_bytes": len(data)}
    versions = api.world.client[api.world.database]["versions"]
    await versions.update_one({"_id": version["_id"]}, {"$set": changes}, array_filters=[{"each.key": key}])
    before = untagged(content_type, reason)
    # when its owner fetches it
    with capture_logs() as logs:
        answer = await get(api, url)
    # then it comes byte for byte, and whoever runs this sees what and why
    assert (answer.status_code, answer.content) == (200, data)
    assert untagged(content_type, reason) == before + 1
    told = [(each["key"], each["content_type"], each["reason"]) for each in logs if each["event"] == "file_not_tagged"]
    assert told == [(key, content_type, reason)]


def untagged(content_type: str, reason: str) -> float:
    labels = {"content_type": content_type, "reason": reason}
    return REGISTRY.get_sample_value("cadenza_downloads_untagged_total", labels) or 0.0


@pytest.mark.parametrize("replaced", [0, 3, 2 * PIECE_BYTES])
@pytest.mark.parametrize(
    ("start", "end"), [(0, None), (1, 3), (2, PIECE_BYTES + 9), (4, None), (PIECE_BYTES + 4, None)]
)
async def test_a_long_file_is_fetched_piece_by_piece(world: World, replaced: int, start: int, end: int | None) -> None:
    data = np.random.default_rng(1).bytes(3 * PIECE_BYTES + 5)
    world.blobs.objects["song"] = (data, "audio/flac")
    file = TaggedFile("song", "song.flac", "audio/flac", b"head", replaced, len(data), "etag")
    whole = b"head" + data[replaced:]
    assert file.size_bytes == len(whole)
    pieces = [piece async for piece in world.get(TaggedDownloads).bytes_of(file, start, end or file.size_bytes)]
    assert b"".join(pieces) == whole[start:end]
    assert max(map(len, pieces)) <= PIECE_BYTES


@pytest.mark.parametrize(
    ("asked", "reach"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=5-", (5, 10)),
        ("bytes=5-99", (5, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=10-", None),
        ("bytes=-0", None),
        ("bytes=7-5", (0, 10)),
        ("bytes=-", (0, 10)),
        ("bytes=0-1,3-4", (0, 10)),
        ("items=0-1", (0, 10)),
        ("bytes=²-", (0, 10)),
    ],
)
def test_ranges_are_read_as_http_has_them(asked: str, reach: Any) -> None:
    assert range_of(asked, 10) == reach


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b",W/"a" , "c"', True),
        ("*", True),
        ("", False),
        ('"b"', False),
        ('"aa"', False),
        ("a", False),
        ('"b", "*"', False),
    ],
)
def test_a_validator_is_known_among_several_and_as_a_weak_one(asked: str, known: bool) -> None:
    assert is_known(asked, '"a"') is known
