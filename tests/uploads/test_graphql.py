"""Uploads through the public API."""

from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.kit.ids import new_id
from domain.uploads.model import PART_BYTES
from tests.graphql.harness import Api, Person
from tests.uploads.sounds import FLAC, encoded, tones

CREATE = """
mutation($input: CreateUploadInput!) { createUpload(input: $input) {
  __typename
  ... on CreateUploadSuccess { upload {
    id fileName sizeBytes contentType status expiresAt
    missingParts { number offsetBytes sizeBytes url expiresAt } job { id }
  } }
  ... on Problem { code message }
  ... on ValidationFailed { issues { path } }
  ... on PlanLimit { plan field limit }
  ... on TooManyUploads { maxOpenUploads }
} }
"""
COMPLETE = """
mutation($input: CompleteUploadInput!) { completeUpload(input: $input) {
  __typename
  ... on CompleteUploadSuccess { job {
    id status creditsHeld trackId track { id } tags { title } upload { id status job { id } }
  } }
  ... on Problem { code message }
  ... on UploadIncomplete { missingParts }
  ... on UploadClosed { status }
} }
"""
ABORT = """
mutation($input: AbortUploadInput!) { abortUpload(input: $input) {
  __typename
  ... on AbortUploadSuccess { upload { status missingParts { number } } }
  ... on Problem { code message }
  ... on UploadClosed { status }
} }
"""
JOB = """
query($id: ID!) { job(id: $id) {
  __typename status progress problem { code message }
  ... on UploadJob { trackId tags { title artist album genre date } upload { fileName }
    track { title artist genre currentVersion {
      kind bpm keyScale meter seed modelId modelVersion durationSeconds analysis { loudnessLufs }
    } } }
} }
"""
PLAYBACK = "query($id: ID!) { playback(trackId: $id) { isComplete downloads { kind label contentType } } }"
UPLOAD = "query($id: ID!) { upload(id: $id) { id status missingParts { number url } } }"
NODE = "query($id: ID!) { node(id: $id) { __typename id } }"


async def created(person: Person, data: bytes, **fields: Any) -> dict[str, Any]:
    wish = {"fileName": "rain.flac", "sizeBytes": len(data), "contentType": "audio/flac", **fields}
    found: dict[str, Any] = (await person.client.data(CREATE, input=wish))["createUpload"]
    return found


async def sent(api: Api, upload: dict[str, Any], data: bytes) -> None:
    for part in upload["missingParts"]:
        start, size = int(part["offsetBytes"]), int(part["sizeBytes"])
        api.world.intake.bring(part["url"], data[start : start + size])


async def completed(person: Person, upload_id: str, **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await person.client.data(COMPLETE, input={"uploadId": upload_id, **fields}))[
        "completeUpload"
    ]
    return found


async def test_a_file_is_brought_and_becomes_a_track_that_plays(api: Api) -> None:
    # given a person with a file
    ada = await api.person("Ada")
    data = encoded(tones(2.0), FLAC, tags={"title": "Rain", "album": "Weather"})
    # when they open an upload
    upload = (await created(ada, data))["upload"]
    assert (upload["status"], upload["sizeBytes"], upload["job"]) == ("OPEN", len(data), None)
    assert [(part["number"], part["offsetBytes"], part["sizeBytes"]) for part in upload["missingParts"]] == [
        (1, 0, len(data))
    ]
    # and send the file, and complete it
    await sent(api, upload, data)
    job = (await completed(ada, upload["id"]))["job"]
    assert (job["status"], job["creditsHeld"], job["track"], job["tags"]) == ("QUEUED", 0, None, None)
    assert job["upload"] == {"id": upload["id"], "status": "COMPLETED", "job": {"id": job["id"]}}
    await api.world.work_off()
    # then there is a track with what the file said, and what was measured
    done = (await ada.client.data(JOB, id=job["id"]))["job"]
    assert (done["__typename"], done["status"], done["problem"]) == ("UploadJob", "SUCCEEDED", None)
    assert done["tags"] == {"title": "Rain", "artist": None, "album": "Weather", "genre": None, "date": None}
    track = done["track"]
    assert (track["title"], track["artist"], track["genre"]) == ("Rain", "Ada", "")
    version = track["currentVersion"]
    assert version["kind"] == "UPLOADED"
    assert [version[name] for name in ("bpm", "keyScale", "meter", "seed", "modelId", "modelVersion")] == [None] * 6
    assert version["durationSeconds"] == pytest.approx(2.0)
    playback = (await ada.client.data(PLAYBACK, id=done["trackId"]))["playback"]
    assert playback["isComplete"]
    kinds = {(each["kind"], each["label"]): each["contentType"] for each in playback["downloads"]}
    assert kinds[("ORIGINAL", None)] == "audio/flac"
    assert {label for kind, label in kinds if kind == "WAVEFORM"} == {None, "256", "8192"}


async def test_a_refused_file_tells_its_owner_why(api: Api) -> None:
    ada = await api.person()
    data = b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n"
    upload = (await created(ada, data))["upload"]
    await sent(api, upload, data)
    job = (await completed(ada, upload["id"]))["job"]
    await api.world.work_off()
    done = (await ada.client.data(JOB, id=job["id"]))["job"]
    assert (done["status"], done["problem"]["code"], done["track"]) == ("FAILED", "AUDIO_IS_A_PLAYLIST", None)
    assert done["problem"]["message"].startswith("This is a playlist")


async def test_an_upload_goes_on_with_the_parts_that_are_missing(api: Api) -> None:
    ada = await api.person()
    data = bytes(PART_BYTES + 1)
    upload = (await created(ada, data))["upload"]
    first, second = upload["missingParts"]
    assert (second["offsetBytes"], second["sizeBytes"]) == (PART_BYTES, 1)
    api.world.intake.bring(first["url"], data[:PART_BYTES])
    refused = await completed(ada, upload["id"])
    assert (refused["__typename"], refused["missingParts"]) == ("UploadIncomplete", [2])
    again = (await ada.client.data(UPLOAD, id=upload["id"]))["upload"]["missingParts"]
    assert [part["number"] for part in again] == [2]
    api.world.intake.bring(again[0]["url"], data[PART_BYTES:])
    parts = [{"number": 1, "etag": '"wrong"'}]
    assert (await completed(ada, upload["id"], parts=parts))["missingParts"] == [1]
    assert (await completed(ada, upload["id"]))["__typename"] == "CompleteUploadSuccess"


async def test_what_cannot_be_brought_is_told_as_a_problem(api: Api) -> None:
    ada = await api.person()
    before = await api.contents()
    wrong = await created(ada, b"x", fileName="", contentType="text/plain")
    assert (wrong["__typename"], [issue["path"] for issue in wrong["issues"]]) == (
        "ValidationFailed",
        ["fileName", "contentType"],
    )
    large = await created(ada, b"x", sizeBytes=45_000_000)
    assert (large["__typename"], large["plan"], large["field"], large["limit"]) == (
        "PlanLimit",
        "Free",
        "sizeBytes",
        40_000_000,
    )
    after = await api.contents()
    assert {name: after[name] for name in ("uploads", "jobs")} == {name: before[name] for name in ("uploads", "jobs")}
    for _ in range(5):
        await created(ada, b"x")
    assert (await created(ada, b"x"))["maxOpenUploads"] == 5


async def test_an_upload_is_given_up(api: Api) -> None:
    ada = await api.person()
    upload = (await created(ada, b"x"))["upload"]
    aborted = (await ada.client.data(ABORT, input={"uploadId": upload["id"]}))["abortUpload"]
    assert aborted["upload"] == {"status": "ABORTED", "missingParts": []}
    refused = await completed(ada, upload["id"])
    assert (refused["__typename"], refused["status"]) == ("UploadClosed", "ABORTED")


async def test_a_second_person_sees_and_changes_nothing(api: Api) -> None:
    # given a track of Ada's that came of an upload, and an upload that is open
    ada, eve = await api.person("Ada"), await api.person("Eve")
    data = encoded(tones(1.0), FLAC)
    upload = (await created(ada, data))["upload"]
    await sent(api, upload, data)
    job = (await completed(ada, upload["id"]))["job"]
    await api.world.work_off()
    open_one = (await created(ada, data))["upload"]
    before = await api.contents()
    # when Eve tries every way to it
    for upload_id in (upload["id"], open_one["id"]):
        assert (await eve.client.data(UPLOAD, id=upload_id))["upload"] is None
        assert (await eve.client.data(NODE, id=upload_id))["node"] is None
        for document, name in ((COMPLETE, "completeUpload"), (ABORT, "abortUpload")):
            answer = (await eve.client.data(document, input={"uploadId": upload_id}))[name]
            assert answer["__typename"] == "NotFound"
    assert (await eve.client.data(JOB, id=job["id"]))["job"] is None
    assert (await eve.client.data(NODE, id=job["id"]))["node"] is None
    assert (await eve.client.data(PLAYBACK, id=job["trackId"]))["playback"] is None
    # then nothing has changed
    assert await api.contents() == before


async def test_nothing_is_brought_without_signing_in(edge: Api) -> None:
    wish = {"fileName": "a.wav", "sizeBytes": 1, "contentType": "audio/wav"}
    assert (await edge.anonymous.data(CREATE, input=wish))["createUpload"]["code"] == "UNAUTHENTICATED"
    upload_id = to_base64("Upload", new_id())
    for document, name in ((COMPLETE, "completeUpload"), (ABORT, "abortUpload")):
        assert (await edge.anonymous.data(document, input={"uploadId": upload_id}))[name]["code"] == "UNAUTHENTICATED"
    assert (await edge.anonymous.error(UPLOAD, id=upload_id))["code"] == "UNAUTHENTICATED"


async def test_an_upload_is_a_node(api: Api) -> None:
    ada = await api.person()
    upload = (await created(ada, b"x"))["upload"]
    assert (await ada.client.data(NODE, id=upload["id"]))["node"] == {"__typename": "Upload", "id": upload["id"]}
