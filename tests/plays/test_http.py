"""The address that players report to: what is taken, what is refused, and what is told to whom."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog
from prometheus_client import REGISTRY

from adapters.memory.play_log import MemoryPlayLog
from domain.library.model import Track
from domain.playback.services.playback import PLAYBACK_AUDIENCE
from domain.plays.services.gate import LISTEN_BUCKET
from domain.plays.services.intake import PlayIntake
from domain.plays.services.tickets import LIVES_BEYOND_PLAYBACK
from tests.graphql.harness import ORIGIN, Api, Person
from tests.library.factories import add_track
from tests.plays.listeners import Player, player

START = {"event": "start", "sequence": 0, "positionSeconds": 0}


@pytest.fixture
async def ada(api: Api) -> Person:
    return await api.person()


@pytest.fixture
async def track(api: Api, ada: Person) -> Track:
    return await add_track(api.world, ada.caller)


@pytest.fixture
def playing(api: Api, ada: Person, track: Track) -> Player:
    return player(api, track, ada.caller.account_id)


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def taken(api: Api) -> list[tuple[int, int, bool]]:
    """Sequence, position and end of all reports that were taken."""
    await api.world.get(PlayIntake).flush()
    batch = await api.world.kit.plays.log.take("test", 0.0)
    receipts = [] if batch is None else batch.receipts
    return [(each.sequence, each.position_ms, each.is_complete) for receipt in receipts for each in receipt.reports]


async def test_one_report_or_a_list_is_taken(api: Api, playing: Player) -> None:
    one = await api.http.post(playing.path, json={**START, "player": "anything else"})
    beat = {"event": "heartbeat", "sequence": 1, "positionSeconds": 9.9994}
    more = await playing.post(beat, {"event": "complete", "sequence": 2, "positionSeconds": 20})
    assert [(each.status_code, each.content) for each in (one, more)] == [(204, b"")] * 2
    assert await taken(api) == [(0, 0, False), (1, 9_999, False), (2, 20_000, True)]


async def test_a_beacon_is_taken_as_browsers_send_it(api: Api, playing: Player) -> None:
    beacon = {"Content-Type": "text/plain;charset=UTF-8", "Origin": "https://elsewhere.example"}
    response = await api.http.post(playing.path, content=json.dumps(START), headers=beacon)
    assert (response.status_code, "access-control-allow-origin" in response.headers) == (204, False)
    assert await taken(api) == [(0, 0, False)]


async def test_our_own_pages_may_read_the_answer(api: Api, playing: Player) -> None:
    response = await api.http.post(playing.path, json=START, headers={"Origin": ORIGIN})
    assert response.headers["access-control-allow-origin"] == ORIGIN
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = await api.http.options(playing.path, headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert response.headers["x-content-type-options"] == "nosniff"


NO_REPORTS: list[Any] = [
    [],
    "start",
    7,
    {},
    [[]],
    {**START, "event": "stop"},
    {**START, "event": ["start"]},
    {**START, "sequence": True},
    {**START, "sequence": -1},
    {**START, "sequence": 10_000},
    {**START, "sequence": 1.5},
    {**START, "positionSeconds": "1"},
    {**START, "positionSeconds": None},
    {**START, "positionSeconds": -0.1},
    {**START, "positionSeconds": 1e300},
    [START] * 101,
]


@pytest.mark.parametrize("body", NO_REPORTS)
async def test_what_is_no_report_is_refused_in_a_sentence(api: Api, playing: Player, body: Any) -> None:
    response = await api.http.post(playing.path, json=body)
    assert (response.status_code, response.text.startswith("Send one report or a list")) == (400, True)
    assert await taken(api) == []


@pytest.mark.parametrize("content", [b"", b"null", b"{", b"[NaN]", b"\xff", b'{"event": "start"', b"[" * 10_000])
async def test_what_is_no_json_is_refused(api: Api, playing: Player, content: bytes) -> None:
    response = await api.http.post(playing.path, content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 400


async def test_other_types_sizes_and_methods_are_refused(api: Api, playing: Player) -> None:
    form = await api.http.post(playing.path, data={"event": "start"})
    large = await api.http.post(playing.path, content=b" " * 16_385, headers={"Content-Type": "text/plain"})
    read = await api.http.get(playing.path)
    assert [(each.status_code, bool(each.text)) for each in (form, large, read)] == [
        (415, True),
        (413, True),
        (405, True),
    ]
    assert read.headers["allow"] == "POST"
    assert await taken(api) == []


async def test_an_address_that_is_not_for_this_takes_nothing(api: Api, playing: Player, track: Track) -> None:
    signer, later = api.world.kit.signer, api.world.clock.now() + timedelta(hours=1)
    good = playing.path.removeprefix("/plays/")
    wrong = {
        "for playlists": signer.sign(PLAYBACK_AUDIENCE, track.id, later),
        "forged": good[:-6] + ("AAAAAA" if not good.endswith("AAAAAA") else "BBBBBB"),
        "garbage": "garbage",
        "nothing": "",
        "more": f"{good}/more",
    }
    for kind, token in wrong.items():
        response = await api.http.post(f"/plays/{token}", json=START)
        assert (response.status_code, good in response.text) == (404, False), kind
    # and the other way round
    assert (await api.http.get(f"/hls/{good}/master.m3u8")).status_code == 404
    assert await taken(api) == []


async def test_an_address_outlives_the_playlists_by_hours(api: Api, playing: Player) -> None:
    lives = api.world.kit.settings.auth.playback_lifetime + LIVES_BEYOND_PLAYBACK
    api.world.clock.advance(lives.total_seconds() - 10)
    assert (await playing.post(START)).status_code == 204
    api.world.clock.advance(11)
    assert (await playing.post(START)).status_code == 404


async def test_a_player_that_reports_without_end_is_slowed_down(api: Api, playing: Player) -> None:
    beats = [{**START, "sequence": each} for each in range(100)]
    answers = [await playing.post(*beats) for _ in range(LISTEN_BUCKET.capacity // 100 + 1)]
    assert [each.status_code for each in answers] == [204, 204, 429]
    assert 90 <= int(answers[-1].headers["retry-after"]) <= 100
    assert len(await taken(api)) == LISTEN_BUCKET.capacity


async def test_while_the_log_is_away_reports_wait_and_then_are_refused(api: Api, ada: Person, track: Track) -> None:
    plays = api.world.kit.plays.log
    assert isinstance(plays, MemoryPlayLog)
    intake = api.world.get(PlayIntake)
    intake._most_reports = 150
    plays.is_down = True
    players = [player(api, track, ada.caller.account_id) for _ in range(2)]
    beats = [{**START, "sequence": each} for each in range(100)]
    answers = [await each.post(*beats) for each in players]
    assert [each.status_code for each in answers] == [204, 503]
    assert answers[-1].headers["retry-after"] == "10"
    assert not await intake.flush()
    # and what was taken is not lost
    plays.is_down = False
    assert await intake.flush()
    assert (await players[1].post(*beats)).status_code == 204
    assert len(await taken(api)) == 200


async def test_tokens_stand_in_no_log_and_no_metric(api: Api, playing: Player) -> None:
    before = metric("cadenza_http_requests_total", path="/plays", method="POST", status="204")
    refused = metric("cadenza_play_requests_refused_total", reason="shape")
    async with httpx.AsyncClient(base_url=api.base_url) as network:
        with structlog.testing.capture_logs() as logs:
            assert (await network.post(playing.path, json=START)).status_code == 204
            assert (await network.post(playing.path, json={})).status_code == 400
    assert metric("cadenza_http_requests_total", path="/plays", method="POST", status="204") == before + 1
    assert metric("cadenza_play_requests_refused_total", reason="shape") == refused + 1
    token = playing.path.removeprefix("/plays/")
    assert token not in str(logs)
    assert not any(token in str(sample.labels) for family in REGISTRY.collect() for sample in family.samples)


async def test_paths_that_are_none_go_the_usual_way(api: Api) -> None:
    host, port = api.base_url.removeprefix("http://").split(":")
    for asked in (b"OPTIONS *", b"GET /", b"GET //plays"):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(asked + b" HTTP/1.1\r\nHost: cadenza.example\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 2")), answer
        assert b"x-request-id" in answer
