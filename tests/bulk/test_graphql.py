"""Bulk edits through the public API: each action, the selection, and what is refused."""

from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.accounts.services.api_keys import ApiKeyService
from domain.bulk.model import MAX_FAILURES
from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.follow import JobFollowing
from domain.kit.caller import Scope
from domain.kit.ids import new_id
from domain.library.model import Visibility
from domain.library.service import LibraryService
from domain.library.services.trash import TrackTrash
from domain.playlists.services.manage import PlaylistService
from tests.bulk.edits import JOB, edited, some_tracks, start, tagging, written
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.library.sharers import artist, share

DONE = {"status": "SUCCEEDED", "problem": None, "progress": 1.0, "stage": "DONE"}
JOBS = """{ jobs(first: 20) { edges { node { id status ... on BulkEditJob {
  action trackCount changedCount failedCount failures { code }
} } } } }"""


def counts(job: Any) -> tuple[int, int, int]:
    return job["changedCount"], job["unchangedCount"], job["failedCount"]


async def tracks_of(api: Api, person: Person) -> dict[str, Any]:
    owner_id = person.caller.account_id
    return {track["_id"]: track for track in await api.world.documents("tracks") if track["owner_id"] == owner_id}


async def test_tags_are_added_and_what_cannot_be_changed_is_told(api: Api) -> None:
    # given two tracks, of which one has the tag in other letters, one of somebody else and one that is not there
    ada, bob = await api.person(), await api.person("Bob")
    plain, has_it = await some_tracks(api.world, ada.caller, 2)
    await edited(api.world, ada, "ADD_TAGS", [has_it.id], tags=["Rain"])
    of_bob, unknown = await add_track(api.world, bob.caller, "Bob's"), new_id()
    before = await tracks_of(api, bob)
    # when all are to have it
    ids = [plain.id, of_bob.id, has_it.id, unknown, plain.id]
    started = await start(ada, "ADD_TAGS", ids, tags=[" rain ", "night"])
    # then it is a job at once that costs nothing and waits behind songs
    assert started["job"] | {"id": ""} == {
        "id": "",
        "status": "QUEUED",
        "queue": "BATCH",
        "creditsHeld": 0,
        "trackCount": 4,
        "changedCount": 0,
    }
    assert [track["tags"] for track in (await tracks_of(api, ada)).values()] == [[], ["Rain"]]
    # and when it is done, each was changed as far as it can be
    await api.world.work_off()
    job = (await ada.client.data(JOB, id=started["job"]["id"]))["job"]
    assert job == {
        **DONE,
        "action": "ADD_TAGS",
        "trackCount": 4,
        "changedCount": 2,
        "unchangedCount": 0,
        "failedCount": 2,
        "failures": [
            {
                "trackId": to_base64("Track", track_id),
                "code": "NOT_FOUND",
                "message": f"There is no track with the id {track_id!r}.",
            }
            for track_id in (of_bob.id, unknown)
        ],
    }
    stored = await tracks_of(api, ada)
    assert [(stored[each.id]["tags"], stored[each.id]["revision"]) for each in (plain, has_it)] == [
        (["rain", "night"], 2),
        (["Rain", "night"], 3),
    ]
    assert await tracks_of(api, bob) == before
    # and again changes nothing
    assert counts(await edited(api.world, ada, "ADD_TAGS", [plain.id, has_it.id], tags=["RAIN"])) == (0, 2, 0)
    assert await tracks_of(api, ada) == stored


async def test_a_track_with_too_many_tags_keeps_what_it_has(api: Api) -> None:
    ada = await api.person()
    (full,) = await some_tracks(api.world, ada.caller, 1)
    await edited(api.world, ada, "ADD_TAGS", [full.id], tags=[f"tag {number}" for number in range(20)])
    before = await written(api.world)
    job = await edited(api.world, ada, "ADD_TAGS", [full.id], tags=["one more"])
    assert counts(job) == (0, 0, 1)
    assert (job["failures"][0]["code"], job["failures"][0]["message"]) == (
        "VALIDATION_FAILED",
        "A track has at most 20 tags, not 21.",
    )
    assert await written(api.world) == before


async def test_tags_are_taken_away_and_genre_and_artist_are_set(api: Api) -> None:
    ada = await api.person()
    ids = [track.id for track in await some_tracks(api.world, ada.caller, 2)]
    await edited(api.world, ada, "ADD_TAGS", ids, tags=["Rain", "night"])
    assert counts(await edited(api.world, ada, "REMOVE_TAGS", ids, tags=["rain", "sun"])) == (2, 0, 0)
    assert counts(await edited(api.world, ada, "SET_GENRE", ids, genre="")) == (2, 0, 0)
    assert counts(await edited(api.world, ada, "SET_ARTIST", ids, artist=" Ada & Bob ")) == (2, 0, 0)
    assert counts(await edited(api.world, ada, "SET_ARTIST", ids, artist="Ada & Bob")) == (0, 2, 0)
    for track in (await tracks_of(api, ada)).values():
        assert (track["tags"], track["genre"], track["artist"], track["revision"]) == (["night"], "", "Ada & Bob", 5)
        # and lists find it by what it says now
        assert track["facets"]["tags"] == ["night"]


async def test_a_filter_means_what_fits_when_it_is_started(api: Api) -> None:
    # given tracks of which two are ambient and one of these is in the trash
    ada = await api.person()
    first, second, third = await some_tracks(api.world, ada.caller, 3)
    await edited(api.world, ada, "SET_GENRE", [third.id], genre="Jazz")
    await api.world.get(TrackTrash).trash(ada.caller, second.id)
    # when all ambient ones get a tag, and one more comes before a worker does
    started = await start(ada, "ADD_TAGS", filter={"genres": ["AMBIENT"]}, tags=["calm"])
    later = await add_track(api.world, ada.caller, "Later")
    await api.world.work_off()
    # then it is the one that was there
    assert started["job"]["trackCount"] == 1
    stored = await tracks_of(api, ada)
    assert {track_id: track["tags"] for track_id, track in stored.items()} == {
        first.id: ["calm"],
        second.id: [],
        third.id: [],
        later.id: [],
    }


async def test_the_trash_is_filled_restored_and_emptied(api: Api) -> None:
    ada = await api.person()
    first, second, third = [track.id for track in await some_tracks(api.world, ada.caller, 3)]
    assert counts(await edited(api.world, ada, "TRASH", [first, second])) == (2, 0, 0)
    assert counts(await edited(api.world, ada, "TRASH", [first])) == (0, 1, 0)
    assert counts(await edited(api.world, ada, "RESTORE", [first, third])) == (1, 1, 0)
    # and what is not in the trash is not deleted
    job = await edited(api.world, ada, "DELETE_FOREVER", [first])
    assert (counts(job), job["failures"][0]["code"]) == ((0, 0, 1), "NOT_FOUND")
    assert counts(await edited(api.world, ada, "DELETE_FOREVER", filter={})) == (1, 0, 0)
    stored = await tracks_of(api, ada)
    assert {track_id for track_id, track in stored.items() if track["doomed_at"]} == {second}
    assert {track_id for track_id, track in stored.items() if track["trashed_at"]} == {second}


async def test_tracks_are_opened_as_one_by_one(api: Api) -> None:
    # given an artist, of whose tracks one was taken down
    ada = await artist(api)
    first, second = await some_tracks(api.world, ada.caller, 2)
    shared = await share(api, ada, second.id)
    taken = {"$set": {"sharing.taken_down": {"at": api.world.clock.now(), "reason": "a complaint"}}}
    await api.world.client[api.world.database]["tracks"].update_one({"_id": shared.id}, taken)
    # when both are to be public
    job = await edited(
        api.world, ada, "SET_VISIBILITY", [first.id, second.id], visibility="PUBLIC", allowsDownloads=True
    )
    # then one is, with a line in the log of the account, and of the other the reason is told
    assert counts(job) == (1, 0, 1)
    assert [failure["code"] for failure in job["failures"]] == ["TRACK_TAKEN_DOWN"]
    track = await api.world.get(LibraryService).track(ada.caller, first.id)
    assert (track.sharing.visibility, track.sharing.allows_downloads) == (Visibility.PUBLIC, True)
    events = [event for event in await api.world.documents("security_events") if event["kind"] == "TRACK_SHARED"]
    assert [event["detail"]["track_id"] for event in events] == [second.id, first.id]
    # and closing is open to both
    assert counts(await edited(api.world, ada, "SET_VISIBILITY", filter={}, visibility="PRIVATE")) == (2, 0, 0)


async def test_who_may_not_publish_starts_nothing(api: Api) -> None:
    ada = await api.person()
    (track,) = await some_tracks(api.world, ada.caller, 1)
    before = await api.contents()
    answer = await start(ada, "SET_VISIBILITY", [track.id], visibility="PUBLIC")
    assert answer["code"] == "FORBIDDEN"
    assert await api.contents() == before
    assert counts(await edited(api.world, ada, "SET_VISIBILITY", [track.id], visibility="UNLISTED")) == (1, 0, 0)


async def test_who_may_not_publish_any_more_when_it_runs_publishes_nothing(api: Api) -> None:
    ada = await artist(api)
    (track,) = await some_tracks(api.world, ada.caller, 1)
    started = await start(ada, "SET_VISIBILITY", [track.id], visibility="PUBLIC")
    accounts = api.world.client[api.world.database]["accounts"]
    await accounts.update_one({"_id": ada.caller.account_id}, {"$set": {"role": "LISTENER"}})
    await api.world.work_off()
    job = (await ada.client.data(JOB, id=started["job"]["id"]))["job"]
    assert (job["status"], job["problem"], counts(job)) == ("FAILED", {"code": "FORBIDDEN"}, (0, 0, 0))
    assert [each["sharing"]["visibility"] for each in await api.world.documents("tracks")] == ["PRIVATE"]


async def test_tracks_are_put_into_a_playlist_once_and_liked(api: Api) -> None:
    # given one's own tracks, a public one, and one that is nobody's business
    ada, bob = await api.person(), await artist(api, "Bob")
    ids = [track.id for track in await some_tracks(api.world, ada.caller, 2)]
    public = await share(api, bob, (await add_track(api.world, bob.caller, "Open")).id)
    hidden = await add_track(api.world, bob.caller, "Hidden")
    made = (await api.world.get(PlaylistService).create(ada.caller, "Evening", "", None)).playlist
    playlist_id = to_base64("Playlist", made.id)
    # when they are put into a playlist, twice
    wanted = [ids[1], public.id, hidden.id, ids[0]]
    first = await edited(api.world, ada, "ADD_TO_PLAYLIST", wanted, playlistId=playlist_id)
    again = await edited(api.world, ada, "ADD_TO_PLAYLIST", wanted, playlistId=playlist_id)
    # then each stands there once, in this order
    assert (counts(first), counts(again)) == ((3, 0, 1), (0, 3, 1))
    entries = sorted(await api.world.documents("playlist_entries"), key=lambda entry: str(entry["rank"]))
    assert [entry["track_id"] for entry in entries] == [ids[1], public.id, ids[0]]
    assert [playlist["entry_count"] for playlist in await api.world.documents("playlists")] == [3]
    # and liking and taking back go the same way
    assert counts(await edited(api.world, ada, "LIKE", [*ids, hidden.id])) == (2, 0, 1)
    assert counts(await edited(api.world, ada, "LIKE", ids)) == (0, 2, 0)
    assert counts(await edited(api.world, ada, "UNLIKE", [ids[0], public.id])) == (1, 1, 0)
    assert [like["track_id"] for like in await api.world.documents("likes")] == [ids[1]]


async def test_somebody_elses_playlist_is_not_there(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    made = (await api.world.get(PlaylistService).create(bob.caller, "Bob's", "", None)).playlist
    (track,) = await some_tracks(api.world, ada.caller, 1)
    before = await api.contents()
    answer = await start(ada, "ADD_TO_PLAYLIST", [track.id], playlistId=to_base64("Playlist", made.id))
    assert answer["code"] == "NOT_FOUND"
    assert await api.contents() == before


@pytest.mark.parametrize(
    ("action", "fields", "path"),
    [
        ("ADD_TAGS", {}, "tags"),
        ("ADD_TAGS", {"tags": []}, "tags"),
        ("ADD_TAGS", {"tags": ["x" * 41]}, "tags"),
        ("ADD_TAGS", {"tags": ["x"], "genre": "jazz"}, "genre"),
        ("SET_GENRE", {}, "genre"),
        ("SET_GENRE", {"genre": "x" * 61}, "genre"),
        ("SET_ARTIST", {"artist": ""}, "artist"),
        ("SET_VISIBILITY", {"allowsDownloads": True}, "visibility"),
        ("TRASH", {"allowsDownloads": True}, "allowsDownloads"),
        ("ADD_TO_PLAYLIST", {}, "playlistId"),
        ("TRASH", {"idempotencyKey": ""}, "idempotencyKey"),
        ("TRASH", {"filter": {}}, "trackIds"),
        ("TRASH", {"trackIds": None}, "trackIds"),
        ("TRASH", {"trackIds": []}, "trackIds"),
        ("TRASH", {"trackIds": None, "filter": {"text": "?"}}, "text"),
    ],
)
async def test_a_wish_that_makes_no_sense_starts_nothing(
    api: Api, action: str, fields: dict[str, Any], path: str
) -> None:
    ada = await api.person()
    before = await api.contents()
    given = {"trackIds": [to_base64("Track", new_id())], **fields}
    answer = await start(ada, action, **given)
    assert (answer["code"], [issue["path"] for issue in answer["issues"]]) == ("VALIDATION_FAILED", [path])
    assert await api.contents() == before


async def test_the_same_key_starts_one_edit(api: Api) -> None:
    ada = await api.person()
    (track,) = await some_tracks(api.world, ada.caller, 1)
    given: dict[str, Any] = {"filter": {"createdAfter": "2026-01-01T00:00:00Z"}, "idempotencyKey": "once"}
    first = await start(ada, "SET_GENRE", genre="jazz", **given)
    await add_track(api.world, ada.caller, "Later")
    assert await start(ada, "SET_GENRE", genre="jazz", **given) == first
    assert (await start(ada, "SET_GENRE", genre="folk", **given))["code"] == "IDEMPOTENCY_CONFLICT"
    assert len(await api.world.documents("bulk_edits")) == len(await api.world.documents("jobs")) == 1
    await api.world.work_off()
    stored = await tracks_of(api, ada)
    assert stored[track.id]["genre"] == "jazz"


async def test_a_key_needs_the_scope_of_the_library(api: Api) -> None:
    ada = await api.person()
    (track,) = await some_tracks(api.world, ada.caller, 1)
    keys = api.world.get(ApiKeyService)
    _, poor = await keys.create(ada.caller, "poor", [Scope.JOBS])
    _, right = await keys.create(ada.caller, "right", [Scope.LIBRARY])
    before = await api.world.documents("jobs")
    refused = Person(ada.caller, ada.client.with_token(poor), ada.email)
    assert (await start(refused, "TRASH", [track.id]))["code"] == "FORBIDDEN"
    assert await api.world.documents("jobs") == before
    allowed = Person(ada.caller, ada.client.with_token(right), ada.email)
    assert (await start(allowed, "TRASH", [track.id]))["__typename"] == "StartBulkEditSuccess"
    await api.world.work_off()
    assert [each["changed"] for each in await api.world.documents("bulk_edits")] == [1]


async def test_somebody_elses_edit_is_not_there(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    job = await tagging(api.world, ada.caller, await some_tracks(api.world, ada.caller, 1))
    assert (await bob.client.data(JOB, id=to_base64("BulkEditJob", job.id)))["job"] is None


async def test_many_failures_are_counted_and_the_first_told(api: Api) -> None:
    ada = await api.person()
    job = await edited(api.world, ada, "TRASH", [new_id() for _ in range(MAX_FAILURES + 30)])
    assert (counts(job), len(job["failures"])) == ((0, 0, MAX_FAILURES + 30), MAX_FAILURES)


async def test_a_list_of_edits_is_two_queries(api: Api, commands: CommandLog) -> None:
    ada = await api.person(plan="studio")
    tracks = await some_tracks(api.world, ada.caller, 1)
    for number in range(20):
        await tagging(api.world, ada.caller, tracks, f"tag {number}")
    await api.world.work_off()
    with commands.listening() as sent:
        edges = (await ada.client.data(JOBS))["jobs"]["edges"]
    assert [edge["node"]["changedCount"] for edge in edges] == [1] * 20
    assert sorted(sent) == ["find bulk_edits", "find jobs"]


async def test_a_canceled_edit_is_tried_again_in_the_same_queue(api: Api) -> None:
    ada = await api.person()
    job = await tagging(api.world, ada.caller, await some_tracks(api.world, ada.caller, 1))
    await api.world.get(JobFollowing).cancel(ada.caller, job.id)
    again = await api.world.get(JobDriving).retry(ada.caller, job.id)
    assert (again.share, again.price) == (job.share, 0)
    await api.world.work_off()
    assert await written(api.world) == [(["new"], 2)]
