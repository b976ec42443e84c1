"""A song in a real browser: headless Chromium with hls.js, on a page of another origin, while the song is made."""

import asyncio
from pathlib import Path

import pytest

from bootstrap.cli import documents
from bootstrap.cli.client import CadenzaClient
from bootstrap.cli.home import Person
from bootstrap.cli.stack import PAGES
from domain.kit.ids import new_id
from tests.clients.node import clients, run
from tests.patience import eventually

__all__ = ["clients"]

SECONDS = 40.0
# Twice as fast as it is meant to be heard, and not faster than a busy machine makes it.
RATE = 2


async def test_a_song_plays_from_end_to_end_without_a_stop_while_it_is_made(
    api_url: str, clients: Path, tmp_path: Path
) -> None:
    # given a browser that is open, and a song whose first seconds are there
    browser = asyncio.create_task(
        run("listen.mjs", str(tmp_path), str(RATE), *PAGES, seconds=120, work_folder=tmp_path)
    )
    await eventually(lambda: (tmp_path / "ready").exists() or browser.done(), within=60)
    client = CadenzaClient(api_url)
    await client.sign_in_or_up(Person(f"{new_id()}@cadenza.example", "a good password", "Ada"))
    job = await client.generate({"prompt": "bright disco in A minor, 120 bpm", "durationSeconds": SECONDS, "seed": 7})
    async for event in client.progress(job["id"]):
        if event["isPlayable"]:
            break
    answer = await client.execute(documents.PLAYBACK, {"trackId": job["trackId"]})
    # when a page plays it
    (tmp_path / "address").write_text(answer["playback"]["hlsUrl"])
    (heard,) = await browser
    # then it began with the beginning, while the song was being made, and never had to wait
    assert (heard["errors"], heard["waits"]) == ([], [])
    assert heard["beganAt"] == pytest.approx(0.0, abs=0.2)
    assert heard["playlists"][0][0]
    assert not heard["playlists"][-1][0]
    assert heard["seconds"] == heard["position"] == pytest.approx(SECONDS, abs=0.1)
    # and what came later were parts of larger objects
    assert heard["ranges"] > 10
