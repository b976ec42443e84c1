"""Where a track plays, through the public API."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from strawberry.relay.utils import to_base64

from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit.ids import new_id
from domain.playback.model import Rendition, Segment
from domain.playback.services.playback import PlaybackService
from tests.graphql.harness import Api, Person
from tests.playback.playlists import VARIANTS

PLAYBACK = """
query($id: ID!) { playback(trackId: $id) {
  hlsUrl expiresAt isComplete durationSeconds downloads { kind label url contentType sizeBytes expiresAt }
} }
"""
TRACK_ID = "{ jobs { edges { node { ... on GenerationJob { trackId } } } } }"


async def track_id_of(person: Person) -> str:
    """The id of the track that the person's newest job makes, as `generateTrack` has told it."""
    jobs = (await person.client.data(TRACK_ID))["jobs"]["edges"]
    found: str = jobs[0]["node"]["trackId"]
    return found


async def playback(person: Person, track_id: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (await person.client.data(PLAYBACK, id=track_id))["playback"]
    return found


async def test_a_finished_track_plays_and_all_its_files_download(api: Api) -> None:
    ada = await api.person()
    await api.world.ask(ada.caller, title="Evening / Night")
    await api.world.work_off()
    before = api.world.clock.now()
    found = await playback(ada, await track_id_of(ada))
    # then it is there as a whole, for an hour
    assert found is not None
    assert (found["isComplete"], found["durationSeconds"]) == (True, pytest.approx(6.0, abs=1e-6))
    assert found["hlsUrl"].startswith("http://127.0.0.1:8000/hls/")
    assert found["hlsUrl"].endswith("/master.m3u8")
    lifetime = datetime.fromisoformat(found["expiresAt"]) - before
    assert timedelta(hours=1) <= lifetime < timedelta(hours=1, minutes=1)
    # and every file is named with its true type and size
    downloads = {(link["kind"], link["label"]): link for link in found["downloads"]}
    assert {key: link["contentType"] for key, link in downloads.items()} == {
        ("MASTER", None): "audio/flac",
        ("DOWNLOAD", None): "audio/mpeg",
        ("WAVEFORM", None): "application/json",
        ("WAVEFORM", "256"): "application/json",
        ("WAVEFORM", "8192"): "application/json",
        ("COVER", None): "image/jpeg",
        ("PICTURE", None): "image/png",
        ("SCORE", None): "application/json",
        ("MIDI", None): "audio/midi",
        ("CHORDS", None): "text/plain; charset=utf-8",
        ("STEM", "chords"): "audio/flac",
        ("STEM", "bass"): "audio/flac",
    }
    for (kind, _), link in downloads.items():
        if kind in ("MASTER", "DOWNLOAD", "STEM"):
            answer = await api.http.get(urlsplit(link["url"]).path)
            assert (answer.status_code, answer.headers["content-type"]) == (200, link["contentType"])
        else:
            data, content_type = api.world.blobs.objects[link["url"].removeprefix("memory:///")]
            assert (link["sizeBytes"], link["contentType"]) == (len(data), content_type)
        assert datetime.fromisoformat(link["expiresAt"]) > before


async def test_a_track_plays_from_its_first_segment_on(api: Api) -> None:
    # given a job that has not begun
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    wanted = await track_id_of(ada)
    assert await playback(ada, wanted) is None
    (record,) = await api.world.documents("generations")
    rendition = Rendition(
        record["version_id"], record["track_id"], ada.caller.require(), job.id, 1, "songs/1", VARIANTS, (), False
    )
    service = api.world.get(PlaybackService)
    lease = await api.world.get(JobRunning).claim(job.id, 1, "worker-1")
    assert lease is not None
    # when its rendition is there without a segment, then there is nothing to hear yet
    await api.world.get(JobRunning).under(lease, lambda session: service.begin(rendition, session))
    assert await playback(ada, wanted) is None
    # but with the first one there is
    await service.append(rendition, [Segment("seg-00000.m4s", 1.02)])
    await api.world.get(JobRunning).report(lease, 0.5, is_playable=True)
    found = await playback(ada, wanted)
    assert found is not None
    assert (found["isComplete"], found["durationSeconds"], found["downloads"]) == (False, 1.02, [])
    # and when the worker has died and the job waits again, it is gone, though nobody tidied up
    api.world.clock.advance(21)
    await api.world.get(JobSweeping).sweep()
    assert await playback(ada, wanted) is None
    # as it is when the attempt is given up
    assert await service.take_back(rendition)
    assert await playback(ada, wanted) is None


async def test_somebody_elses_track_does_not_play(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    await api.world.ask(ada.caller)
    await api.world.work_off()
    mine = await track_id_of(ada)
    assert await playback(ada, mine) is not None
    assert await playback(bob, mine) is None
    assert await playback(bob, to_base64("Track", new_id())) is None


async def test_an_id_that_is_no_tracks_is_refused(api: Api) -> None:
    ada = await api.person()
    for wrong in ("garbage", "", to_base64("Track", "1"), to_base64("GenerationJob", new_id())):
        message = f"{wrong!r} is not the id of a Track."
        assert await ada.client.error(PLAYBACK, id=wrong) == {
            "code": "VALIDATION_FAILED",
            "message": message,
            "issues": [{"path": "trackId", "message": message}],
        }


async def test_nobody_in_particular_plays_nothing_of_other_people(api: Api) -> None:
    ada = await api.person()
    await api.world.ask(ada.caller)
    await api.world.work_off()
    assert await api.anonymous.data(PLAYBACK, id=await track_id_of(ada)) == {"playback": None}
    assert await api.anonymous.data(PLAYBACK, id=to_base64("Track", new_id())) == {"playback": None}
