"""Plays of players that only say that they begin and that they have ended: our clock decides what they count."""

from dataclasses import replace
from typing import cast

from adapters.memory.open_listens import MemoryOpenListens
from domain.library.model import Track
from domain.plays.services.history import PlayHistory
from tests.graphql.harness import Api
from tests.library.factories import a_track, put_track
from tests.plays.listeners import count
from tests.subsonic.players import Player, player, song

LENGTH = 200.0


async def long_song(api: Api, owner: Player) -> Track:
    track = a_track(api.world, owner.person.caller, "Rain")
    return await put_track(api.world, replace(track, current=replace(track.current, duration_seconds=LENGTH)))


async def plays(api: Api, track: Track) -> int:
    await count(api.world)
    return (await api.world.get(PlayHistory).counts([track.id])).get(track.id, 0)


async def heard_seconds(api: Api) -> list[float]:
    await count(api.world)
    return [play["heard_seconds"] for play in await api.world.documents("plays")]


async def test_what_begins_and_is_submitted_counts_the_time_between(api: Api) -> None:
    ada = await player(api, await api.person())
    track = await long_song(api, ada)
    await ada.ok("scrobble", id=f"tr-{track.id}", submission="false")
    api.world.clock.advance(120)
    await ada.ok("scrobble", id=f"tr-{track.id}")
    assert await plays(api, track) == 1
    (seconds,) = await heard_seconds(api)
    assert 120 <= seconds <= 123
    # and once only
    await ada.ok("scrobble", id=f"tr-{track.id}")
    api.world.clock.advance(120)
    await ada.ok("scrobble", id=f"tr-{track.id}")
    assert await plays(api, track) == 1


async def test_nobody_hears_faster_than_time_goes_by_nor_more_than_there_is(api: Api) -> None:
    ada = await player(api, await api.person())
    track = await long_song(api, ada)
    # given a player that submits at once, whatever time it says
    await ada.ok("scrobble", id=f"tr-{track.id}", submission="false")
    api.world.clock.advance(20)
    await ada.ok("scrobble", id=f"tr-{track.id}", time=1)
    assert await plays(api, track) == 0
    # and one that was paused for hours
    await ada.ok("scrobble", id=f"tr-{track.id}", submission="false")
    api.world.clock.advance(3 * 3600)
    await ada.ok("scrobble", id=f"tr-{track.id}")
    assert await plays(api, track) == 1
    assert await heard_seconds(api) == [LENGTH]


async def test_what_never_began_here_counts_nothing(api: Api) -> None:
    ada = await player(api, await api.person())
    track = await long_song(api, ada)
    for _ in range(3):
        await ada.ok("scrobble", id=f"tr-{track.id}", time=1_700_000_000_000)
        api.world.clock.advance(120)
    assert await plays(api, track) == 0
    assert await api.world.documents("plays") == []


async def test_fetching_begins_a_listen_and_seeking_does_not_begin_it_anew(api: Api) -> None:
    ada = await player(api, await api.person())
    track = await song(api, ada.person)
    await ada.leads_to("stream", id=f"tr-{track.id}")
    api.world.clock.advance(4)
    await ada.leads_to("stream", id=f"tr-{track.id}")
    await ada.ok("scrobble", id=f"tr-{track.id}")
    assert await plays(api, track) == 1


async def test_who_does_not_submit_has_heard_nothing(api: Api) -> None:
    ada = await player(api, await api.person())
    track = await song(api, ada.person)
    for _ in range(2):
        await ada.leads_to("stream", id=f"tr-{track.id}")
        api.world.clock.advance(600)
    assert await plays(api, track) == 0


async def test_without_redis_a_song_plays_and_is_not_counted(api: Api) -> None:
    ada = await player(api, await api.person())
    track = await song(api, ada.person)
    cast(MemoryOpenListens, api.world.kit.plays.open).is_down = True
    await ada.leads_to("stream", id=f"tr-{track.id}")
    answer = await ada.get("scrobble", id=f"tr-{track.id}")
    assert (answer.status_code, answer.json()["subsonic-response"]["status"]) == (503, "failed")


async def test_several_are_submitted_at_once_or_none(api: Api) -> None:
    ada = await player(api, await api.person())
    tracks = [await long_song(api, ada) for _ in range(2)]
    given = [f"tr-{track.id}" for track in tracks]
    await ada.ok("scrobble", id=given, submission="false")
    api.world.clock.advance(60)
    assert await ada.code("scrobble", id=[*given, "tr-nothing"]) == 70
    assert [await plays(api, track) for track in tracks] == [0, 0]
    await ada.ok("scrobble", id=given)
    assert [await plays(api, track) for track in tracks] == [1, 1]
    assert await ada.code("scrobble", id=given[:1] * 51) == 0
