"""What players of OpenSubsonic ask of a library of 100,000 tracks, through the edge as JSON."""

import itertools
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import orjson

from domain.accounts.services.api_keys import ApiKeyService
from domain.kit.caller import Caller, Scope
from tests.world import World

Ask = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Player:
    """`tracks` is how many there are."""

    http: httpx.AsyncClient
    key: str
    tracks: int
    chance: random.Random

    async def call(self, endpoint: str, **given: Any) -> Any:
        """What stands in the reply."""
        answer = await self.http.get(f"/rest/{endpoint}", params={"apiKey": self.key, "f": "json", **given})
        reply = orjson.loads(answer.content)["subsonic-response"]
        assert reply["status"] == "ok", reply
        return reply

    def somewhere(self) -> int:
        """A place far behind the beginning."""
        return self.chance.randrange(self.tracks // 2, self.tracks * 9 // 10)


async def player(world: World, caller: Caller, http: httpx.AsyncClient, tracks: int, chance: random.Random) -> Player:
    _, key = await world.get(ApiKeyService).create(caller, "player", [Scope.LIBRARY])
    return Player(http, key, tracks, chance)


async def asked(player: Player, word: Callable[[int, int], str]) -> dict[str, Ask]:
    """By name; numbers and words are others each time."""
    found = (await player.call("getArtists"))["artists"]["index"]
    artists = [artist["id"] for letter in found for artist in letter["artist"]]
    return {
        "ping": partial(player.call, "ping"),
        "getRandomSongs, 50": partial(player.call, "getRandomSongs", size=50),
        "getRandomSongs, 50 of a genre": partial(player.call, "getRandomSongs", size=50, genre="jazz"),
        "getRandomSongs, 50 of a year": partial(player.call, "getRandomSongs", size=50, fromYear=2024, toYear=2024),
        "getArtist": lambda: player.call("getArtist", id=player.chance.choice(artists)),
        "getArtists": partial(player.call, "getArtists"),
        "getGenres": partial(player.call, "getGenres"),
        **{f"getAlbumList2 {kind}": partial(first, player, kind) for kind in ORDERED},
        **{f"getAlbumList2 {kind}, anywhere behind": partial(behind, player, kind) for kind in ORDERED},
        "search3 for a word": lambda: player.call("search3", query=word(0, 1_000)),
        "search3 for everything, anywhere behind": lambda: everything(player, player.somewhere(), 50),
        "search3 for everything, 500 songs anywhere behind": lambda: everything(player, player.somewhere(), 500),
        "search3 for everything, one page of 500 after the other": walk(player, 500),
    }


ORDERED = ("newest", "alphabeticalByName", "alphabeticalByArtist")


async def first(player: Player, kind: str) -> object:
    return await player.call("getAlbumList2", type=kind, size=50)


async def behind(player: Player, kind: str) -> object:
    return await player.call("getAlbumList2", type=kind, size=50, offset=player.somewhere())


async def everything(player: Player, skip: int, size: int) -> object:
    return await player.call("search3", query="", artistCount=0, albumCount=0, songCount=size, songOffset=skip)


def walk(player: Player, size: int) -> Ask:
    """As a player goes that takes the whole library along, from its middle to its end and again."""
    places = itertools.cycle(range(player.tracks // 2, player.tracks - size, size))
    return lambda: everything(player, next(places), size)
