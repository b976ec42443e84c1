"""Asking for one's data through the public API, and what the archive holds."""

import asyncio
import hashlib
import io
import json
import zipfile
from dataclasses import asdict
from typing import Any

import pytest
from strawberry.relay.utils import from_base64, to_base64

from domain.accounts.services.api_keys import ApiKeyService
from domain.exports.model import MAX_A_DAY
from domain.exports.services.pack import ExportPacking
from domain.exports.services.request import ExportRequests
from domain.exports.services.tidy import ArchiveJanitor
from domain.jobs.errors import LeaseLost
from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.kit.audio.notes import unpacked
from domain.kit.caller import UNKNOWN_CLIENT, Scope
from domain.kit.keyset import SortedPageRequest
from domain.library.listing import NEWEST_FIRST
from domain.library.lyric_wish import LyricsWish
from domain.library.service import LibraryService
from domain.library.services.edit import TrackEditing
from tests.graphql.harness import PASSWORD, Api, Person
from tests.library.factories import add_track
from tests.uploads.bringing import brought, illustrated
from tests.uploads.sounds import encoded, tones

REQUEST = """mutation($input: RequestAccountExportInput!) { requestAccountExport(input: $input) {
  __typename ... on RequestAccountExportSuccess { job { id status queue sizeBytes download { url } } }
  ... on TooManyExports { maxADay retryAfterSeconds } ... on Problem { code message }
} }"""
JOB = """query($id: ID!) { job(id: $id) { status problem { code } progress
  ... on AccountExportJob { sizeBytes expiresAt download { url expiresAt } }
} }"""
DAY = 24 * 3600


async def request(person: Person, password: str = PASSWORD, **fields: Any) -> dict[str, Any]:
    given = {"password": password, **fields}
    answer: dict[str, Any] = (await person.client.data(REQUEST, input=given))["requestAccountExport"]
    return answer


async def found(person: Person, job_id: str) -> Any:
    return (await person.client.data(JOB, id=job_id))["job"]


async def with_music(api: Api, name: str = "Ada") -> Person:
    """A song with words, and a file with a cover of one's own."""
    person = await api.person(name)
    await api.world.ask(person.caller, title=f"Song of {name}")
    await api.world.work_off()
    await brought(api.world, person.caller, encoded(tones(1.0)), f"{name}.wav")
    await api.world.work_off()
    brought_track, song = (
        await api.world.get(LibraryService).tracks(person.caller, SortedPageRequest(NEWEST_FIRST))
    ).items
    await illustrated(api.world, person.caller, brought_track)
    words = LyricsWish(lrc=f"[00:01.00]Oh {name}")
    await api.world.get(TrackEditing).set_lyrics(person.caller, song.id, song.revision, words)
    return person


async def heard_notes(api: Api, owner_id: str) -> dict[str, list[dict[str, Any]]]:
    """By the path of their file; of the one recording that somebody brought."""
    (heard,) = [each for each in await api.world.documents("transcriptions") if each["owner_id"] == owner_id]
    notes = [asdict(note) for note in unpacked(heard["notes"])]
    assert len(notes) == heard["note_count"] > 0
    return {f"tracks/{heard['track_id']}/{heard['_id']}/notes.json": notes}


async def test_the_archive_holds_every_byte_of_ones_own_and_nothing_of_others(api: Api) -> None:
    # given two people with music
    ada, bob = await with_music(api), await with_music(api, "Bob")
    # when one asks for all of theirs
    asked = await request(ada)
    assert (asked["job"]["status"], asked["job"]["queue"]) == ("QUEUED", "BATCH")
    assert (asked["job"]["sizeBytes"], asked["job"]["download"]) == (None, None)
    await api.world.work_off()
    # then there is a link, for a quarter of an hour, and a mail says so
    done = await found(ada, asked["job"]["id"])
    assert (done["status"], done["progress"], done["problem"]) == ("SUCCEEDED", 1.0, None)
    data, _ = api.world.blobs.objects[done["download"]["url"].removeprefix("memory:///")]
    assert len(data) == done["sizeBytes"]
    assert (await api.world.mail_to(ada.email))[-1].subject == "Your data are ready to be fetched"
    # and the archive has every file of hers, byte for byte, under its version
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    owner_id = ada.caller.require()
    tracks = [track for track in await api.world.documents("tracks") if track["owner_id"] == owner_id]
    versions = [version for version in await api.world.documents("versions") if version["owner_id"] == owner_id]
    expected = {
        f"tracks/{version['track_id']}/{version['_id']}/{asset['key'].rpartition('/')[2]}": asset["key"]
        for version in versions
        for asset in version["assets"]
    }
    covers = [track["own_cover"]["key"] for track in tracks if track["own_cover"]]
    expected |= {path: key for path in files for key in covers if path.endswith(key.rpartition("/")[2])}
    assert len(covers) == 1
    assert {path: files[path] for path in expected} == {
        path: api.world.blobs.objects[key][0] for path, key in expected.items()
    }
    words = {path: data for path, data in files.items() if path.endswith("lyrics.lrc")}
    assert list(words.values()) == [b"[00:01.00]Oh Ada"]
    # and the notes that were heard in what she brought
    notes = {path: json.loads(data)["notes"] for path, data in files.items() if path.endswith("/notes.json")}
    assert notes == await heard_notes(api, owner_id)
    # and beside them the records of each area, and a manifest that knows every file
    manifest = json.loads(files.pop("manifest.json"))
    areas = {path for path in files if "/" not in path}
    assert {"accounts.json", "library.json", "generation.json", "uploads.json"} <= areas
    assert set(files) == {*areas, *expected, *words, *notes}
    assert {entry["path"]: entry["sha256"] for entry in manifest["files"]} == {
        path: hashlib.sha256(data).hexdigest() for path, data in files.items()
    }
    # and nothing of anybody else
    text = " ".join(files[path].decode() for path in areas)
    assert bob.email not in text
    assert bob.caller.require() not in text


async def test_it_is_told_to_nobody_else_and_to_no_key(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    job_id = (await request(ada))["job"]["id"]
    await api.world.work_off()
    assert await found(bob, job_id) is None
    _, key = await api.world.get(ApiKeyService).create(ada.caller, "robot", list(Scope))
    robot = Person(ada.caller, ada.client.with_token(key), ada.email)
    assert (await robot.client.error(JOB, id=job_id))["code"] == "FORBIDDEN"
    before = await api.world.documents("jobs")
    assert (await request(robot))["code"] == "FORBIDDEN"
    assert (await request(ada, "wrong"))["code"] == "WRONG_CREDENTIALS"
    assert await api.world.documents("jobs") == before


async def test_one_at_a_time_and_five_a_day(api: Api) -> None:
    # given an export that waits
    ada = await api.person()
    first = await request(ada, idempotencyKey="once")
    before = await api.world.documents("jobs")
    assert (await request(ada))["code"] == "EXPORT_UNDER_WAY"
    assert await api.world.documents("jobs") == before
    # and the same call gives the same one
    assert (await request(ada, idempotencyKey="once"))["job"]["id"] == first["job"]["id"]
    # when many are asked for at once, one is accepted
    await api.world.work_off()
    answers = await asyncio.gather(*(request(ada) for _ in range(3)))
    assert sorted(answer.get("code", "accepted") for answer in answers) == ["EXPORT_UNDER_WAY"] * 2 + ["accepted"]
    await api.world.work_off()
    for _ in range(MAX_A_DAY - 2):
        await request(ada)
        await api.world.work_off()
    # then the day is full, until the first is a day old
    refused = await request(ada)
    assert (refused["code"], refused["maxADay"]) == ("TOO_MANY_EXPORTS", MAX_A_DAY)
    api.world.clock.advance(refused["retryAfterSeconds"] + 1)
    ada = await api.signed_in_again(ada)
    assert (await request(ada))["__typename"] == "RequestAccountExportSuccess"


async def test_it_is_deleted_after_seven_days(api: Api) -> None:
    ada = await api.person()
    job_id = (await request(ada))["job"]["id"]
    await api.world.work_off()
    janitor = api.world.get(ArchiveJanitor)
    api.world.clock.advance(7 * DAY - 60)
    ada = await api.signed_in_again(ada)
    assert await janitor.sweep() == 0
    assert (await found(ada, job_id))["download"] is not None
    # when the time is up, nothing is given away even before the janitor comes
    api.world.clock.advance(61)
    ada = await api.signed_in_again(ada)
    assert (await found(ada, job_id))["download"] is None
    assert await janitor.sweep() == 1
    assert (api.world.blobs.objects, await api.world.documents("account_archives")) == ({}, [])
    assert (await found(ada, job_id))["sizeBytes"] is None


async def test_what_breaks_off_leaves_no_part_behind(api: Api) -> None:
    # given an attempt that was killed while it gathered parts
    ada = await with_music(api)
    job_id = (await request(ada))["job"]["id"]
    (export,) = await api.world.documents("account_archives")
    folder = f"exports/{ada.caller.account_id}/{export['_id']}"
    gathering = await api.world.intake.begin_parts(f"{folder}/0/cadenza.zip")
    await api.world.intake.put_part(f"{folder}/0/cadenza.zip", gathering, 1, b"half")
    # when the next one packs
    await api.world.work_off()
    # then there is one archive and nothing is gathered
    assert (await found(ada, job_id))["status"] == "SUCCEEDED"
    assert api.world.intake.gatherings == {}
    assert [key for key in api.world.blobs.objects if key.startswith("exports/")] == [f"{folder}/1/cadenza.zip"]


async def test_a_canceled_export_is_cleared_away_and_can_be_tried_again(api: Api) -> None:
    ada = await api.person()
    job_id = (await request(ada))["job"]["id"]
    _, bare_id = from_base64(job_id)
    folder = f"exports/{ada.caller.account_id}/{bare_id}"
    await api.world.intake.begin_parts(f"{folder}/1/cadenza.zip")
    await api.world.get(JobFollowing).cancel(ada.caller, bare_id)
    # then another may be asked for, and the janitor removes what it left
    assert (await found(ada, job_id))["status"] == "CANCELED"
    assert await api.world.get(ArchiveJanitor).sweep() == 1
    assert api.world.intake.gatherings == {}
    assert await api.world.get(ArchiveJanitor).sweep() == 0
    second = await request(ada)
    # and trying the first again waits for nobody, but is refused while the second goes on
    await api.world.get(JobDriving).retry(ada.caller, bare_id)
    api.world.queue.messages.reverse()
    await api.world.work_one()
    refused = await found(ada, job_id)
    assert (refused["status"], refused["problem"]) == ("FAILED", {"code": "EXPORT_UNDER_WAY"})
    await api.world.work_off()
    assert (await found(ada, second["job"]["id"]))["status"] == "SUCCEEDED"
    await api.world.get(JobDriving).retry(ada.caller, bare_id)
    await api.world.work_off()
    assert (await found(ada, job_id))["status"] == "SUCCEEDED"


async def test_a_worker_that_was_replaced_opens_nothing(api: Api) -> None:
    # given a worker that has a lease, and an export that is canceled meanwhile
    ada = await api.person()
    job = await api.world.get(ExportRequests).request(ada.caller, PASSWORD, UNKNOWN_CLIENT, None)
    api.world.queue.messages.clear()
    running = api.world.get(JobRunning)
    lease = await running.claim(job.id, job.attempt, "worker-1")
    assert lease is not None
    await running.cancel(lease)
    # when it begins all the same
    with pytest.raises(LeaseLost):
        await api.world.get(ExportPacking).run(lease)
    # then nothing is packed and the next export may be asked for
    assert (api.world.intake.gatherings, api.world.blobs.objects) == ({}, {})
    assert (await request(ada))["__typename"] == "RequestAccountExportSuccess"


async def test_a_process_packs_one_at_a_time(api: Api) -> None:
    # given a process that packs somebody's data
    ada, bob = await api.person(), await api.person("Bob")
    packing = api.world.get(ExportPacking)
    job = await api.world.get(ExportRequests).request(ada.caller, PASSWORD, UNKNOWN_CLIENT, None)
    await packing._place.acquire()
    # when a second job comes
    await api.world.work_one()
    # then it waits without using anything up
    waiting = await api.world.get(JobFollowing).get(ada.caller, job.id)
    assert (waiting.status.value, waiting.attempt, waiting.failures) == ("QUEUED", 2, 0)
    packing._place.release()
    await api.world.work_off()
    assert (await found(ada, to_base64("AccountExportJob", job.id)))["status"] == "SUCCEEDED"
    assert await found(bob, to_base64("AccountExportJob", job.id)) is None


async def test_a_file_that_is_gone_is_told_as_missing(api: Api) -> None:
    ada = await with_music(api)
    (key, *_) = [asset["key"] for version in await api.world.documents("versions") for asset in version["assets"]]
    del api.world.blobs.objects[key]
    await add_track(api.world, ada.caller, "Without files")
    job_id = (await request(ada))["job"]["id"]
    await api.world.work_off()
    done = await found(ada, job_id)
    data, _ = api.world.blobs.objects[done["download"]["url"].removeprefix("memory:///")]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = json.loads(archive.read("manifest.json"))["files"]
    assert [entry["path"].rpartition("/")[2] for entry in entries if entry.get("isMissing")] == [key.rpartition("/")[2]]
