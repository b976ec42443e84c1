"""A file of somebody's own as they bring it, over real HTTP, real storage and a real worker; then it is listened to."""

import io
from pathlib import Path
from typing import Any

import httpx
import mido
import numpy as np
import pytest
from rich.console import Console

from bootstrap.cli import documents
from bootstrap.cli.client import CadenzaClient, success
from bootstrap.cli.home import Person
from bootstrap.cli.uploads import open_upload, send_parts, size_of
from domain.kit.audio.notes import Note
from domain.kit.ids import new_id
from tests.conftest import RunningStack
from tests.e2e import listening
from tests.faults.harm import kill
from tests.transcription.notes import melody, onsets_score, sounding
from tests.uploads.sounds import WAV_24, encoded, tones

pytestmark = pytest.mark.e2e

SECONDS = 60.0
QUIET = Console(quiet=True)
# A join of one millisecond on both sides.
NEAR = 44


@pytest.fixture(scope="module")
def audio() -> listening.Samples:
    return tones(SECONDS)


@pytest.fixture(scope="module")
def path(audio: listening.Samples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of two parts."""
    path = tmp_path_factory.mktemp("uploads") / "rain.wav"
    path.write_bytes(encoded(audio, WAV_24, tags={"title": "Rain"}))
    assert size_of(path) > 8 << 20
    return path


@pytest.fixture
async def client(api_url: str) -> CadenzaClient:
    made = CadenzaClient(api_url)
    await made.sign_in_or_up(Person(f"{new_id()}@cadenza.example", "a good password", "Ada"))
    return made


async def completed(client: CadenzaClient, upload: dict[str, Any]) -> dict[str, Any]:
    answer = await client.execute(documents.COMPLETE_UPLOAD, {"input": {"uploadId": upload["id"]}})
    job: dict[str, Any] = success(answer["completeUpload"])["job"]
    return job


async def to_the_end(client: CadenzaClient, job: dict[str, Any]) -> list[dict[str, Any]]:
    return [event async for event in client.progress(job["id"])]


async def played_back(http: httpx.AsyncClient, master_url: str, rung: int) -> tuple[listening.Samples, list[float]]:
    """The sound of one variant from end to end, and the lengths of its segments."""
    playlist = await listening.read_playlist(http, master_url, rung)
    init, segments = await playlist.fetch(http)
    return listening.decode(b"".join([init, *segments])), [piece.seconds for piece in playlist.segments]


def signal_to_noise(expected: listening.Samples, heard: listening.Samples) -> float:
    return float(10 * np.log10(np.mean(expected**2) / np.mean((expected - heard) ** 2)))


async def test_a_file_goes_on_after_a_break_and_plays_as_it_was(
    client: CadenzaClient, path: Path, audio: listening.Samples
) -> None:
    # given a client that sent the second part of its file and lost its connection
    upload = await open_upload(client, path, size_of(path))
    first, second = upload["missingParts"]
    await send_parts(client, {**upload, "missingParts": [second]}, path, QUIET)
    # then one part alone was asked for again, the rest of the file is there, and it becomes a track
    job = await completed(client, upload)
    events = await to_the_end(client, job)
    assert first["number"] == 1
    assert (events[-1]["status"], events[-1]["problem"]) == ("SUCCEEDED", None)
    assert any(event["isPlayable"] for event in events[:-1])
    result = await client.execute(documents.UPLOAD_RESULT, {"jobId": job["id"], "trackId": job["trackId"]})
    assert result["job"]["track"]["title"] == "Rain"
    # and what is served at each rate is what was brought, the joins included
    async with httpx.AsyncClient(follow_redirects=True, timeout=30) as http:
        for variant in range(3):
            heard, lengths = await played_back(http, result["playback"]["hlsUrl"], variant)
            assert sum(lengths) == pytest.approx(SECONDS, abs=1e-3)
            assert 0 <= len(heard) - len(audio) < 1_024
            assert listening.loudness(heard[: len(audio)]) == pytest.approx(listening.loudness(audio), abs=0.3)
            for cut in np.cumsum(np.rint(np.array(lengths[:-1]) * listening.SAMPLE_RATE)).astype(int):
                near = slice(cut - NEAR, cut + NEAR)
                assert signal_to_noise(audio[near], heard[near]) > 10.0


async def test_a_worker_that_is_killed_in_the_middle_leaves_one_whole_track(
    client: CadenzaClient, path: Path, running_stack: RunningStack
) -> None:
    # given an upload whose first seconds can be heard
    upload = await open_upload(client, path, size_of(path))
    await send_parts(client, upload, path, QUIET)
    job = await completed(client, upload)
    async for event in client.progress(job["id"]):
        if event["isPlayable"]:
            break
    # when its worker dies without warning
    kill(running_stack.stack, "worker")
    # then another attempt makes the whole of it
    last = (await to_the_end(client, job))[-1]
    assert (last["status"], last["problem"]) == ("SUCCEEDED", None)
    result = await client.execute(documents.UPLOAD_RESULT, {"jobId": job["id"], "trackId": job["trackId"]})
    async with httpx.AsyncClient(follow_redirects=True, timeout=30) as http:
        _, lengths = await played_back(http, result["playback"]["hlsUrl"], 0)
    assert sum(lengths) == pytest.approx(SECONDS, abs=1e-3)


NOTES = """query($id: ID!) {
  track(id: $id) { currentVersion { transcription { noteCount notes(first: 100) { edges { node {
    startSeconds endSeconds pitch confidence
  } } } } } }
  playback(trackId: $id) { downloads { kind url } }
}"""


async def test_the_notes_of_a_melody_are_told_and_come_as_midi(client: CadenzaClient, tmp_path: Path) -> None:
    # given a melody that somebody brings
    path = tmp_path / "melody.wav"
    path.write_bytes(encoded(sounding(melody(), 8.0), WAV_24))
    upload = await open_upload(client, path, size_of(path))
    await send_parts(client, upload, path, QUIET)
    job = await completed(client, upload)
    events = await to_the_end(client, job)
    assert (events[-1]["status"], events[-1]["problem"]) == ("SUCCEEDED", None)
    # then its notes are those that were played
    answer = await client.execute(NOTES, {"id": job["trackId"]})
    told = answer["track"]["currentVersion"]["transcription"]
    nodes = [edge["node"] for edge in told["notes"]["edges"]]
    found = [Note(node["startSeconds"], node["endSeconds"], node["pitch"], node["confidence"]) for node in nodes]
    assert onsets_score(found, melody()).f_measure >= 0.95
    # and the MIDI file has the same
    (url,) = [each["url"] for each in answer["playback"]["downloads"] if each["kind"] == "MIDI"]
    async with httpx.AsyncClient(follow_redirects=True, timeout=30) as http:
        file = mido.MidiFile(file=io.BytesIO((await http.get(url)).raise_for_status().content))
    assert [message.note for message in file if message.type == "note_on"] == [note.pitch for note in found]
    assert told["noteCount"] == len(found)
