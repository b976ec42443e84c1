"""Somebody else's key, through every endpoint and parameter that takes an id: nothing is told, nothing changes."""

import json

import pytest

from domain.library.lyric_wish import LyricsWish
from domain.library.services.edit import TrackEditing
from domain.likes.service import LikeService
from graphql_api.subsonic.endpoints import ENDPOINTS
from tests.graphql.harness import Api
from tests.subsonic.players import Player, player, song

SECRET = "Ada's secret song"
# Parameters that hold ids, and what else a call needs to come as far as them.
IDS = ("id", "albumId", "artistId", "playlistId", "songId", "songIdToAdd")
BESIDE = {"name": "Mine", "type": "newest", "genre": "", "username": "Bob", "query": "secret", "title": SECRET}


@pytest.fixture
async def people(api: Api) -> tuple[Player, Player, list[str]]:
    """Ada, Bob, and the ids of all that is Ada's: a song with words, which she likes and keeps in a playlist."""
    ada, bob = await player(api, await api.person("Ada")), await player(api, await api.person("Bob"))
    track = await song(api, ada.person, SECRET)
    await api.world.get(TrackEditing).set_lyrics(ada.person.caller, track.id, track.revision, LyricsWish("Ada sings"))
    await api.world.get(LikeService).like(ada.person.caller, track.id)
    made = await ada.ok("createPlaylist", name=SECRET, songId=f"tr-{track.id}")
    artist = (await ada.ok("getSong", id=f"tr-{track.id}"))["song"]["artistId"]
    return ada, bob, [f"tr-{track.id}", f"al-{track.id}", artist, made["playlist"]["id"]]


async def test_a_strangers_key_sees_and_changes_nothing(api: Api, people: tuple[Player, Player, list[str]]) -> None:
    ada, bob, ids = people
    for person in (ada, bob):
        await person.ok("ping")
    owner = ada.person.caller.require()

    async def belongings() -> str:
        told = [json.dumps(each, default=str) for records in (await api.contents()).values() for each in records]
        return "\n".join(each for each in told if owner in each)

    before = await belongings()
    for endpoint in ENDPOINTS:
        for name in IDS:
            for each in ids:
                answer = await bob.get(endpoint, **{**BESIDE, name: each})
                where = f"{endpoint} {name}={each}"
                assert answer.status_code == 200, where
                told = answer.text.replace(each, "?")
                assert SECRET not in told, where
                assert "Ada sings" not in told, where
                assert owner not in told, where
    assert await belongings() == before
    # while she herself is told all of it
    assert SECRET in (await ada.get("getSong", id=ids[0])).text
    assert SECRET in (await ada.get("getPlaylist", id=ids[3])).text


async def test_what_is_no_id_is_not_there_and_nothing_breaks(api: Api) -> None:
    ada = await player(api, await api.person())
    await ada.ok("ping")
    odd = ["", "0", "-1", "tr-", "ar-", "al-" + "0" * 26, "pl-ÄÖ", "ar-%00", "ar-////", "ar-AAAA", "{}"]
    odd += ["a" * 1_000, "\x00"]
    values = [*odd, "true", "9" * 40, "1e5", "²", "newest", "2026-01-01"]
    names = [*IDS, "size", "count", "offset", "songOffset", "type", "query", "genre", "fromYear", "time", "submission"]
    names += ["public", "songIndexToRemove", "username", "f", "format", "maxBitRate", "title", "artist", "comment"]
    for endpoint in ENDPOINTS:
        for number, value in enumerate(values):
            given = {name: value for place, name in enumerate(names) if (place + number) % 3 != 0}
            answer = await ada.get(endpoint, **given)
            assert answer.status_code in (200, 302), (endpoint, value, answer.text)
