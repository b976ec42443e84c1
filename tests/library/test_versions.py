"""A second version of a track, made of a prompt or of a file, and branches, through the public API and the worker."""

from typing import Any

import pytest
from strawberry.relay.utils import from_base64, to_base64

from adapters import mongo
from domain.accounts.model import Role
from domain.generation.documents import GenerationDocument
from domain.kit.caller import UNKNOWN_CLIENT
from domain.kit.ids import new_id
from domain.library.model import Visibility
from domain.library.service import LibraryService
from domain.library.services.janitor import TrashJanitor
from domain.library.services.moderate import TrackModeration
from domain.uploads.services.look import UploadLooking
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.library.sharers import artist, set_visibility, share, with_role
from tests.uploads.bringing import send
from tests.uploads.sounds import encoded, tones

GENERATE = """mutation($input: GenerateTrackInput!) { generateTrack(input: $input) {
  ... on GenerateTrackSuccess { job { id trackId versionId } jobs { trackId versionId } }
  ... on Problem { code message } ... on ValidationFailed { issues { path message } }
} }"""
JOB = """query($id: ID!) { job(id: $id) { status problem { code } creditsHeld creditsCharged
  ... on GenerationJob { title version { id } track { id } } ... on UploadJob { version { id } track { id } } } }"""
TREE = """query($id: ID!) { track(id: $id) { title revision versionCount currentVersion { id }
  versions { edges { node { id kind parent { id } } } } } }"""
PLAYS = """query($track: ID!, $version: ID) { playback(trackId: $track, versionId: $version) {
  versionId isComplete durationSeconds hlsUrl downloads { kind url } } }"""
BRANCH = """mutation($input: BranchTrackInput!) { branchTrack(input: $input) {
  ... on BranchTrackSuccess { track { id title genre revision currentVersion { id parent { id } kind seed } } }
  ... on Problem { code message } ... on ValidationFailed { issues { path message } }
} }"""
CREATE = """mutation($input: CreateUploadInput!) { createUpload(input: $input) {
  ... on CreateUploadSuccess { upload { id } } ... on Problem { code message }
  ... on ValidationFailed { issues { path message } } } }"""
COMPLETE = """mutation($input: CompleteUploadInput!) { completeUpload(input: $input) {
  ... on CompleteUploadSuccess { job { id trackId versionId } }
  ... on ValidationFailed { issues { path message } } ... on Problem { code message } } }"""
SET = """mutation($input: SetCurrentVersionInput!) { setCurrentVersion(input: $input) { __typename } }"""
TRASH = """mutation($input: TrashTrackInput!) { trashTrack(input: $input) { __typename } }"""
DELETE = """mutation($input: DeleteTrackForeverInput!) { deleteTrackForever(input: $input) { __typename } }"""


async def asked(person: Person, mutation: str, **fields: Any) -> dict[str, Any]:
    (result,) = (await person.client.data(mutation, input=fields)).values()
    assert isinstance(result, dict)
    return result


async def a_song(api: Api, person: Person) -> tuple[str, str]:
    """The global ids of a finished track and of its version."""
    made = await asked(person, GENERATE, prompt="calm piano", durationSeconds=6.0, title="Rain")
    await api.world.work_off()
    return made["job"]["trackId"], made["job"]["versionId"]


async def tree(person: Person, track: str) -> dict[str, Any]:
    found = (await person.client.data(TREE, id=track))["track"]
    assert isinstance(found, dict)
    return found


async def playback(person: Person, track: str, version: str | None = None) -> dict[str, Any]:
    found = (await person.client.data(PLAYS, track=track, version=version))["playback"]
    assert isinstance(found, dict)
    return found


def stored(playback: dict[str, Any]) -> set[str]:
    """Where its files lie that are fetched from storage."""
    return {link["url"] for link in playback["downloads"] if link["url"].startswith("memory:")}


async def test_a_second_version_joins_the_track_and_the_first_plays_on(api: Api) -> None:
    # given a finished song
    ada = await api.person()
    track, first = await a_song(api, ada)
    before = await playback(ada, track)
    # when another is made of it
    made = await asked(ada, GENERATE, prompt="with drums", durationSeconds=8.0, parentVersionId=first)
    (second,) = [job["versionId"] for job in made["jobs"]]
    assert made["job"]["trackId"] == track
    await api.world.work_off()
    # then the track has both, still plays the first, and is at the same revision, so that an editor is not disturbed
    assert await tree(ada, track) == {
        "title": "Rain",
        "revision": 1,
        "versionCount": 2,
        "currentVersion": {"id": first},
        "versions": {
            "edges": [
                {"node": {"id": second, "kind": "GENERATED", "parent": {"id": first}}},
                {"node": {"id": first, "kind": "GENERATED", "parent": None}},
            ]
        },
    }
    job = (await ada.client.data(JOB, id=made["job"]["id"]))["job"]
    assert (job["status"], job["version"], job["track"]) == ("SUCCEEDED", {"id": second}, {"id": track})
    # and each of them plays, with files of its own, also at the address that was given out before
    now, other = await playback(ada, track), await playback(ada, track, second)
    assert (now["versionId"], now["durationSeconds"]) == (first, pytest.approx(6.0, abs=0.001))
    assert (other["versionId"], other["durationSeconds"]) == (second, pytest.approx(8.0, abs=0.001))
    assert stored(now) == stored(before)
    assert len(stored(other)) == len(stored(now))
    assert not stored(now) & stored(other)
    # when the second is chosen
    choice = {"trackId": track, "versionId": second, "expectedRevision": 1}
    assert await asked(ada, SET, **choice) == {"__typename": "SetCurrentVersionSuccess"}
    # then it is what plays, while a listener of the first hears that one to its end
    assert (await playback(ada, track))["versionId"] == second
    path = before["hlsUrl"].removeprefix("http://127.0.0.1:8000").replace("master", "96k/audio")
    heard = sum(float(line[8:-1]) for line in (await api.http.get(path)).text.splitlines() if line[:8] == "#EXTINF:")
    assert heard == pytest.approx(6.0, abs=0.001)


async def test_a_version_may_become_current_as_soon_as_it_is_whole(api: Api) -> None:
    ada = await api.person()
    track, first = await a_song(api, ada)
    wish = {"prompt": "faster", "durationSeconds": 6.0, "parentVersionId": first, "makeCurrent": True}
    second = (await asked(ada, GENERATE, **wish))["job"]["versionId"]
    assert (await tree(ada, track))["currentVersion"] == {"id": first}
    await api.world.work_off()
    found = await tree(ada, track)
    assert (found["currentVersion"], found["revision"]) == ({"id": second}, 2)


async def test_a_version_of_a_track_in_the_trash_is_not_made_and_costs_nothing(api: Api) -> None:
    # given a version that is accepted, and a track that is thrown away before anybody makes it
    ada = await api.person()
    track, first = await a_song(api, ada)
    job = (await asked(ada, GENERATE, prompt="again", durationSeconds=6.0, parentVersionId=first))["job"]["id"]
    await asked(ada, TRASH, trackId=track)
    before = set(api.world.blobs.objects)
    # when its turn comes
    await api.world.work_off()
    # then it is refused and nothing of it is left
    ended = (await ada.client.data(JOB, id=job))["job"]
    assert (ended["status"], ended["problem"], ended["version"]) == ("FAILED", {"code": "NOT_FOUND"}, None)
    assert (ended["creditsHeld"], ended["creditsCharged"]) == (0, 0)
    assert (set(api.world.blobs.objects), len(await api.world.documents("renditions"))) == (before, 1)
    # and a new one cannot even be asked for
    refused = await asked(ada, GENERATE, prompt="again", durationSeconds=6.0, parentVersionId=first)
    assert refused["code"] == "NOT_FOUND"


async def test_a_version_whose_track_goes_while_it_is_made_takes_its_sound_along(api: Api) -> None:
    # given a version that is nearly done when its track goes into the trash
    ada = await api.person()
    track, first = await a_song(api, ada)
    job = (await asked(ada, GENERATE, prompt="again", durationSeconds=6.0, parentVersionId=first))["job"]["id"]
    before = set(api.world.blobs.objects)
    _, local = from_base64(track)
    tracks, put = api.world.client[api.world.database]["tracks"], api.world.blobs.put

    async def thrown_away(key: str, data: bytes, content_type: str) -> None:
        await put(key, data, content_type)
        await tracks.update_one({"_id": local}, {"$set": {"trashed_at": api.world.clock.now()}})

    api.world.blobs.put = thrown_away  # type: ignore[method-assign]
    # when it is done
    await api.world.work_off()
    # then no version, no sound and no charge is left
    ended = (await ada.client.data(JOB, id=job))["job"]
    assert (ended["status"], ended["problem"], ended["creditsCharged"]) == ("FAILED", {"code": "NOT_FOUND"}, 0)
    assert set(api.world.blobs.objects) == before
    assert [len(await api.world.documents(name)) for name in ("versions", "renditions")] == [1, 1]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"title": "Other"}, "title"),
        ({"variationCount": 2, "makeCurrent": True}, "makeCurrent"),
    ],
)
async def test_what_a_version_cannot_be_asked_for(api: Api, fields: dict[str, Any], path: str) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    parent = to_base64("Version", track.current_version_id)
    refused = await asked(ada, GENERATE, prompt="again", durationSeconds=6.0, parentVersionId=parent, **fields)
    assert [issue["path"] for issue in refused["issues"]] == [path]
    assert await api.world.documents("jobs") == []


async def test_a_new_track_has_nothing_to_make_current(api: Api) -> None:
    ada = await api.person()
    refused = await asked(ada, GENERATE, prompt="calm", makeCurrent=True)
    assert [issue["path"] for issue in refused["issues"]] == ["makeCurrent"]


@pytest.mark.parametrize("whose", ["nobody's", "another's"])
async def test_versions_of_others_are_no_beginning(api: Api, whose: str) -> None:
    ada, eve = await api.person(), await api.person("Eve")
    track = await add_track(api.world, ada.caller)
    version = to_base64("Version", new_id() if whose == "nobody's" else track.current_version_id)
    before = await api.world.documents("tracks")
    answers = [
        await asked(eve, GENERATE, prompt="mine", durationSeconds=6.0, parentVersionId=version),
        await asked(eve, CREATE, fileName="a.wav", sizeBytes=9, contentType="audio/wav", parentVersionId=version),
        await asked(eve, BRANCH, versionId=version),
    ]
    assert [answer["code"] for answer in answers] == ["NOT_FOUND"] * 3
    assert await api.world.documents("tracks") == before
    assert [await api.world.documents(name) for name in ("jobs", "uploads")] == [[], []]


async def test_a_file_becomes_one_more_version(api: Api) -> None:
    # given a song, and a file of the same person
    ada = await api.person()
    track, first = await a_song(api, ada)
    data = encoded(tones(3.0), tags={"title": "Another name", "artist": "Somebody"})
    wish = {"fileName": "mix.wav", "sizeBytes": len(data), "contentType": "audio/wav"}
    created = await asked(ada, CREATE, **wish, parentVersionId=first, makeCurrent=True)
    _, local = from_base64(created["upload"]["id"])
    await send(api.world, ada.caller, await api.world.get(UploadLooking).get(ada.caller, local), data)
    # when it is brought, a title of its own is refused
    refused = await asked(ada, COMPLETE, uploadId=created["upload"]["id"], title="Other")
    assert [issue["path"] for issue in refused["issues"]] == ["title"]
    done = await asked(ada, COMPLETE, uploadId=created["upload"]["id"])
    await api.world.work_off()
    # then the song plays it, and keeps its name
    found = await tree(ada, track)
    assert (found["title"], found["versionCount"], found["currentVersion"]) == (
        "Rain",
        2,
        {"id": done["job"]["versionId"]},
    )
    (newest, _) = found["versions"]["edges"]
    assert newest["node"] == {"id": done["job"]["versionId"], "kind": "UPLOADED", "parent": {"id": first}}
    assert (await playback(ada, track))["durationSeconds"] == pytest.approx(3.0, abs=0.001)


async def test_a_branch_goes_its_own_way_and_shares_the_sound(api: Api) -> None:
    # given a song, and a branch of it
    ada = await api.person()
    track, first = await a_song(api, ada)
    before = dict(api.world.blobs.objects)
    branch = (await asked(ada, BRANCH, versionId=first, title=" Sleet "))["track"]
    assert (branch["title"], branch["revision"], branch["currentVersion"]["parent"]) == ("Sleet", 1, {"id": first})
    assert api.world.blobs.objects == before
    # when its origin is deleted for good
    await asked(ada, TRASH, trackId=track)
    await asked(ada, DELETE, trackId=track)
    assert await api.world.get(TrashJanitor).sweep() == 1
    # then all that it plays and offers is still there
    assert api.world.blobs.objects == before
    plays = await playback(ada, branch["id"])
    assert (plays["versionId"], plays["isComplete"]) == (branch["currentVersion"]["id"], True)
    path = plays["hlsUrl"].removeprefix("http://127.0.0.1:8000").replace("master.m3u8", "96k/init.mp4")
    assert (await api.http.get(path)).status_code == 307
    # and when the branch goes as well, so does everything
    await asked(ada, TRASH, trackId=branch["id"])
    await asked(ada, DELETE, trackId=branch["id"])
    assert await api.world.get(TrashJanitor).sweep() == 1
    assert api.world.blobs.objects == {}
    assert [await api.world.documents(name) for name in ("tracks", "versions", "renditions")] == [[], [], []]


async def test_a_branch_that_is_asked_for_twice_is_made_once(api: Api) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller, "Rain")
    wish = {"versionId": to_base64("Version", track.current_version_id), "idempotencyKey": "once"}
    made = await asked(ada, BRANCH, **wish)
    assert made["track"]["title"] == "Rain"
    assert await asked(ada, BRANCH, **wish) == made
    assert (await asked(ada, BRANCH, **wish, title="Other"))["code"] == "IDEMPOTENCY_CONFLICT"
    assert len(await api.world.documents("tracks")) == 2


async def test_a_branch_with_an_unreadable_title_is_refused(api: Api) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    refused = await asked(ada, BRANCH, versionId=to_base64("Version", track.current_version_id), title=" ")
    assert [issue["path"] for issue in refused["issues"]] == ["title"]
    assert len(await api.world.documents("tracks")) == 1


async def test_what_was_taken_down_cannot_be_opened_as_a_branch(api: Api) -> None:
    # given a public track that a moderator has taken down
    ada, moderator = await artist(api), await with_role(api, "Mo", Role.MODERATOR)
    track = await add_track(api.world, ada.caller)
    await share(api, ada, track.id)
    moderation = api.world.get(TrackModeration)
    await moderation.take_down(moderator.caller, UNKNOWN_CLIENT, track.id, "Not yours.")
    # when its owner branches it
    made = await asked(ada, BRANCH, versionId=to_base64("Version", track.current_version_id))
    # then the branch is private, and cannot be opened before a moderator allows that
    _, local = from_base64(made["track"]["id"])
    library = api.world.get(LibraryService)
    branch = await library.track(ada.caller, local)
    assert (branch.sharing.visibility, branch.sharing.link) == (Visibility.PRIVATE, None)
    for visibility in ("UNLISTED", "PUBLIC"):
        refused = await set_visibility(ada, branch, visibility)
        assert (refused["__typename"], refused["reason"]) == ("TrackTakenDown", "Not yours.")
    assert await library.track(ada.caller, local) == branch
    await moderation.reinstate(moderator.caller, UNKNOWN_CLIENT, local)
    opened = await set_visibility(ada, await library.track(ada.caller, local), "PUBLIC")
    assert opened["__typename"] == "SetTrackVisibilitySuccess"


async def test_an_index_of_an_earlier_release_that_forbids_versions_is_dropped(api: Api) -> None:
    # given a database of an earlier release, in which a track has one song
    songs = api.world.client[api.world.database]["generations"]
    await songs.create_index("track_id", unique=True)
    # when a program starts, twice
    for _ in range(2):
        await mongo.prepare(api.world.client, api.world.database, [GenerationDocument])
    # then a second version can be asked for
    ada = await api.person()
    track, first = await a_song(api, ada)
    made = await asked(ada, GENERATE, prompt="again", durationSeconds=6.0, parentVersionId=first)
    assert made["job"]["trackId"] == track
