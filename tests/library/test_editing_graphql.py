"""Changing tracks through the public API."""

import asyncio
from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.kit.ids import new_id
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track, add_version

FIELDS = "id title artist genre description tags revision currentVersion { id durationSeconds }"
TRACK = f"query($id: ID!) {{ track(id: $id) {{ {FIELDS} createdAt updatedAt }} }}"
PROBLEMS = f"""
  ... on EditConflict {{ code message current {{ {FIELDS} }} }}
  ... on ValidationFailed {{ code issues {{ path message }} }}
  ... on Problem {{ code message }}
"""
UPDATE = f"""mutation($input: UpdateTrackInput!) {{ updateTrack(input: $input) {{
  ... on UpdateTrackSuccess {{ track {{ {FIELDS} }} }} {PROBLEMS}
}} }}"""
SET_CURRENT = f"""mutation($input: SetCurrentVersionInput!) {{ setCurrentVersion(input: $input) {{
  ... on SetCurrentVersionSuccess {{ track {{ {FIELDS} }} }} {PROBLEMS}
}} }}"""
VERSION = """query($id: ID!) { node(id: $id) { ... on Version { parent { id parent { id } } job {
  __typename id status ... on GenerationJob { trackId }
} } } }"""
CONFLICT = (
    "This track was changed in the meantime; it is at revision {} now. "
    "Nothing was written: look at what it is now, then send your change again."
)


async def update(person: Person, track_id: str, revision: int, **changes: Any) -> dict[str, Any]:
    given = {"trackId": track_id, "expectedRevision": revision, **changes}
    result: dict[str, Any] = (await person.client.data(UPDATE, input=given))["updateTrack"]
    return result


async def set_current(person: Person, track_id: str, version_id: str, revision: int) -> dict[str, Any]:
    given = {"trackId": track_id, "versionId": version_id, "expectedRevision": revision}
    result: dict[str, Any] = (await person.client.data(SET_CURRENT, input=given))["setCurrentVersion"]
    return result


async def track_of(api: Api, person: Person, title: str = "Rain") -> str:
    return to_base64("Track", (await add_track(api.world, person.caller, title)).id)


async def shown(person: Person, track_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await person.client.data(TRACK, id=track_id))["track"]
    return found


async def test_a_track_says_what_its_owner_wants(api: Api) -> None:
    # given a track that nobody has changed
    ada = await api.person()
    track_id = await track_of(api, ada)
    before = await shown(ada, track_id)
    assert (before["description"], before["tags"], before["revision"]) == ("", [], 1)
    assert before["updatedAt"] == before["createdAt"]
    # when its owner changes some fields, and then others
    api.world.clock.advance(60)
    first = await update(ada, track_id, 1, title=" Snow ", tags=["Cold", "cold", " White "])
    second = await update(ada, track_id, 2, description="In the hills.", genre="folk", tags=None)
    # then each change adds to what was there
    assert first["track"] == {
        **{name: before[name] for name in ("id", "artist", "genre", "description", "currentVersion")},
        "title": "Snow",
        "tags": ["Cold", "White"],
        "revision": 2,
    }
    assert second["track"] == {**first["track"], "description": "In the hills.", "genre": "folk", "revision": 3}
    after = await shown(ada, track_id)
    assert after == {**second["track"], "createdAt": before["createdAt"], "updatedAt": after["updatedAt"]}
    assert after["updatedAt"] > before["updatedAt"]
    # and what is empty is emptied
    third = await update(ada, track_id, 3, description="", genre="", tags=[])
    assert third["track"] == {**second["track"], "description": "", "genre": "", "tags": [], "revision": 4}


async def test_a_stale_change_is_told_what_the_track_is_now(api: Api) -> None:
    # given a track that somebody else's window has changed
    ada = await api.person()
    track_id = await track_of(api, ada)
    theirs = await update(ada, track_id, 1, title="Snow")
    # when a window sends its change with the revision it knows
    answer = await update(ada, track_id, 1, title="Hail", tags=["mine"])
    # then nothing is written, and the client gets all it needs to merge
    assert answer == {"code": "EDIT_CONFLICT", "message": CONFLICT.format(2), "current": theirs["track"]}
    merged = await update(ada, track_id, answer["current"]["revision"], tags=["mine"])
    assert merged["track"] == {**theirs["track"], "tags": ["mine"], "revision": 3}


@pytest.mark.parametrize("revision", [0, -1, 3, 2**31 - 1])
async def test_a_revision_that_never_was_is_a_conflict(api: Api, revision: int) -> None:
    ada = await api.person()
    track_id = await track_of(api, ada)
    assert (await update(ada, track_id, revision, title="Snow"))["code"] == "EDIT_CONFLICT"
    assert (await shown(ada, track_id))["title"] == "Rain"


async def test_of_changes_at_the_same_moment_one_is_written(api: Api) -> None:
    ada = await api.person()
    track_id = await track_of(api, ada)
    # when ten windows send a change of the same revision at once
    answers = await asyncio.gather(*(update(ada, track_id, 1, title=f"Window {number}") for number in range(10)))
    # then one is written, and the others are told of exactly that one
    (written,) = [answer["track"] for answer in answers if "track" in answer]
    assert [answer["current"] for answer in answers if "current" in answer] == [written] * 9
    assert (await shown(ada, track_id))["title"] == written["title"]


async def test_nothing_to_change_changes_nothing(api: Api) -> None:
    ada = await api.person()
    track_id = await track_of(api, ada)
    before = await api.contents()
    assert (await update(ada, track_id, 1))["track"]["revision"] == 1
    assert (await update(ada, track_id, 2))["code"] == "EDIT_CONFLICT"
    assert await api.contents() == before


async def test_what_does_not_fit_is_refused_field_by_field(api: Api) -> None:
    ada = await api.person()
    track_id = await track_of(api, ada)
    before = await api.contents()
    assert await update(ada, track_id, 1, title="", tags=["x" * 41]) == {
        "code": "VALIDATION_FAILED",
        "message": "A title has 1 to 120 characters. A tag has 1 to 40 characters.",
        "issues": [
            {"path": "title", "message": "A title has 1 to 120 characters."},
            {"path": "tags", "message": "A tag has 1 to 40 characters."},
        ],
    }
    assert await api.contents() == before


async def test_a_track_from_before_there_were_revisions_can_be_changed(api: Api) -> None:
    # given a track as an earlier release wrote it
    ada = await api.person()
    track_id = await track_of(api, ada)
    absent = {"revision": "", "description": "", "tags": "", "updated_at": ""}
    await api.world.client[api.world.database]["tracks"].update_one({}, {"$unset": absent})
    assert (await shown(ada, track_id))["revision"] == 1
    # then it is changed like any other, and once
    assert (await update(ada, track_id, 1, title="Snow"))["track"]["revision"] == 2
    assert (await update(ada, track_id, 1, title="Hail"))["code"] == "EDIT_CONFLICT"


async def test_a_change_reads_once_and_writes_once(api: Api, commands: CommandLog) -> None:
    ada = await api.person()
    track_id = await track_of(api, ada)
    with commands.listening() as sent:
        await update(ada, track_id, 1, title="Snow")
    assert sent == ["find tracks", "findAndModify tracks"]


async def test_somebody_elses_track_cannot_be_changed(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    track = await add_track(api.world, ada.caller)
    mine, version = to_base64("Track", track.id), to_base64("Version", track.current_version_id)
    before = await api.contents()
    told = {"code": "NOT_FOUND", "message": f"There is no track with the id {track.id!r}."}
    assert await update(bob, mine, 1, title="Bob was here") == told
    assert await set_current(bob, mine, version, 1) == told
    assert await api.contents() == before


async def test_another_version_plays_when_its_owner_says_so(api: Api) -> None:
    # given a track with a second, longer version
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    first, second = track.current_version_id, await add_version(api.world, track, duration_seconds=9.0)
    track_id, files = to_base64("Track", track.id), await api.world.documents("versions")
    # when it is chosen
    chosen = (await set_current(ada, track_id, to_base64("Version", second.id), 1))["track"]
    # then the track shows it, in lists as well, and no version has changed
    assert chosen["currentVersion"] == {"id": to_base64("Version", second.id), "durationSeconds": 9.0}
    assert chosen["revision"] == 2
    assert await shown(ada, track_id) == {**(await shown(ada, track_id)), **chosen}
    assert await api.world.documents("versions") == files
    # and it can be chosen back, by the revision that is known
    stale = await set_current(ada, track_id, to_base64("Version", first), 1)
    assert (stale["code"], stale["current"]["currentVersion"]) == ("EDIT_CONFLICT", chosen["currentVersion"])
    back = (await set_current(ada, track_id, to_base64("Version", first), 2))["track"]
    assert back["currentVersion"] == {"id": to_base64("Version", first), "durationSeconds": 6.0}
    # and choosing what plays already is no change
    assert (await set_current(ada, track_id, to_base64("Version", first), 3))["track"]["revision"] == 3


async def test_a_version_of_another_track_cannot_play(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    track, other = await add_track(api.world, ada.caller), await add_track(api.world, ada.caller)
    theirs = await add_track(api.world, bob.caller)
    before = await api.contents()
    for version_id in (other.current_version_id, theirs.current_version_id, new_id()):
        told = await set_current(ada, to_base64("Track", track.id), to_base64("Version", version_id), 1)
        message = f"There is no version of this track with the id {version_id!r}."
        assert told == {"code": "NOT_FOUND", "message": message}
    assert await api.contents() == before


async def test_a_version_names_what_it_was_made_of_and_by_which_job(api: Api) -> None:
    # given a song, and a version that a later job has made of it
    ada, bob = await api.person(), await api.person("Bob")
    job = await api.world.ask(ada.caller)
    await api.world.work_off()
    (track,) = await api.world.documents("tracks")
    first = to_base64("Version", track["current_version_id"])
    theirs = await add_track(api.world, bob.caller)
    stored = api.world.client[api.world.database]["versions"]
    origin = {"job_id": new_id(), "kind": "GENERATED", "parent_id": track["current_version_id"]}
    second = {**(await api.world.documents("versions"))[0], "_id": new_id(), "origin": origin}
    stray = {**second, "_id": new_id(), "origin": {"job_id": new_id(), "parent_id": theirs.current_version_id}}
    await stored.insert_many([second, stray])
    # then the tree can be walked, up to where it began
    asked = {"id": to_base64("Version", second["_id"])}
    assert (await ada.client.data(VERSION, **asked))["node"] == {"parent": {"id": first, "parent": None}, "job": None}
    assert (await ada.client.data(VERSION, id=first))["node"] == {
        "parent": None,
        "job": {
            "__typename": "GenerationJob",
            "id": to_base64("GenerationJob", job.id),
            "status": "SUCCEEDED",
            "trackId": to_base64("Track", track["_id"]),
        },
    }
    # and what belongs to others is not shown, whatever a record says
    strayed = (await ada.client.data(VERSION, id=to_base64("Version", stray["_id"])))["node"]
    assert strayed == {"parent": None, "job": None}
