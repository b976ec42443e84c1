"""Covers through the public API: bringing, replacing, removing them, and what is left in storage."""

from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.kit.errors import NotFound
from domain.kit.ids import new_id
from domain.kit.personal_data import Erasure, PersonalRecords
from domain.library.services.janitor import TrashJanitor
from domain.library.services.trash import TrackTrash
from domain.uploads.services.set_cover import CoverJanitor, CoverSetting
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.uploads.pictures import LEFT, RIGHT, colours, picture

CREATE = """mutation($input: CreateCoverUploadInput!) { createCoverUpload(input: $input) {
  ... on CreateCoverUploadSuccess { coverUpload { id url expiresAt } }
  ... on ValidationFailed { issues { path message } }
  ... on Problem { code message }
} }"""
SET = """mutation($input: SetCoverInput!) { setCover(input: $input) {
  ... on SetCoverSuccess { track { hasOwnCover revision } }
  ... on CoverRefused { fault }
  ... on EditConflict { current { revision } }
  ... on Problem { code message }
} }"""
REMOVE = """mutation($input: RemoveCoverInput!) { removeCover(input: $input) {
  ... on RemoveCoverSuccess { track { hasOwnCover revision } }
  ... on Problem { code message }
} }"""
COVERS = "query($id: ID!) { playback(trackId: $id) { downloads { kind url sizeBytes contentType } } }"


async def opened(person: Person, track_id: str, data: bytes, kind: str = "image/png") -> dict[str, Any]:
    given = {"trackId": track_id, "sizeBytes": len(data), "contentType": kind}
    answer: dict[str, Any] = (await person.client.data(CREATE, input=given))["createCoverUpload"]
    return answer


async def set_cover(person: Person, upload_id: str, revision: int) -> dict[str, Any]:
    given = {"coverUploadId": upload_id, "expectedRevision": revision}
    answer: dict[str, Any] = (await person.client.data(SET, input=given))["setCover"]
    return answer


async def covered(api: Api, person: Person, track_id: str, revision: int, data: bytes) -> dict[str, Any]:
    """A picture brought and set; the answer of setting it."""
    upload = (await opened(person, track_id, data))["coverUpload"]
    api.world.intake.bring(upload["url"], data)
    return await set_cover(person, upload["id"], revision)


async def removed(person: Person, track_id: str, revision: int) -> dict[str, Any]:
    given = {"trackId": track_id, "expectedRevision": revision}
    answer: dict[str, Any] = (await person.client.data(REMOVE, input=given))["removeCover"]
    return answer


async def shown_cover(api: Api, person: Person, track_id: str) -> bytes:
    """The one cover among the files of a track."""
    files = (await person.client.data(COVERS, id=track_id))["playback"]["downloads"]
    (cover,) = [file for file in files if file["kind"] == "COVER"]
    data, content_type = api.world.blobs.objects[cover["url"].removeprefix("memory:///")]
    assert (cover["sizeBytes"], cover["contentType"]) == (len(data), content_type)
    return data


def keys(api: Api, part: str) -> list[str]:
    return [key for key in api.world.blobs.objects if part in key]


async def song_of(api: Api, person: Person) -> str:
    await api.world.ask(person.caller)
    await api.world.work_off()
    (track,) = await api.world.documents("tracks")
    return to_base64("Track", track["_id"])


async def test_a_cover_is_brought_replaced_and_removed(api: Api) -> None:
    # given a song with the cover that was drawn for it
    ada = await api.person()
    track_id = await song_of(api, ada)
    drawn = await shown_cover(api, ada, track_id)
    # when its owner brings a picture
    assert await covered(api, ada, track_id, 1, picture()) == {"track": {"hasOwnCover": True, "revision": 2}}
    # then that is its cover, in one file
    left, _, right, _ = colours(await shown_cover(api, ada, track_id))
    assert (left, right) == (LEFT, RIGHT)
    (first,) = keys(api, "/covers/")
    # and another one takes its place, of which the first is removed
    assert (await covered(api, ada, track_id, 2, picture("JPEG")))["track"]["revision"] == 3
    (second,) = keys(api, "/covers/")
    assert second != first
    # and without it the track shows the drawn one again, and nothing of the others is left
    assert await removed(ada, track_id, 3) == {"track": {"hasOwnCover": False, "revision": 4}}
    assert await shown_cover(api, ada, track_id) == drawn
    assert keys(api, "/covers/") == []
    assert (await removed(ada, track_id, 4))["track"]["revision"] == 4


@pytest.mark.parametrize(
    ("data", "fault", "message"),
    [
        (b"no picture", "NOT_A_PICTURE", "This is no picture that is accepted here. Bring a JPEG, PNG or WebP."),
        (picture()[:-100], "DAMAGED", "The picture is damaged or was cut off."),
        (
            picture(size=(200, 200)),
            "TOO_SMALL",
            "The picture is too small: each side has at least 300 pixels.",
        ),
    ],
)
async def test_what_cannot_be_a_cover_changes_nothing(api: Api, data: bytes, fault: str, message: str) -> None:
    ada = await api.person()
    track_id = to_base64("Track", (await add_track(api.world, ada.caller)).id)
    upload = (await opened(ada, track_id, data))["coverUpload"]
    api.world.intake.bring(upload["url"], data)
    before = await api.contents()
    told = await set_cover(ada, upload["id"], 1)
    assert told == {"code": "COVER_REFUSED", "message": message, "fault": fault}
    assert await api.contents() == before


async def test_a_picture_that_has_not_arrived_can_still_be_sent(api: Api) -> None:
    ada = await api.person()
    track_id = to_base64("Track", (await add_track(api.world, ada.caller)).id)
    upload = (await opened(ada, track_id, picture()))["coverUpload"]
    assert (await set_cover(ada, upload["id"], 1))["code"] == "COVER_MISSING"
    api.world.intake.bring(upload["url"], picture())
    assert (await set_cover(ada, upload["id"], 1))["track"]["hasOwnCover"]


async def test_a_cover_for_a_revision_that_is_over_leaves_nothing_behind(api: Api) -> None:
    ada = await api.person()
    track_id = to_base64("Track", (await add_track(api.world, ada.caller)).id)
    await covered(api, ada, track_id, 1, picture())
    stored = keys(api, "/covers/")
    told = await covered(api, ada, track_id, 1, picture("JPEG"))
    assert (told["code"], told["current"]) == ("EDIT_CONFLICT", {"revision": 2})
    assert keys(api, "/covers/") == stored


async def test_what_is_no_wish_for_a_cover_is_refused(api: Api) -> None:
    ada = await api.person()
    track_id = to_base64("Track", (await add_track(api.world, ada.caller)).id)
    assert (await opened(ada, track_id, b"", "image/svg+xml"))["issues"] == [
        {"path": "sizeBytes", "message": "A cover's file has 1 to 10,000,000 bytes."},
        {
            "path": "contentType",
            "message": "'image/svg+xml' is not accepted. It may be: image/jpeg, image/png, image/webp.",
        },
    ]
    for _ in range(20):
        assert "coverUpload" in await opened(ada, track_id, b"x")
    assert await opened(ada, track_id, b"x") == {
        "code": "TOO_MANY_UPLOADS",
        "message": "20 uploads of yours are open, which is the most at once. "
        "Each of them ends an hour after it was opened.",
    }


async def test_somebody_elses_track_gets_no_cover(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    track = await add_track(api.world, ada.caller)
    track_id = to_base64("Track", track.id)
    upload = (await opened(ada, track_id, picture()))["coverUpload"]
    api.world.intake.bring(upload["url"], picture())
    before = await api.contents()
    assert (await opened(bob, track_id, picture()))["code"] == "NOT_FOUND"
    assert (await set_cover(bob, upload["id"], 1))["code"] == "NOT_FOUND"
    assert (await removed(bob, track_id, 1))["code"] == "NOT_FOUND"
    assert (await set_cover(ada, to_base64("CoverUpload", new_id()), 1))["code"] == "NOT_FOUND"
    assert await api.contents() == before


async def test_a_picture_goes_when_its_address_is_dead(api: Api) -> None:
    ada = await api.person()
    track_id = to_base64("Track", (await add_track(api.world, ada.caller)).id)
    upload = (await opened(ada, track_id, picture()))["coverUpload"]
    api.world.intake.bring(upload["url"], picture())
    janitor = api.world.get(CoverJanitor)
    assert (await janitor.sweep(), len(keys(api, "cover-uploads/"))) == (0, 1)
    api.world.clock.advance(3600)
    (record,) = await api.world.documents("cover_uploads")
    with pytest.raises(NotFound):
        await api.world.get(CoverSetting).set(ada.caller, record["_id"], 1)
    assert await janitor.sweep() == 0
    api.world.clock.advance(3600)
    assert (await janitor.sweep(), keys(api, "cover-uploads/")) == (1, [])
    assert await api.world.documents("cover_uploads") == []


async def test_a_cover_goes_with_its_track(api: Api) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    await covered(api, ada, to_base64("Track", track.id), 1, picture())
    trash = api.world.get(TrackTrash)
    await trash.trash(ada.caller, track.id)
    assert len(keys(api, "/covers/")) == 1
    await trash.delete_forever(ada.caller, track.id)
    await api.world.get(TrashJanitor).sweep()
    assert keys(api, "/covers/") == []


async def test_covers_are_told_to_their_owner_and_forgotten_with_them(api: Api) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    await covered(api, ada, to_base64("Track", track.id), 1, picture())
    records = api.world.get(PersonalRecords)
    owner_id = ada.caller.require()
    told = await records.export(owner_id, api.world.kit.settings.library.trash)
    (key,) = keys(api, "/covers/")
    assert told["library"]["tracks"][0]["own_cover"]["url"] == f"memory:///{key}"
    assert [each["track_id"] for each in told["uploads"]["cover_uploads"]] == [track.id]
    await records.erase(Erasure(owner_id, "nobody"))
    assert list(api.world.blobs.objects) == []
    assert await api.world.documents("cover_uploads") == []
