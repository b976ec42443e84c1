"""The HLS playlists and segment redirects over plain HTTP."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import httpx
import pytest

from adapters.jose_tokens import ACCESS_AUDIENCE
from domain.jobs.services.run import JobRunning
from domain.kit.ids import new_id
from domain.playback.model import Rendition, Segment
from domain.playback.services import publish
from domain.playback.services.playback import PLAYBACK_AUDIENCE, PlaybackService
from tests.graphql.harness import ORIGIN, Api
from tests.playback.playlists import VARIANTS, MediaPlaylist, parse_master, parse_media

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"


def token_for(api: Api, version_id: str, seconds: float = 3600, audience: str = PLAYBACK_AUDIENCE) -> str:
    expires_at = api.world.clock.now() + timedelta(seconds=seconds)
    return api.world.kit.signer.sign(audience, version_id, expires_at)


async def get(api: Api, token: str, name: str) -> httpx.Response:
    return await api.http.get(f"/hls/{token}/{name}")


async def growing(api: Api, *lengths: float) -> Rendition:
    """A rendition that is still being made, with segments of these lengths."""
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    lease = await api.world.get(JobRunning).claim(job.id, 1, "worker-1")
    assert lease is not None
    rendition = Rendition(new_id(), "track", "owner", job.id, 1, "songs/1", VARIANTS, (), False)
    service = api.world.get(PlaybackService)
    await api.world.get(JobRunning).under(lease, lambda session: service.begin(rendition, session))
    await service.append(rendition, [Segment(f"seg-{n:05d}.m4s", length) for n, length in enumerate(lengths)])
    await api.world.get(JobRunning).report(lease, 0.5, is_playable=True)
    return rendition


async def test_a_growing_rendition_has_an_event_playlist(api: Api) -> None:
    rendition = await growing(api, 1.02, 2.02)
    token = token_for(api, rendition.version_id)
    master = await get(api, token, "master.m3u8")
    assert (master.status_code, master.headers["content-type"]) == (200, PLAYLIST_TYPE)
    (_, address), _ = parse_master(master.text)
    media = await get(api, token, address)
    assert (media.status_code, media.headers["content-type"]) == (200, PLAYLIST_TYPE)
    # a player must not be given yesterday's playlist
    assert media.headers["cache-control"] == "no-store"
    playlist = parse_media(media.text)
    assert (playlist.tags["EXT-X-PLAYLIST-TYPE"], playlist.ended) == ("EVENT", False)
    assert playlist.segments == [(1.02, "seg-00000.m4s"), (2.02, "seg-00001.m4s")]


async def test_a_complete_rendition_has_a_playlist_that_ends(api: Api) -> None:
    # given a finished song
    ada = await api.person()
    await api.world.ask(ada.caller)
    await api.world.work_off()
    (record,) = await api.world.documents("renditions")
    token = token_for(api, record["_id"])
    response = await get(api, token, "96k/audio.m3u8")
    assert response.headers["cache-control"] == "private, max-age=60"
    playlist = parse_media(response.text)
    assert (playlist.tags["EXT-X-PLAYLIST-TYPE"], playlist.ended) == ("VOD", True)
    assert playlist.seconds == pytest.approx(6.0, abs=1e-5)
    # and everything that it names is in storage
    for name in ["init.mp4", *(address for _, address in playlist.segments)]:
        redirect = await get(api, token, f"96k/{name}")
        assert redirect.status_code == 307
        assert redirect.headers["cache-control"] == "private, max-age=60"
        assert redirect.headers["location"].removeprefix("memory:///") in api.world.blobs.objects


async def test_a_playlist_that_is_read_while_the_song_is_made_only_grows(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a player that reads the playlist again and again while the song is made
    ada = await api.person()
    await api.world.ask(ada.caller, duration_seconds=20.0)
    api.world.engine.seconds_per_chunk = 0.05
    monkeypatch.setattr(publish, "LINGER_SECONDS", 0.05)
    working = asyncio.create_task(api.world.work_off())
    (generation,) = await api.world.documents("generations")
    token = token_for(api, generation["version_id"])
    read: list[MediaPlaylist] = []
    while not read or not read[-1].ended:
        response = await get(api, token, "96k/audio.m3u8")
        if response.status_code == 200:
            read.append(parse_media(response.text))
        await asyncio.sleep(0.02)
    await working
    # then nothing that it has seen ever changes, the target least of all
    assert {playlist.target for playlist in read} == {2}
    assert all(later.segments[: len(one.segments)] == one.segments for one, later in pairwise(read))
    assert all(later.spans[: len(one.spans)] == one.spans for one, later in pairwise(read))
    assert len({len(playlist.segments) for playlist in read}) > 3
    assert read[-1].seconds == pytest.approx(20.0, abs=1e-4)


async def test_a_token_that_is_not_for_this_is_worth_nothing(api: Api) -> None:
    rendition = await growing(api, 2.0)
    good = token_for(api, rendition.version_id)
    wrong = {
        "forged": good[:-6] + ("AAAAAA" if not good.endswith("AAAAAA") else "BBBBBB"),
        "for signing in": token_for(api, rendition.version_id, audience=ACCESS_AUDIENCE),
        "for another track": token_for(api, new_id()),
        "expired": token_for(api, rendition.version_id, seconds=-1),
        "garbage": "garbage",
        "without a signature": ".".join([*good.split(".")[:2], ""]),
    }
    for name in ("master.m3u8", "96k/audio.m3u8", "96k/init.mp4", "320k/seg-00000.m4s"):
        assert (await get(api, good, name)).status_code in (200, 307)
        for kind, token in wrong.items():
            response = await get(api, token, name)
            assert response.status_code == 404, kind
            assert rendition.version_id not in response.text


async def test_a_token_dies_with_its_time(api: Api) -> None:
    rendition = await growing(api, 2.0)
    token = token_for(api, rendition.version_id)
    api.world.clock.advance(3599)
    assert (await get(api, token, "96k/audio.m3u8")).status_code == 200
    api.world.clock.advance(1)
    for name in ("master.m3u8", "96k/audio.m3u8", "96k/init.mp4", "320k/seg-00000.m4s"):
        assert (await get(api, token, name)).status_code == 404


NOT_IN_THE_PLAYLIST = [
    "seg-00001.m4s",
    "seg-00000.m4s%00",
    "SEG-00000.m4s",
    "master.flac",
    "..",
    "%2e%2e",
    "../seg-00000.m4s",
    "..%2fseg-00000.m4s",
    "..%5cseg-00000.m4s",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "....//seg-00000.m4s",
    "x%2f..%2fseg-00000.m4s",
    "songs/1/seg-00000.m4s",
    "n" * 5000,
]


async def test_only_files_of_the_playlist_are_given_out(api: Api, subtests: pytest.Subtests) -> None:
    rendition = await growing(api, 2.0)
    token = token_for(api, rendition.version_id)
    # through the server as well, because it decodes paths on its own
    async with httpx.AsyncClient(base_url=api.base_url) as network:
        for name in NOT_IN_THE_PLAYLIST:
            with subtests.test(name[:40]):
                for client in (api.http, network):
                    response = await client.get(f"/hls/{token}/96k/{name}")
                    assert response.status_code == 404
                    assert "location" not in response.headers
    assert (await get(api, token, "96k")).status_code == 404


async def test_browsers_may_play_from_our_own_pages(api: Api) -> None:
    rendition = await growing(api, 2.0)
    url = f"/hls/{token_for(api, rendition.version_id)}/96k/audio.m3u8"
    ours = await api.http.get(url, headers={"Origin": ORIGIN})
    assert ours.headers["access-control-allow-origin"] == ORIGIN
    other = await api.http.get(url, headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in other.headers
