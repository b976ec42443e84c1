"""Duplicates through the public API: files are brought, become tracks, and are told from each other."""

import asyncio
from typing import Any

import numpy as np
import pytest
from strawberry.relay.utils import to_base64

from domain.kit.audio.media import Audio
from domain.kit.caller import Caller
from domain.library.model import Descent
from domain.library.services.branch import NewBranch, TrackBranching
from domain.library.services.janitor import TrashJanitor
from domain.library.services.trash import TrackTrash
from domain.uploads.model import NewUpload, Upload
from domain.uploads.services.complete import UploadCompletion
from domain.uploads.services.create import UploadCreation
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api
from tests.media.music import SAMPLE_RATE, Piece, played
from tests.uploads.bringing import brought, send
from tests.uploads.sounds import FLAC, MP3, encoded

DUPLICATES = """
query($id: ID!) { track(id: $id) {
  duplicates { track { id title } isSameFile similarity offsetSeconds overlapSeconds }
} }
"""
FINGERPRINT = "query($id: ID!) { track(id: $id) { currentVersion { fingerprint } } }"
ALL = "{ tracks(first: 100) { edges { node { duplicates { track { id } } currentVersion { fingerprint } } } } }"
SONG = Piece(bpm=97.0, tonic=2, mode="major", seconds=25.0)
OTHER = Piece(bpm=120.0, tonic=7, mode="minor", seconds=25.0)


async def bring(api: Api, caller: Caller, data: bytes, title: str) -> Upload:
    """A file that has become a track."""
    upload, _ = await brought(api.world, caller, data, title=title)
    await api.world.work_off()
    return upload


async def duplicates(api: Api, person: Any, upload: Upload) -> list[dict[str, Any]]:
    answer = await person.client.data(DUPLICATES, id=to_base64("Track", upload.track_id))
    found: list[dict[str, Any]] = answer["track"]["duplicates"]
    return found


def song() -> Audio:
    return played(SONG)


def copy_of_song(number: int) -> bytes:
    """A file with the same sound and bytes of its own."""
    noise = np.random.default_rng(number).normal(0.0, 0.002, song().shape)
    return encoded((song() + noise).astype(np.float32), FLAC)


async def bring_version(api: Api, caller: Caller, parent_id: str, data: bytes) -> None:
    """A file that has become one more version of a track."""
    wish = NewUpload("again.flac", len(data), "audio/flac", Descent(parent_id))
    upload = await api.world.get(UploadCreation).create(caller, wish)
    await send(api.world, caller, upload, data)
    await api.world.get(UploadCompletion).complete(caller, upload.id, None, None)
    await api.world.work_off()


async def test_the_same_file_again_is_a_track_and_told_as_a_duplicate(api: Api) -> None:
    # given a file of somebody
    ada, data = await api.person("Ada"), encoded(song(), FLAC)
    first = await bring(api, ada.caller, data, "Once")
    # when it is brought again
    second = await bring(api, ada.caller, data, "Twice")
    # then both are there and know of each other
    (there,), (back,) = await duplicates(api, ada, second), await duplicates(api, ada, first)
    assert (there["track"]["title"], back["track"]["title"]) == ("Once", "Twice")
    for found in (there, back):
        assert (found["isSameFile"], found["similarity"], found["offsetSeconds"]) == (True, 1.0, 0.0)
        assert found["overlapSeconds"] == pytest.approx(25.0)


async def test_a_lossy_copy_without_its_beginning_is_found_with_its_offset(api: Api) -> None:
    ada = await api.person("Ada")
    whole = await bring(api, ada.caller, encoded(song(), FLAC), "Whole")
    await bring(api, ada.caller, encoded(played(OTHER), FLAC), "Other")
    part = await bring(api, ada.caller, encoded(song()[4 * SAMPLE_RATE :], MP3), "Part")

    (there,), (back,) = await duplicates(api, ada, part), await duplicates(api, ada, whole)

    assert (there["track"]["title"], there["isSameFile"]) == ("Whole", False)
    assert there["similarity"] > 0.85
    assert there["offsetSeconds"] == pytest.approx(4.0, abs=0.13)
    assert back["offsetSeconds"] == -there["offsetSeconds"]


async def test_other_music_is_no_duplicate(api: Api) -> None:
    ada = await api.person("Ada")
    first = await bring(api, ada.caller, encoded(song(), FLAC), "One")
    second = await bring(api, ada.caller, encoded(played(OTHER), FLAC), "Two")

    assert await duplicates(api, ada, first) == await duplicates(api, ada, second) == []


async def test_nobody_is_told_that_somebody_else_has_it(api: Api) -> None:
    # given a private track of Bob's
    ada, bob, data = await api.person("Ada"), await api.person("Bob"), encoded(song(), FLAC)
    his = await bring(api, bob.caller, data, "Bob's own")
    # when Ada brings the same file
    hers = await bring(api, ada.caller, data, "Ada's own")
    # then neither learns of the other, and only the platform knows
    assert await duplicates(api, ada, hers) == await duplicates(api, bob, his) == []
    (likeness,) = await api.world.documents("likenesses")
    assert (likeness["owner_id"], likeness["other_owner_id"]) == (ada.caller.require(), bob.caller.require())
    assert likeness["is_same_file"] is True


async def test_two_copies_that_are_finished_at_once_know_of_each_other(api: Api) -> None:
    ada, data = await api.person("Ada"), encoded(song(), FLAC)
    uploads = [(await brought(api.world, ada.caller, data, title=title))[0] for title in ("One", "Two")]

    await asyncio.gather(api.world.work_one("worker-1"), api.world.work_one("worker-2"))

    assert [len(await duplicates(api, ada, upload)) for upload in uploads] == [1, 1]


async def test_a_duplicate_in_the_trash_is_not_shown_and_is_forgotten_with_its_track(api: Api) -> None:
    ada, data = await api.person("Ada"), encoded(song(), FLAC)
    first = await bring(api, ada.caller, data, "Once")
    second = await bring(api, ada.caller, data, "Twice")
    # when one lies in the trash
    await api.world.get(TrackTrash).trash(ada.caller, first.track_id)
    # then the other has no duplicate
    assert await duplicates(api, ada, second) == []
    # and when it comes back, it has again
    await api.world.get(TrackTrash).restore(ada.caller, first.track_id)
    assert len(await duplicates(api, ada, second)) == 1
    # and when it is deleted for good, nothing is left of it
    await api.world.get(TrackTrash).trash(ada.caller, first.track_id)
    api.world.clock.advance(40 * 24 * 3600)
    assert await api.world.get(TrashJanitor).sweep() == 1
    assert [recording["track_id"] for recording in await api.world.documents("recordings")] == [second.track_id]
    assert await api.world.documents("likenesses") == []


async def test_a_version_tells_its_fingerprint_as_acoustid_takes_it(api: Api) -> None:
    ada = await api.person("Ada")
    upload = await bring(api, ada.caller, encoded(song(), FLAC), "One")
    short = await bring(api, ada.caller, encoded(song()[:SAMPLE_RATE], FLAC), "Short")

    told = [
        (await ada.client.data(FINGERPRINT, id=to_base64("Track", each.track_id)))["track"]["currentVersion"]
        for each in (upload, short)
    ]

    assert told[0]["fingerprint"].startswith("AQAAtG")
    assert told[1] == {"fingerprint": None}


async def test_a_short_file_is_recognised_by_its_bytes(api: Api) -> None:
    ada, data = await api.person("Ada"), encoded(song()[:SAMPLE_RATE], FLAC)
    await bring(api, ada.caller, data, "Once")
    second = await bring(api, ada.caller, data, "Twice")

    (found,) = await duplicates(api, ada, second)

    assert (found["isSameFile"], found["overlapSeconds"]) == (True, 1.0)


async def test_a_track_is_told_once_however_many_of_its_versions_are_alike(api: Api) -> None:
    # given two tracks of the same sound
    ada, (data, other, third) = await api.person("Ada"), [copy_of_song(number) for number in range(3)]
    first, second = await bring(api, ada.caller, data, "Once"), await bring(api, ada.caller, other, "Twice")
    # when one of them gets it as its second version as well
    await bring_version(api, ada.caller, first.version_id, third)
    # then both tell of the other once, and none of itself
    assert len(await api.world.documents("likenesses")) == 2
    assert [found["track"]["title"] for found in await duplicates(api, ada, first)] == ["Twice"]
    assert [found["track"]["title"] for found in await duplicates(api, ada, second)] == ["Once"]


async def test_a_branch_is_no_duplicate_of_what_its_origin_gets_later(api: Api) -> None:
    # given a track, a branch of it, and another track of the same sound
    ada, (data, other, third) = await api.person("Ada"), [copy_of_song(number) for number in range(3)]
    origin = await bring(api, ada.caller, data, "Once")
    branch = await api.world.get(TrackBranching).branch(ada.caller, NewBranch(origin.version_id, "Branch"))
    await bring(api, ada.caller, other, "Twice")
    before = {each["_id"] for each in await api.world.documents("likenesses")}
    # when the origin and then the branch get the same sound, and the same file, once more
    for parent in (origin.version_id, branch.current_version_id):
        for again in (third, data):
            await bring_version(api, ada.caller, parent, again)
    # then the two know nothing of each other, and all the same of the other track
    answers = [await ada.client.data(DUPLICATES, id=to_base64("Track", each)) for each in (origin.track_id, branch.id)]
    titles = [[found["track"]["title"] for found in answer["track"]["duplicates"]] for answer in answers]
    assert titles == [["Twice"], ["Twice"]]
    new = [each for each in await api.world.documents("likenesses") if each["_id"] not in before]
    assert {(each["track_id"], each["other_track_id"]) for each in new}.isdisjoint(
        {(origin.track_id, branch.id), (branch.id, origin.track_id)}
    )


async def test_a_list_asks_for_all_duplicates_at_once(api: Api, commands: CommandLog) -> None:
    ada = await api.person("Ada")
    for number in range(3):
        await bring(api, ada.caller, copy_of_song(number), f"Copy {number}")

    with commands.listening() as asked:
        edges = (await ada.client.data(ALL))["tracks"]["edges"]

    assert [len(edge["node"]["duplicates"]) for edge in edges] == [2, 2, 2]
    assert sorted(asked) == ["find likenesses", "find recordings", "find tracks", "find tracks"]
