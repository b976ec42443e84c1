"""A public client library, py-opensonic, against the running API: every endpoint that it knows and we have."""

from collections.abc import AsyncGenerator

import pytest
from libopensonic import AsyncConnection
from libopensonic.errors import AuthError, DataNotFoundError, ParameterError, SonicError

from domain.accounts.services.api_keys import ApiKeyService
from domain.kit.caller import Scope
from domain.library.lyric_wish import LyricsWish
from domain.library.services.edit import TrackEditing
from domain.plays.services.history import PlayHistory
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.plays.listeners import count
from tests.subsonic.players import song


@pytest.fixture
async def ada(reachable: Api) -> Person:
    return await reachable.person("Ada")


@pytest.fixture(params=["post", "get"])
async def client(request: pytest.FixtureRequest, reachable: Api, ada: Person) -> AsyncGenerator[AsyncConnection, None]:
    _, key = await reachable.world.get(ApiKeyService).create(ada.caller, "py-opensonic", [Scope.LIBRARY])
    found = connected(reachable, key, use_get=request.param == "get")
    yield found
    await found.cleanup()


def connected(api: Api, key: str, *, use_get: bool = False) -> AsyncConnection:
    base, _, port = api.base_url.rpartition(":")
    return AsyncConnection(base, port=int(port), api_key=key, use_get=use_get, app_name="cadenza tests")


async def test_it_knows_whom_it_talks_to(client: AsyncConnection) -> None:
    assert await client.ping()
    assert (await client.get_license())["license"] == {"valid": True}
    extensions = {each.name: each.versions for each in await client.get_open_subsonic_extensions()}
    assert extensions == {"apiKeyAuthentication": [1], "formPost": [1], "songLyrics": [1]}
    assert (await client.token_info()).username == "Ada"
    user = await client.get_user("Ada")
    assert (user.username, user.stream_role, user.admin_role) == ("Ada", True, False)
    assert not (await client.get_scan_status()).scanning
    assert await client.get_now_playing() == []


async def test_it_browses_and_searches(reachable: Api, ada: Person, client: AsyncConnection) -> None:
    rain = await add_track(reachable.world, ada.caller, "Rain in May")
    snow = await add_track(reachable.world, ada.caller, "Snow")
    # artists, albums, songs
    (index,) = (await client.get_artists()).index or []
    (artist,) = index.artist or []
    assert (index.name, artist.name, artist.album_count) == ("A", "Ada", 2)
    albums = (await client.get_artist(artist.id)).album or []
    assert [(album.name, album.song_count, album.duration) for album in albums] == [
        ("Snow", 1, 6),
        ("Rain in May", 1, 6),
    ]
    (found,) = (await client.get_album(albums[1].id)).song or []
    assert (found.id, found.title, found.artist, found.bpm) == (f"tr-{rain.id}", "Rain in May", "Ada", 120)
    assert (await client.get_song(found.id)).title == "Rain in May"
    assert [each.name for each in (await client.get_indexes()).index or []] == ["A"]
    assert [each.title for each in (await client.get_music_directory(albums[0].id)).child or []] == ["Snow"]
    # lists
    assert [each.name for each in await client.get_album_list2("newest")] == ["Snow", "Rain in May"]
    assert [each.name for each in await client.get_album_list2("alphabeticalByName", size=1, offset=1)] == ["Snow"]
    assert {each.title for each in await client.get_random_songs(size=5)} == {"Snow", "Rain in May"}
    (genre,) = await client.get_genres()
    assert (genre.value, genre.song_count, genre.album_count) == ("ambient", 2, 2)
    assert [each.title for each in await client.get_songs_by_genre("Ambient")] == ["Snow", "Rain in May"]
    # search
    result = await client.search3("ma ra")
    assert [each.title for each in result.song or []] == ["Rain in May"]
    everything = await client.search3("", artist_count=5, album_count=5, song_count=1, song_offset=1)
    assert [each.title for each in everything.song or []] == ["Snow"]
    assert [each.name for each in everything.artist or []] == ["Ada"]
    assert snow.id != rain.id


async def test_it_fetches_sound_pictures_and_words(reachable: Api, ada: Person, client: AsyncConnection) -> None:
    track = await song(reachable, ada)
    await reachable.world.get(TrackEditing).set_lyrics(
        ada.caller, track.id, track.revision, LyricsWish(lrc="[00:01.00]Rain\n[00:02.50]again", language="en")
    )
    # the MP3, by a redirect, whole and in part
    mp3 = await client.stream(f"tr-{track.id}")
    assert (mp3.status, mp3.content_type) == (200, "audio/mpeg")
    assert (await mp3.read())[:3] == b"ID3"
    flac = await client.stream(f"tr-{track.id}", tformat="flac")
    assert (await flac.read())[:4] == b"fLaC"
    assert (await (await client.download(f"tr-{track.id}")).read())[:3] == b"ID3"
    cover = await client.get_cover_art(f"al-{track.id}", size=64)
    assert (cover.content_type, (await cover.read())[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    (words,) = await client.get_lyrics_by_song_id(f"tr-{track.id}")
    assert (words.lang, words.synced, words.display_title) == ("en", True, "Evening")
    assert [(line.start, line.value) for line in words.line] == [(1000, "Rain"), (2500, "again")]
    plain = await client.get_lyrics("ada", "EVENING")
    assert (plain.artist, plain.title, plain.value) == ("Ada", "Evening", "Rain\nagain")


async def test_it_stars(reachable: Api, ada: Person, client: AsyncConnection) -> None:
    rain = await add_track(reachable.world, ada.caller, "Rain")
    snow = await add_track(reachable.world, ada.caller, "Snow")
    assert await client.star(sids=[f"tr-{rain.id}"], album_ids=[f"al-{snow.id}"])
    starred = await client.get_starred2()
    assert [each.title for each in starred.song or []] == ["Snow", "Rain"]
    assert (await client.get_song(f"tr-{rain.id}")).starred is not None
    assert [each.name for each in await client.get_album_list2("starred")] == ["Snow", "Rain"]
    assert await client.unstar(sids=[f"tr-{rain.id}"])
    assert [each.title for each in (await client.get_starred2()).song or []] == ["Snow"]
    assert (await client.get_song(f"tr-{rain.id}")).starred is None


async def test_it_keeps_playlists(reachable: Api, ada: Person, client: AsyncConnection) -> None:
    rain, snow, wind = [
        f"tr-{(await add_track(reachable.world, ada.caller, each)).id}" for each in ("Rain", "Snow", "Wind")
    ]
    assert await client.create_playlist(name="Evening", song_ids=[rain, snow])
    (made,) = await client.get_playlists()
    assert (made.name, made.song_count, made.duration, made.owner, made.public) == ("Evening", 2, 12, "Ada", False)
    assert await client.update_playlist(
        made.id, name="Night", comment="for later", song_ids_to_add=[wind], song_indices_to_remove=[0]
    )
    found = await client.get_playlist(made.id)
    assert (found.name, found.comment) == ("Night", "for later")
    assert [each.title for each in found.entry or []] == ["Snow", "Wind"]
    assert await client.create_playlist(playlist_id=made.id, song_ids=[rain, rain])
    assert [each.title for each in (await client.get_playlist(made.id)).entry or []] == ["Rain", "Rain"]
    (listed,) = await client.get_playlists()
    assert (listed.id, listed.song_count, listed.duration) == (made.id, 2, 12)
    assert await client.delete_playlist(made.id)
    assert await client.get_playlists() == []


async def test_it_says_what_was_heard(reachable: Api, ada: Person, client: AsyncConnection) -> None:
    track = await add_track(reachable.world, ada.caller, "Rain")
    assert await client.scrobble(f"tr-{track.id}", submission=False)
    reachable.world.clock.advance(6)
    assert await client.scrobble(f"tr-{track.id}", submission=True)
    await count(reachable.world)
    assert await reachable.world.get(PlayHistory).counts([track.id]) == {track.id: 1}
    assert [each.name for each in await client.get_album_list2("recent")] == ["Rain"]
    assert [each.play_count for each in await client.get_album_list2("frequent")] == [1]


async def test_it_understands_what_went_wrong(client: AsyncConnection) -> None:
    with pytest.raises(DataNotFoundError, match="no song"):
        await client.get_song("nothing")
    with pytest.raises(ParameterError, match="'id' is missing"):
        await client.get_song("")
    with pytest.raises(AuthError, match="yourself only"):
        await client.get_user("Bob")
    with pytest.raises(SonicError, match="no endpoint 'getPodcasts'"):
        await client.get_podcasts()
