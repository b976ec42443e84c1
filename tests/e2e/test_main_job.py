"""The main job as a person does it, over real HTTP and WebSocket; then the audio itself is listened to."""

import json
import struct
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import av
import httpx
import numpy as np
import pytest

from bootstrap.cli import documents
from bootstrap.cli.client import CadenzaClient
from bootstrap.cli.home import Person
from domain.kit.ids import new_id
from tests.e2e import listening

pytestmark = pytest.mark.e2e

PROMPT = "Upbeat disco in A minor, 120 bpm, with strings, no flute"
DURATION = 30.0


@dataclass(frozen=True)
class Song:
    """One finished main job: its events, its result, and its files by kind and label."""

    client: CadenzaClient
    job: dict[str, Any]
    events: list[dict[str, Any]]
    early: listening.Playlist
    early_url: str
    result: dict[str, Any]
    files: dict[tuple[str, str | None], bytes]

    @property
    def samples(self) -> listening.Samples:
        return listening.decode(self.files[("MASTER", None)])


@pytest.fixture(scope="module")
async def song(api_url: str) -> Song:
    """Signs up, asks, follows the job, looks at playback on the first playable event, downloads everything."""
    client = CadenzaClient(api_url)
    await client.sign_in_or_up(Person(f"{new_id()}@cadenza.example", "a good password", "Ada Lovelace"))
    job = await client.generate({"prompt": PROMPT, "durationSeconds": DURATION, "seed": 7})
    events: list[dict[str, Any]] = []
    early: listening.Playlist | None = None
    early_url = ""
    async with httpx.AsyncClient(follow_redirects=True, timeout=30) as http:
        async for event in client.progress(job["id"]):
            events.append(event)
            if event["isPlayable"] and early is None:
                playing = await client.execute(documents.PLAYBACK, {"trackId": job["trackId"]})
                early_url = playing["playback"]["hlsUrl"]
                early = await listening.read_playlist(http, early_url)
        result = await client.result(job["id"], job["trackId"])
        files = {
            (item["kind"], item["label"]): (await http.get(item["url"])).raise_for_status().content
            for item in result["playback"]["downloads"]
        }
    assert early is not None, "the song never became playable"
    return Song(client, job, events, early, early_url, result, files)


async def test_progress_tells_every_step_in_order_and_ends(song: Song) -> None:
    ids = [int(event["eventId"]) for event in song.events]
    assert ids == sorted(set(ids))
    stages = list(dict.fromkeys(event["stage"] for event in song.events))
    order = ["WAITING", "UNDERSTANDING", "COMPOSING", "SYNTHESIZING", "MASTERING", "RENDERING", "FINALIZING", "DONE"]
    assert stages == [stage for stage in order if stage in stages]
    assert {"RENDERING", "FINALIZING", "DONE"} <= set(stages)
    progress = [event["progress"] for event in song.events]
    assert progress == sorted(progress)
    assert (song.events[-1]["status"], progress[-1]) == ("SUCCEEDED", 1.0)


async def test_it_could_be_played_before_it_was_finished(song: Song) -> None:
    assert (song.early.kind, song.early.is_complete) == ("EVENT", False)
    assert 0 < song.early.seconds < DURATION


async def test_the_brief_tells_what_was_understood(song: Song) -> None:
    brief = song.result["job"]["brief"]
    assert (brief["genre"], brief["keyScale"], brief["bpm"]) == ("disco", "A minor", 120.0)
    assert brief["instruments"] == ["strings"]
    assert brief["excludedInstruments"] == ["flute"]
    sources = {item["field"]: item["source"] for item in brief["sources"]}
    assert (sources["genre"], sources["key"], sources["bpm"]) == ("prompt", "prompt", "prompt")


async def test_the_master_is_as_long_loud_and_clean_as_promised(song: Song) -> None:
    samples = song.samples
    assert samples.shape == (round(DURATION * listening.SAMPLE_RATE), 2)
    assert listening.loudness(samples) == pytest.approx(-14.0, abs=0.5)
    assert listening.true_peak(samples) <= -1.0
    assert listening.longest_silence(samples[: -3 * listening.SAMPLE_RATE]) < 0.5
    assert not np.allclose(samples[:, 0], samples[:, 1]), "the song should be stereo"


async def test_tempo_and_key_can_be_heard(song: Song) -> None:
    samples = song.samples
    assert listening.tempo(samples, around=120.0) == pytest.approx(120.0, rel=0.02)
    assert listening.key(samples) == "A minor"


async def test_what_cadenza_measured_is_what_is_heard(song: Song) -> None:
    measured = song.result["job"]["version"]["analysis"]
    samples = song.samples
    assert measured["loudnessLufs"] == pytest.approx(listening.loudness(samples), abs=0.1)
    assert measured["truePeakDbtp"] == pytest.approx(listening.true_peak(samples), abs=0.2)
    assert measured["tempoBpm"] == pytest.approx(120.0, rel=0.02)
    assert measured["key"] == "A minor"


async def test_the_same_url_has_grown_into_the_whole_song(song: Song) -> None:
    async with httpx.AsyncClient(follow_redirects=True, timeout=30) as http:
        playlist = await listening.read_playlist(http, song.early_url)
        init, segments = await playlist.fetch(http)
    assert (playlist.kind, playlist.is_complete) == ("VOD", True)
    assert playlist.segments[: len(song.early.segments)] == song.early.segments
    assert playlist.seconds == pytest.approx(DURATION, abs=0.001)
    # every segment decodes on its own
    for segment, piece in zip(segments, playlist.segments, strict=True):
        assert len(listening.decode(init + segment)) / listening.SAMPLE_RATE == pytest.approx(piece.seconds, abs=0.05)
    # and all of them together are the master, as far as a lossy codec can be
    whole = listening.decode(init + b"".join(segments))
    master = song.samples
    length = min(len(whole), len(master))
    assert len(whole) == pytest.approx(len(master), abs=2048)
    assert np.corrcoef(whole[:length, 0], master[:length, 0])[0, 1] > 0.98


async def test_the_files_say_what_they_are(song: Song) -> None:
    title = song.result["job"]["track"]["title"]
    for kind in ("MASTER", "DOWNLOAD"):
        with av.open(BytesIO(song.files[(kind, None)])) as container:
            tags = {name.lower(): value for name, value in container.metadata.items()}
            assert container.streams.audio[0].codec_context.name == {"MASTER": "flac", "DOWNLOAD": "mp3float"}[kind]
        text = json.dumps(tags).lower()
        assert (tags["title"], tags["artist"], tags["genre"]) == (title, "Ada Lovelace", "disco")
        assert "120" in text
        assert "a minor" in text or '"am"' in text
        assert "algorithmicmedia" in text


async def test_the_download_is_a_320_kbit_mp3_of_the_same_length(song: Song) -> None:
    data = song.files[("DOWNLOAD", None)]
    assert len(listening.decode(data)) == pytest.approx(DURATION * listening.SAMPLE_RATE, abs=2400)
    with av.open(BytesIO(data)) as container:
        assert container.streams.audio[0].bit_rate == 320_000


async def test_pictures_waveform_score_and_stems_are_there(song: Song) -> None:
    assert song.files[("PICTURE", None)].startswith(b"\x89PNG")
    assert struct.unpack(">II", song.files[("PICTURE", None)][16:24]) == (1600, 900)
    assert song.files[("COVER", None)].startswith(b"\xff\xd8")
    waveform = json.loads(song.files[("WAVEFORM", None)])
    assert (waveform["version"], waveform["sample_rate"], waveform["bits"]) == (2, 44_100, 8)
    assert len(waveform["data"]) == 2 * waveform["channels"] * waveform["length"]
    score = json.loads(song.files[("SCORE", None)])
    assert song.files[("MIDI", None)].startswith(b"MThd")
    stems = {label for kind, label in song.files if kind == "STEM"}
    assert stems == {track["id"] for track in score["tracks"]}
    for label in stems:
        assert len(listening.decode(song.files[("STEM", label)])) == round(DURATION * listening.SAMPLE_RATE)


async def test_the_same_seed_is_the_same_music(song: Song) -> None:
    again = await song.client.generate({"prompt": PROMPT, "durationSeconds": DURATION, "seed": 7})
    async for _ in song.client.progress(again["id"]):
        pass
    result = await song.client.result(again["id"], again["trackId"])
    urls = {item["kind"]: item["url"] for item in result["playback"]["downloads"]}
    async with httpx.AsyncClient(timeout=30) as http:
        score = (await http.get(urls["SCORE"])).raise_for_status().content
        master = (await http.get(urls["MASTER"])).raise_for_status().content
    assert score == song.files[("SCORE", None)]
    assert np.array_equal(listening.decode(master), song.samples)
