"""Players for tests: they report to the address that playback gave them, while the clock of the test is turned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from domain.kit.ids import new_id
from domain.library.model import Track
from domain.plays.model import Receipt, Report, Ticket
from domain.plays.services.count import PlayCounting
from domain.plays.services.intake import PlayIntake
from domain.plays.services.tickets import Played, PlayTickets
from tests.graphql.harness import Api
from tests.world import World

BEAT_SECONDS = 10.0


@dataclass
class Player:
    """One listen. `path` is where it reports."""

    world: World
    http: httpx.AsyncClient
    path: str
    sequence: int = 0

    async def post(self, *reports: Mapping[str, Any]) -> httpx.Response:
        return await self.http.post(self.path, json=list(reports))

    async def says(self, event: str, position: float) -> None:
        response = await self.post({"event": event, "sequence": self.sequence, "positionSeconds": position})
        assert (response.status_code, response.text) == (204, "")
        self.sequence += 1

    async def hears(self, seconds: float) -> None:
        """From the start, with a heartbeat every ten seconds, as time goes by."""
        await self.says("start", 0.0)
        position = 0.0
        while position < seconds:
            step = min(BEAT_SECONDS, seconds - position)
            self.world.clock.advance(step)
            position += step
            await self.says("heartbeat", position)

    async def ends(self, position: float) -> None:
        await self.says("complete", position)


def player(api: Api, track: Track, listener_id: str | None, seconds: float | None = 180.0) -> Player:
    """A new listen of a track that lasts so long; by nobody that is known, without a listener."""
    played = Played(track.id, track.owner_id, track.current_version_id, seconds)
    url = api.world.get(PlayTickets).report_url(listener_id, played)
    return Player(api.world, api.http, urlsplit(url).path)


async def count(world: World) -> None:
    """What the API gathers is written, and what is written is counted."""
    assert await world.get(PlayIntake).flush()
    while await world.get(PlayCounting).step("worker-1"):
        pass


async def listened(api: Api, track: Track, listener_id: str | None, seconds: Sequence[float]) -> None:
    """One listen after the other, counted."""
    for each in seconds:
        await player(api, track, listener_id).hears(each)
    await count(api.world)


async def heard(world: World, track_id: str, owner_id: str, listener_id: str, seconds: float = 40.0) -> None:
    """A play that ended just now, without a player."""
    now_ms = world.get(PlayIntake).now_ms()
    ticket = Ticket(new_id(), track_id, owner_id, None, listener_id)
    reports = [
        Report(number, round(at * 1000), now_ms - round((seconds - at) * 1000), at == seconds)
        for number, at in enumerate((0.0, seconds))
    ]
    assert await world.kit.plays.log.append([Receipt(ticket, "", tuple(reports))])
    await count(world)
