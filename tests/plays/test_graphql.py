"""Plays through the public API: from what a player reports to counts and a history."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from strawberry.relay.utils import to_base64

from adapters.memory.play_log import MemoryListenStates
from adapters.meters.plays import PrometheusPlayMeter
from domain.library.services.janitor import TrashJanitor
from domain.library.services.trash import TrackTrash
from domain.plays.rules import PLAYS_PER_ADDRESS, PLAYS_PER_LISTENER
from domain.plays.services.count import PlayCounting
from domain.plays.services.intake import PlayIntake
from domain.plays.store import PlayStore
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api
from tests.library.factories import add_track
from tests.plays.listeners import Player, count, listened, player

COUNTS = "{ tracks { edges { node { title playCount playsByDay(days: 3) { day playCount } } } } }"
COUNT = "{ tracks { edges { node { playCount } } } }"
HISTORY = """
query($first: Int! = 20, $after: String) { playHistory(first: $first, after: $after) {
  edges { node { id beganAt heardSeconds track { title } } } pageInfo { hasNextPage endCursor }
} }
"""
CLEAR = """
mutation($input: ClearPlayHistoryInput!) { clearPlayHistory(input: $input) {
  __typename ... on ClearPlayHistorySuccess { clearedCount } ... on Problem { code }
} }
"""
PLAYBACK = "query($id: ID!) { playback(trackId: $id) { reportUrl } }"


async def counts_of(api: Api, client: Any) -> list[int]:
    return [edge["node"]["playCount"] for edge in (await client.data(COUNT))["tracks"]["edges"]]


async def history_of(client: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await client.data(HISTORY))["playHistory"]["edges"]]


async def test_a_song_that_is_listened_to_is_a_play(api: Api) -> None:
    # given a finished song of six seconds, and a player that asks where it plays
    ada = await api.person()
    await api.world.ask(ada.caller, title="Evening")
    await api.world.work_off()
    (record,) = await api.world.documents("tracks")
    answer = await ada.client.data(PLAYBACK, id=to_base64("Track", record["_id"]))
    playing = Player(api.world, api.http, urlsplit(answer["playback"]["reportUrl"]).path)
    # when half of it was heard
    await playing.says("start", 0.0)
    api.world.clock.advance(2.9)
    await playing.says("heartbeat", 2.9)
    await count(api.world)
    assert await counts_of(api, ada.client) == [0]
    api.world.clock.advance(0.1)
    await playing.says("heartbeat", 3.0)
    await count(api.world)
    # then it is a play, and it stays one when the rest is heard
    api.world.clock.advance(2.9)
    await playing.ends(5.9)
    await count(api.world)
    assert await counts_of(api, ada.client) == [1]
    (play,) = await history_of(ada.client)
    assert (play["heardSeconds"], play["track"]) == (5.9, {"title": "Evening"})
    (kept,) = await api.world.documents("plays")
    assert kept["version_id"] == record["current_version_id"]


async def test_counts_go_by_track_and_day(api: Api) -> None:
    api.world.clock.advance_to_next_day()
    ada = await api.person()
    one, _ = await add_track(api.world, ada.caller, "One"), await add_track(api.world, ada.caller, "Two")
    await listened(api, one, ada.caller.account_id, [30.0, 29.9])
    api.world.clock.advance(24 * 3600)
    ada = await api.signed_in_again(ada)
    await listened(api, one, ada.caller.account_id, [200.0, 40.0])
    today = api.world.clock.now().date()
    days = [(today - timedelta(days=ago)).isoformat() for ago in (2, 1, 0)]
    shown = [edge["node"] for edge in (await ada.client.data(COUNTS))["tracks"]["edges"]]
    assert shown == [
        {
            "title": title,
            "playCount": sum(plays),
            "playsByDay": [{"day": day, "playCount": each} for day, each in zip(days, plays, strict=True)],
        }
        for title, plays in (("Two", [0, 0, 0]), ("One", [0, 1, 2]))
    ]


@pytest.mark.parametrize("days", [0, 91])
async def test_days_that_cannot_be_are_refused(api: Api, days: int) -> None:
    ada = await api.person()
    await add_track(api.world, ada.caller)
    query = f"{{ tracks {{ edges {{ node {{ playsByDay(days: {days}) {{ day }} }} }} }} }}"
    assert (await ada.client.error(query))["message"] == "'days' must be between 1 and 90."


async def test_a_bot_that_reports_ten_minutes_in_a_second_plays_nothing(api: Api) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    hurrying = player(api, track, ada.caller.account_id)
    beats = [{"event": "heartbeat", "sequence": each, "positionSeconds": each * 10} for each in range(60)]
    assert (await hurrying.post(*beats)).status_code == 204
    api.world.clock.advance(1)
    assert (await hurrying.post(*beats, {"event": "complete", "sequence": 60, "positionSeconds": 600})).is_success
    await count(api.world)
    assert (await counts_of(api, ada.client), await api.world.documents("plays")) == ([0], [])


async def test_only_so_many_plays_of_one_listener_count_each_day(api: Api) -> None:
    api.world.clock.advance_to_next_day()
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    await listened(api, track, ada.caller.account_id, [30.0] * (PLAYS_PER_LISTENER + 2))
    await listened(api, track, None, [30.0] * (PLAYS_PER_ADDRESS + 1))
    ada = await api.signed_in_again(ada)
    # the first ones of the listener count, and those of a shared link by their network
    assert await counts_of(api, ada.client) == [PLAYS_PER_LISTENER + PLAYS_PER_ADDRESS]
    # and the others are kept
    plays = await api.world.documents("plays")
    assert sum(not play["is_counted"] for play in plays) == 3
    assert len(await history_of(ada.client)) == 20
    # and who listens is written nowhere for those whom nobody knows
    assert sum(play["listener_id"] is None for play in plays) == PLAYS_PER_ADDRESS + 1
    # and the next day begins anew
    api.world.clock.advance(24 * 3600)
    ada = await api.signed_in_again(ada)
    await listened(api, track, ada.caller.account_id, [30.0])
    assert await counts_of(api, ada.client) == [PLAYS_PER_LISTENER + PLAYS_PER_ADDRESS + 1]


async def test_a_history_pages_newest_first_and_is_ones_own(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    track = await add_track(api.world, ada.caller, "Mine")
    for seconds in (31.0, 32.0, 33.0):
        await listened(api, track, ada.caller.account_id, [seconds])
    await listened(api, track, bob.caller.account_id, [40.0])
    first = (await ada.client.data(HISTORY, first=2))["playHistory"]
    rest = (await ada.client.data(HISTORY, first=2, after=first["pageInfo"]["endCursor"]))["playHistory"]
    heard = [edge["node"]["heardSeconds"] for edge in first["edges"] + rest["edges"]]
    assert heard == [33.0, 32.0, 31.0]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    # a listener sees that they listened, and of a track no more than they may see
    (bobs,) = await history_of(bob.client)
    assert (bobs["heardSeconds"], bobs["track"]) == (40.0, None)
    # and nobody finds the plays of others
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert (await ada.client.data(node, id=bobs["id"])) == {"node": None}
    assert (await bob.client.data(node, id=bobs["id"])) == {"node": {"id": bobs["id"]}}


async def test_a_history_that_is_cleared_leaves_the_counts(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    track = await add_track(api.world, ada.caller)
    await listened(api, track, ada.caller.account_id, [30.0])
    between = api.world.clock.now()
    api.world.clock.advance(60)
    playing = player(api, track, ada.caller.account_id)
    await playing.hears(30.0)
    await count(api.world)
    await listened(api, track, bob.caller.account_id, [30.0])
    cleared = await ada.client.data(CLEAR, input={"before": between.isoformat()})
    assert cleared["clearPlayHistory"] == {"__typename": "ClearPlayHistorySuccess", "clearedCount": 1}
    assert len(await history_of(ada.client)) == 1
    assert (await ada.client.data(CLEAR, input={}))["clearPlayHistory"]["clearedCount"] == 1
    assert await history_of(ada.client) == []
    assert (len(await history_of(bob.client)), await counts_of(api, ada.client)) == (1, [3])
    # and a listen that goes on does not come back
    api.world.clock.advance(30)
    await playing.ends(60.0)
    await count(api.world)
    plays = await api.world.documents("plays")
    assert sorted(play["heard_seconds"] for play in plays) == [30.0, 30.0, 60.0]
    assert {play["listener_id"] for play in plays} == {None, bob.caller.account_id}
    # and who has not signed in has none
    refused = await api.anonymous.data(CLEAR, input={})
    assert refused["clearPlayHistory"]["code"] == "UNAUTHENTICATED"


async def test_what_is_counted_of_a_track_goes_with_it(api: Api) -> None:
    # given a track that somebody known and somebody unknown have heard, beside another one
    ada, bob = await api.person(), await api.person("Bob")
    track, other = await add_track(api.world, ada.caller), await add_track(api.world, ada.caller)
    for heard_one, listener in ((track, bob.caller.account_id), (track, None), (other, bob.caller.account_id)):
        await listened(api, heard_one, listener, [30.0])
    # when it is deleted for good
    trash = api.world.get(TrackTrash)
    await trash.trash(ada.caller, track.id)
    assert len(await api.world.documents("play_counts")) == 2
    await trash.delete_forever(ada.caller, track.id)
    await api.world.get(TrashJanitor).sweep()
    # then its counts are gone, and who listened still sees that they did
    for name, key in (("play_counts", "_id"), ("day_plays", "track_id")):
        assert [document[key] for document in await api.world.documents(name)] == [other.id]
    plays = [(play["track_id"], play["listener_id"]) for play in await api.world.documents("plays")]
    assert sorted(plays) == sorted((one.id, bob.caller.account_id) for one in (track, other))
    assert len(await history_of(bob.client)) == 2


async def test_a_page_of_tracks_asks_for_all_counts_at_once(api: Api, commands: CommandLog) -> None:
    ada = await api.person()
    for number in range(8):
        await listened(api, await add_track(api.world, ada.caller, f"Song {number}"), ada.caller.account_id, [30.0])
    # given a session that was just looked at
    await counts_of(api, ada.client)
    with commands.listening() as sent:
        await ada.client.data(COUNTS)
        await ada.client.data(HISTORY)
    assert sorted(sent) == ["find day_plays", "find play_counts", "find plays", "find tracks", "find tracks"]


async def test_what_redis_has_forgotten_is_not_counted_again(api: Api) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    playing = player(api, track, ada.caller.account_id)
    await playing.hears(60.0)
    assert await api.world.get(PlayIntake).flush()
    # given a worker that wrote all of it and died before it was done, and a Redis that was emptied
    plays = api.world.kit.plays.log
    batch = await plays.take("worker-1", 0.0)
    assert batch is not None
    await plays.append(batch.receipts)
    assert await api.world.get(PlayCounting).step("worker-1")
    forgetful = PlayCounting(
        plays, MemoryListenStates(), PlayStore(), api.world.kit.transactions, PrometheusPlayMeter()
    )
    # when another does the same again
    assert await forgetful.sweep("worker-2", 0.0) == 1
    assert (await plays.backlog()).entries == 0
    assert await counts_of(api, ada.client) == [1]
    # and the listen goes on
    for more in (70.0, 80.0):
        api.world.clock.advance(10)
        await playing.says("complete", more)
    assert await api.world.get(PlayIntake).flush()
    assert await forgetful.step("worker-2")
    assert await counts_of(api, ada.client) == [1]
    assert [play["heardSeconds"] for play in await history_of(ada.client)] == [80.0]
