"""A song that grows older: a mix is brought as its second version, it gets words, a friend listens, and a
branch outlives it. Over real HTTP, real storage and a real worker."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import av
import httpx
import numpy as np
import pytest

from bootstrap.cli.client import CadenzaClient, success
from bootstrap.cli.home import Person
from domain.kit.ids import new_id
from tests.e2e import listening
from tests.uploads.sounds import encoded, tones

pytestmark = pytest.mark.e2e

SONG_SECONDS, MIX_SECONDS = 8.0, 5.0
LRC = "[00:01.00]Rain on the roof\n[00:03.50]Rain on the road"
CREATE_UPLOAD = """mutation($input: CreateUploadInput!) { createUpload(input: $input) { __typename
  ... on CreateUploadSuccess { upload { id missingParts { url } } } ... on Problem { message } } }"""
COMPLETE_UPLOAD = """mutation($input: CompleteUploadInput!) { completeUpload(input: $input) { __typename
  ... on CompleteUploadSuccess { job { id versionId } } ... on Problem { message } } }"""
SET_LYRICS = """mutation($input: SetLyricsInput!) { setLyrics(input: $input) { __typename
  ... on SetLyricsSuccess { track { revision } } ... on Problem { message } } }"""
SHARE = """mutation($input: SetTrackVisibilityInput!) { setTrackVisibility(input: $input) { __typename
  ... on SetTrackVisibilitySuccess { track { shareSecret revision } } ... on Problem { message } } }"""
BRANCH = """mutation($input: BranchTrackInput!) { branchTrack(input: $input) { __typename
  ... on BranchTrackSuccess { track { id } } ... on Problem { message } } }"""
TRASH = """mutation($input: TrashTrackInput!) { trashTrack(input: $input) { __typename
  ... on TrashTrackSuccess { trashed { deletedAt } } ... on Problem { message } } }"""
TRACK = """query($id: ID!) { track(id: $id) { revision versionCount lyrics { lrc } currentVersion { id analysis {
  tempoBpm beatGrid { beatsSeconds confidence } sections { startSeconds endSeconds } } fingerprint } } }"""
PLAYBACK = """query($id: ID!, $version: ID, $secret: String) {
  playback(trackId: $id, versionId: $version, secret: $secret) {
    versionId hlsUrl durationSeconds downloads { kind url } } }"""


@pytest.fixture
async def ada(api_url: str) -> CadenzaClient:
    made = CadenzaClient(api_url)
    await made.sign_in_or_up(Person(f"{new_id()}@cadenza.example", "a good password", "Ada"))
    return made


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(follow_redirects=True, timeout=30) as opened:
        yield opened


async def done(client: CadenzaClient, document: str, **given: Any) -> dict[str, Any]:
    (answer,) = (await client.execute(document, {"input": given})).values()
    return success(answer)


async def ended(client: CadenzaClient, job_id: str) -> str:
    events = [event async for event in client.progress(job_id)]
    return str(events[-1]["status"])


async def brought(client: CadenzaClient, http: httpx.AsyncClient, parent: str) -> str:
    """The id of the version that a file has become."""
    data = encoded(tones(MIX_SECONDS))
    wish = {"fileName": "mix.wav", "sizeBytes": len(data), "contentType": "audio/wav", "parentVersionId": parent}
    upload = (await done(client, CREATE_UPLOAD, **wish, makeCurrent=True))["upload"]
    (part,) = upload["missingParts"]
    (await http.put(part["url"], content=data)).raise_for_status()
    job = (await done(client, COMPLETE_UPLOAD, uploadId=upload["id"]))["job"]
    assert await ended(client, job["id"]) == "SUCCEEDED"
    return str(job["versionId"])


async def heard(http: httpx.AsyncClient, playback: dict[str, Any]) -> float:
    """The seconds that its playlist says, which its sound fills up to the last frame of the codec."""
    playlist = await listening.read_playlist(http, playback["hlsUrl"])
    init, segments = await playlist.fetch(http)
    decoded = len(listening.decode(init + b"".join(segments))) / listening.SAMPLE_RATE
    assert decoded == pytest.approx(playlist.seconds, abs=0.05)
    return playlist.seconds


async def test_a_song_and_what_becomes_of_it(ada: CadenzaClient, http: httpx.AsyncClient) -> None:
    # given a song, and a mix of it that was brought as its second version
    job = await ada.generate({"prompt": "calm piano", "durationSeconds": SONG_SECONDS, "title": "Rain", "seed": 3})
    track = job["trackId"]
    assert await ended(ada, job["id"]) == "SUCCEEDED"
    first = (await ada.execute(TRACK, {"id": track}))["track"]["currentVersion"]
    second = await brought(ada, http, first["id"])
    # then it plays the mix, and the song is still there
    found = (await ada.execute(TRACK, {"id": track}))["track"]
    assert (found["versionCount"], found["currentVersion"]["id"]) == (2, second)
    now = (await ada.execute(PLAYBACK, {"id": track}))["playback"]
    before = (await ada.execute(PLAYBACK, {"id": track, "version": first["id"]}))["playback"]
    assert await heard(http, now) == pytest.approx(MIX_SECONDS, abs=0.001)
    assert await heard(http, before) == pytest.approx(SONG_SECONDS, abs=0.001)
    # and both were listened to: beats, sections, and how they are recognised
    for version in (first, found["currentVersion"]):
        analysis = version["analysis"]
        assert analysis["beatGrid"]["beatsSeconds"] == sorted(analysis["beatGrid"]["beatsSeconds"])
        assert analysis["sections"][0]["startSeconds"] == 0.0
        assert len(version["fingerprint"]) > 20
    assert first["fingerprint"] != found["currentVersion"]["fingerprint"]
    # when it gets words
    await done(ada, SET_LYRICS, trackId=track, expectedRevision=found["revision"], lrc=LRC)
    # then its files say them, and sound as before
    again = (await ada.execute(PLAYBACK, {"id": track, "version": first["id"]}))["playback"]
    files = {link["kind"]: link["url"] for link in again["downloads"] if link["kind"] in ("MASTER", "DOWNLOAD")}
    said, sound = {}, {}
    for kind, url in files.items():
        data = (await http.get(url)).raise_for_status().content
        with av.open(BytesIO(data)) as container:
            said[kind] = {name.lower(): text for name, text in container.metadata.items()}
        sound[kind] = listening.decode(data)
    assert {texts["title"] for texts in said.values()} == {"Rain"}
    assert all(any("Rain on the roof" in text for text in texts.values()) for texts in said.values())
    assert len(sound["MASTER"]) == round(SONG_SECONDS * listening.SAMPLE_RATE)
    assert np.abs(sound["MASTER"]).max() > 0.1
    # when a friend, who has no account, is given its link
    revision = (await ada.execute(TRACK, {"id": track}))["track"]["revision"]
    link = await done(ada, SHARE, trackId=track, expectedRevision=revision, visibility="UNLISTED")
    friend = CadenzaClient(ada.url)
    assert (await friend.execute(PLAYBACK, {"id": track}))["playback"] is None
    shared = (await friend.execute(PLAYBACK, {"id": track, "secret": link["track"]["shareSecret"]}))["playback"]
    assert await heard(http, shared) == pytest.approx(MIX_SECONDS, abs=0.001)
    # and when the song is thrown away after its first version was branched
    branch = (await done(ada, BRANCH, versionId=first["id"], title="Sleet"))["track"]["id"]
    await done(ada, TRASH, trackId=track)
    # then the friend hears nothing more, and the branch plays on
    assert (await http.get(shared["hlsUrl"])).status_code == 404
    branched = (await ada.execute(PLAYBACK, {"id": branch}))["playback"]
    assert await heard(http, branched) == pytest.approx(SONG_SECONDS, abs=0.001)
