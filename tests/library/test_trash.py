"""Into the trash, out of it, and out of the world, through the public API and the janitor."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from adapters.memory.blobs import MemoryBlobStore
from domain.kit.errors import DependencyUnavailable, NotFound
from domain.kit.ids import new_id
from domain.library.folders import folder_of, folders_of
from domain.library.followers import TrackFollowers
from domain.library.services.janitor import TrashJanitor
from domain.library.services.trash import TrackTrash
from domain.library.stores.trash import TrashStore
from domain.library.trash import outermost
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.uploads.bringing import brought
from tests.uploads.sounds import encoded, tones

DAY = timedelta(days=1)
MONTH = 30 * DAY

EVERYWHERE = """query($track: ID!, $version: ID!, $job: ID!) {
  track(id: $track) { title revision } node(id: $version) { id } nodes(ids: [$track, $version]) { id }
  tracks { edges { node { id } } } playback(trackId: $track) { durationSeconds downloads { kind } }
  job(id: $job) { ... on GenerationJob { track { id } } ... on UploadJob { track { id } } }
}"""
NOWHERE: dict[str, Any] = {
    "track": None,
    "node": None,
    "nodes": [None, None],
    "tracks": {"edges": []},
    "playback": None,
    "job": {"track": None},
}
PLAYS = "query($id: ID!) { playback(trackId: $id) { hlsUrl } }"
TRASH = """mutation($input: TrashTrackInput!) { trashTrack(input: $input) {
  ... on TrashTrackSuccess { trashed { track { id title revision } trashedAt deletedAt } }
  ... on Problem { code message }
} }"""
RESTORE = """mutation($input: RestoreTrackInput!) { restoreTrack(input: $input) {
  ... on RestoreTrackSuccess { track { id title revision } } ... on Problem { code message }
} }"""
DELETE = """mutation($input: DeleteTrackForeverInput!) { deleteTrackForever(input: $input) {
  ... on DeleteTrackForeverSuccess { deletedId } ... on Problem { code message }
} }"""
TRASHED = """query($first: Int! = 20, $after: String) { trashedTracks(first: $first, after: $after) {
  edges { cursor node { track { id title versions { edges { node { id } } } } trashedAt deletedAt } }
  pageInfo { hasNextPage hasPreviousPage endCursor }
} }"""


async def call(person: Person, mutation: str, track_id: str) -> dict[str, Any]:
    (result,) = (await person.client.data(mutation, input={"trackId": to_base64("Track", track_id)})).values()
    assert isinstance(result, dict)
    return result


async def a_song(api: Api, person: Person) -> dict[str, Any]:
    """A finished song as it lies in the database."""
    before = {track["_id"] for track in await api.world.documents("tracks")}
    await api.world.ask(person.caller, title="Rain")
    await api.world.work_off()
    (made,) = [track for track in await api.world.documents("tracks") if track["_id"] not in before]
    return made


async def found(person: Person, track: dict[str, Any], kind: str = "GenerationJob") -> dict[str, Any]:
    """What is found of a track by every way there is."""
    ids = {"track": to_base64("Track", track["_id"]), "version": to_base64("Version", track["current_version_id"])}
    return await person.client.data(EVERYWHERE, **ids, job=to_base64(kind, track["current"]["origin"]["job_id"]))


def objects_of(api: Api, track_id: str) -> list[str]:
    return [key for key in api.world.blobs.objects if key.startswith(folders_of(track_id))]


async def left_of(api: Api, track_id: str) -> dict[str, Any]:
    """Objects of a track, and records that name it or its folder, wherever they are, less the history of jobs."""
    names = (track_id, folder_of(track_id))
    history = {"jobs", "job_steps", "generations", "uploads", "idempotency_keys", "outbox"}
    records = {name: [str(each) for each in all_of] for name, all_of in (await api.contents()).items()}
    named = {name for name, texts in records.items() if any(each in text for text in texts for each in names)}
    return {
        "objects": objects_of(api, track_id),
        "records": sorted(named - history),
    }


async def sweep(api: Api) -> int:
    return await api.world.get(TrashJanitor).sweep()


async def test_a_track_in_the_trash_is_found_nowhere_and_comes_back_as_it_was(api: Api) -> None:
    # given a song that somebody listens to
    ada = await api.person()
    track = await a_song(api, ada)
    before, stored = await found(ada, track), await api.contents()
    plays = (await ada.client.data(PLAYS, id=to_base64("Track", track["_id"])))["playback"]["hlsUrl"]
    path = plays.removeprefix("http://127.0.0.1:8000")
    assert (await api.http.get(path)).status_code == 200
    # when it is thrown away
    now = api.world.clock.now()
    trashed = (await call(ada, TRASH, track["_id"]))["trashed"]
    # then nothing finds it any more, not even the address that the listener has
    assert await found(ada, track) == NOWHERE
    assert (await api.http.get(path)).status_code == 404
    # and it is in the trash, with the day of its end
    assert trashed["track"] == {"id": to_base64("Track", track["_id"]), "title": "Rain", "revision": 2}
    assert now <= datetime.fromisoformat(trashed["trashedAt"]) <= api.world.clock.now()
    assert datetime.fromisoformat(trashed["deletedAt"]) - datetime.fromisoformat(trashed["trashedAt"]) == MONTH
    # when it is restored on its last day
    api.world.clock.advance((MONTH - DAY / 24).total_seconds())
    ada = await api.signed_in_again(ada)
    assert await sweep(api) == 0
    restored = (await call(ada, RESTORE, track["_id"]))["track"]
    # then all is as it was, but for the number of changes
    assert restored == {**trashed["track"], "revision": 3}
    assert await found(ada, track) == {**before, "track": {"title": "Rain", "revision": 3}}
    after = await api.contents()
    assert after["versions"] == [{**version, "is_trashed": False} for version in stored["versions"]]
    assert (await ada.client.data(TRASHED))["trashedTracks"]["edges"] == []
    # and a month later it is still there
    api.world.clock.advance(2 * MONTH.total_seconds())
    assert await sweep(api) == 0
    assert (await api.contents())["tracks"] == after["tracks"]


async def test_throwing_away_and_restoring_again_change_nothing(api: Api) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    first = await call(ada, TRASH, track.id)
    api.world.clock.advance(60)
    before = await api.contents()
    assert await call(ada, TRASH, track.id) == first
    assert await api.contents() == before
    restored = await call(ada, RESTORE, track.id)
    assert await call(ada, RESTORE, track.id) == restored


async def test_a_song_that_is_still_made_cannot_be_thrown_away(api: Api) -> None:
    # given a song whose job waits
    ada = await api.person()
    await api.world.ask(ada.caller)
    (wish,) = await api.world.documents("generations")
    # when its owner wants it gone
    told = await call(ada, TRASH, wish["track_id"])
    # then there is nothing yet to throw away, and the song comes whole
    assert told["code"] == "NOT_FOUND"
    await api.world.work_off()
    (track,) = await api.world.documents("tracks")
    (version,) = await api.world.documents("versions")
    assert (track["_id"], track["trashed_at"], version["is_trashed"]) == (wish["track_id"], None, False)
    assert (await found(ada, track))["track"] == {"title": track["title"], "revision": 1}


async def test_after_a_month_nothing_is_left_of_it(api: Api) -> None:
    # given a song and an upload in the trash, and others that are not
    ada, bob = await api.person(), await api.person("Bob")
    song, kept, theirs = await a_song(api, ada), await a_song(api, ada), await a_song(api, bob)
    upload, job = await brought(api.world, ada.caller, encoded(tones(1.0)))
    await api.world.work_off()
    originals = [key for key in api.world.blobs.objects if key.endswith("original.wav")]
    assert [key for key in objects_of(api, upload.track_id) if key.endswith("original.wav")] == originals != []
    for track_id in (song["_id"], upload.track_id):
        await call(ada, TRASH, track_id)
    assert await sweep(api) == 0
    before = [await left_of(api, each["_id"]) for each in (kept, theirs)]
    # when the time is over
    api.world.clock.advance(MONTH.total_seconds())
    assert await sweep(api) == 2
    # then neither objects nor records are left, and the others have theirs
    for track_id in (song["_id"], upload.track_id):
        assert await left_of(api, track_id) == {"objects": [], "records": []}
    assert [await left_of(api, each["_id"]) for each in (kept, theirs)] == before
    assert all(each["objects"] for each in before)
    assert await sweep(api) == 0
    # and what tells of their jobs goes on telling
    ada = await api.signed_in_again(ada)
    query = "query($id: ID!) { job(id: $id) { status ... on UploadJob { upload { fileName } track { id } } } }"
    told = (await ada.client.data(query, id=to_base64("UploadJob", job.id)))["job"]
    assert told == {"status": "SUCCEEDED", "upload": {"fileName": "rain.wav"}, "track": None}


async def test_deleting_for_good_does_not_wait(api: Api) -> None:
    ada = await api.person()
    track = await a_song(api, ada)
    # given a track that is not in the trash
    assert (await call(ada, DELETE, track["_id"]))["code"] == "NOT_FOUND"
    assert (await left_of(api, track["_id"]))["objects"] != []
    # when it is, and is deleted
    await call(ada, TRASH, track["_id"])
    assert await call(ada, DELETE, track["_id"]) == {"deletedId": to_base64("Track", track["_id"])}
    # then it is out of reach at once, and gone after the next round
    assert (await ada.client.data(TRASHED))["trashedTracks"]["edges"] == []
    for mutation in (RESTORE, TRASH, DELETE):
        assert (await call(ada, mutation, track["_id"]))["code"] == "NOT_FOUND"
    assert await sweep(api) == 1
    assert await left_of(api, track["_id"]) == {"objects": [], "records": []}


class BreakingBlobs(MemoryBlobStore):
    """Storage that answers so many calls, and then no more."""

    def __init__(self, inside: MemoryBlobStore, answers: int) -> None:
        super().__init__(inside.objects)
        self.answers = answers

    def _check(self) -> None:
        self.answers -= 1
        if self.answers < 0:
            raise DependencyUnavailable("Object storage", "gone in the middle")


@pytest.mark.parametrize("answers", [0, 1, 2, 3])
async def test_a_deletion_that_breaks_off_is_taken_up_again(api: Api, answers: int) -> None:
    # given a deletion in the middle of which storage goes away; one object lies outside the track's folder
    ada = await api.person()
    track = await a_song(api, ada)
    await add_object(api, track["_id"], "elsewhere/borrowed.flac")
    await call(ada, TRASH, track["_id"])
    api.world.clock.advance(MONTH.total_seconds())
    kit = api.world.kit
    store = TrashStore(MONTH, kit.changes)
    blobs = BreakingBlobs(api.world.blobs, answers)
    janitor = TrashJanitor(store, api.world.get(TrackFollowers), blobs, kit.clock)
    if answers < 3:
        with pytest.raises(DependencyUnavailable):
            await janitor.sweep()
        # then its records still name what is left, and nobody can have it back
        assert (await left_of(api, track["_id"]))["records"] == [
            "recordings",
            "renditions",
            "structures",
            "tracks",
            "versions",
        ]
        with pytest.raises(NotFound):
            await api.world.get(TrackTrash).restore(ada.caller, track["_id"])
    else:
        assert await janitor.sweep() == 1
    # and the next round ends it
    assert await sweep(api) == (1 if answers < 3 else 0)
    assert await left_of(api, track["_id"]) == {"objects": [], "records": []}
    assert "elsewhere/borrowed.flac" not in api.world.blobs.objects


async def add_object(api: Api, track_id: str, key: str) -> None:
    """One more file of a track's only version."""
    await api.world.blobs.put(key, b"sound", "audio/flac")
    part = {"kind": "STEM", "key": key, "sha256": "0", "size_bytes": 5, "content_type": "audio/flac", "label": "bass"}
    await api.world.client[api.world.database]["versions"].update_one(
        {"track_id": track_id}, {"$push": {"assets": part}}
    )


async def test_an_object_that_another_version_names_stays_until_that_goes_too(api: Api) -> None:
    # given a version of another track that names an object of the first, as a loop of it may
    ada = await api.person()
    first, second = await a_song(api, ada), await a_song(api, ada)
    (shared,) = [key for key in objects_of(api, first["_id"]) if key.endswith("master.flac")]
    sound = api.world.blobs.objects[shared]
    await add_object(api, second["_id"], shared)
    api.world.blobs.objects[shared] = sound
    # when the first is deleted
    await call(ada, TRASH, first["_id"])
    await call(ada, DELETE, first["_id"])
    assert await sweep(api) == 1
    # then all of it goes but what the second names
    assert await left_of(api, first["_id"]) == {"objects": [shared], "records": ["versions"]}
    assert api.world.blobs.objects[shared] == sound
    # and that goes with the second
    await call(ada, TRASH, second["_id"])
    await call(ada, DELETE, second["_id"])
    assert await sweep(api) == 1
    assert api.world.blobs.objects == {}


async def test_at_the_last_moment_it_is_restored_or_deleted_and_never_both(api: Api) -> None:
    # given ten tracks whose time is over
    ada = await api.person()
    tracks = [await add_track(api.world, ada.caller, f"Song {number}") for number in range(10)]
    trash = api.world.get(TrackTrash)
    for track in tracks:
        await trash.trash(ada.caller, track.id)
    api.world.clock.advance(MONTH.total_seconds())

    # when they are restored while two janitors go about
    async def restored(track_id: str) -> bool:
        try:
            await trash.restore(ada.caller, track_id)
        except NotFound:
            return False
        return True

    outcomes = await asyncio.gather(*(restored(track.id) for track in tracks), sweep(api), sweep(api))
    await sweep(api)
    # then those that came back are whole, and of the others nothing is left
    back = sorted(track.id for track, came in zip(tracks, outcomes, strict=False) if came)
    assert sorted(track["_id"] for track in await api.world.documents("tracks")) == back
    assert sorted(version["track_id"] for version in await api.world.documents("versions")) == back
    assert not any(version["is_trashed"] for version in await api.world.documents("versions"))


async def test_the_trash_is_read_page_by_page_latest_first(api: Api, commands: CommandLog) -> None:
    # given five tracks, thrown away in another order than they were made in, two of them at the same moment
    ada, bob = await api.person(), await api.person("Bob")
    tracks = [await add_track(api.world, ada.caller, f"Song {number}") for number in range(5)]
    await api.world.get(TrackTrash).trash(bob.caller, (await add_track(api.world, bob.caller)).id)
    for number in (3, 1, 4, 0, 2):
        api.world.clock.advance(1)
        await api.world.get(TrackTrash).trash(ada.caller, tracks[number].id)
    stored = api.world.client[api.world.database]["tracks"]
    same = (await stored.find_one({"_id": tracks[4].id}) or {})["trashed_at"]
    await stored.update_one({"_id": tracks[1].id}, {"$set": {"trashed_at": same}})
    # when they are read by two
    titles: list[str] = []
    after, more = None, True
    with commands.listening() as sent:
        while more:
            page = (await ada.client.data(TRASHED, first=2, after=after))["trashedTracks"]
            assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
            titles += [edge["node"]["track"]["title"] for edge in page["edges"]]
            assert all(len(edge["node"]["track"]["versions"]["edges"]) == 1 for edge in page["edges"])
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    # then none is missing or told twice, and each page took two queries
    assert titles == ["Song 2", "Song 0", "Song 4", "Song 1", "Song 3"]
    assert sent == ["find tracks", "aggregate versions"] * 3


@pytest.mark.parametrize("cursor", ["", "junk", to_base64("cursor", new_id()), to_base64("Track", new_id())])
async def test_a_cursor_of_another_list_is_refused(api: Api, cursor: str) -> None:
    ada = await api.person()
    told = await ada.client.error(TRASHED, after=cursor)
    assert (told["code"], [issue["path"] for issue in told["issues"]]) == ("VALIDATION_FAILED", ["after"])


async def test_somebody_elses_track_is_neither_thrown_away_nor_restored_nor_deleted(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    there, away = await add_track(api.world, ada.caller), await add_track(api.world, ada.caller)
    await call(ada, TRASH, away.id)
    before = await api.contents()
    for mutation in (TRASH, RESTORE, DELETE):
        for track_id in (there.id, away.id, new_id()):
            assert (await call(bob, mutation, track_id))["code"] == "NOT_FOUND"
    assert (await bob.client.data(TRASHED))["trashedTracks"]["edges"] == []
    assert await api.contents() == before


async def test_a_change_that_comes_behind_the_trash_is_not_written(api: Api) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    await call(ada, TRASH, track.id)
    before = await api.contents()
    update = """mutation($input: UpdateTrackInput!) { updateTrack(input: $input) { ... on Problem { code } } }"""
    for revision in (1, 2):
        given = {"trackId": to_base64("Track", track.id), "expectedRevision": revision, "title": "Late"}
        assert (await ada.client.data(update, input=given))["updateTrack"] == {"code": "NOT_FOUND"}
    assert await api.contents() == before


def test_folders_within_folders_are_removed_once() -> None:
    assert outermost(["a/b", "a/b/c", "a/bc", "a/b", "d"]) == ["d", "a/b", "a/bc"]
