"""Playlists through players: what fails changes nothing, and what is another's stays so."""

from domain.library.services.trash import TrackTrash
from domain.playlists.services.collaborate import PlaylistCollaboration
from domain.playlists.services.manage import PlaylistService
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api
from tests.library.factories import add_track
from tests.library.sharers import artist, share
from tests.playlists.lists import local
from tests.playlists.rules import a_smart_playlist, rule
from tests.subsonic.players import Player, player, titles


async def songs(api: Api, owner: Player, *names: str) -> list[str]:
    return [f"tr-{(await add_track(api.world, owner.person.caller, name)).id}" for name in names]


async def made_by(owner: Player, *given: str) -> str:
    """The id of a new playlist."""
    found: str = (await owner.ok("createPlaylist", name="Evening", songId=list(given)))["playlist"]["id"]
    return found


async def inside(reader: Player, playlist: str) -> list[str]:
    return titles((await reader.ok("getPlaylist", id=playlist))["playlist"]["entry"])


async def test_what_fails_changes_nothing(api: Api) -> None:
    ada = await player(api, await api.person())
    rain, snow = await songs(api, ada, "Rain", "Snow")
    playlist = await made_by(ada, rain, snow)
    before = await api.contents()
    gone = "tr-01J00000000000000000000000"
    assert await ada.code("createPlaylist", name="Night", songId=[rain, gone]) == 70
    assert await ada.code("createPlaylist", songId=rain) == 10
    assert await ada.code("createPlaylist", name="\x00") == 0
    assert await ada.code("createPlaylist", playlistId=playlist, songId=[rain, gone]) == 70
    assert await ada.code("updatePlaylist", playlistId=playlist, songIdToAdd=gone, songIndexToRemove=0) == 70
    assert await ada.code("updatePlaylist", playlistId=playlist, songIdToAdd=rain, songIndexToRemove=2) == 70
    assert await ada.code("updatePlaylist", playlistId=playlist, songIndexToRemove="first") == 0
    assert await ada.code("updatePlaylist", playlistId=playlist, public="perhaps", songIdToAdd=rain) == 0
    assert await ada.code("deletePlaylist", id="pl-01J00000000000000000000000") == 70
    # a key publishes nothing, even that of an artist
    assert await ada.code("updatePlaylist", playlistId=playlist, public="true", songIdToAdd=rain) == 50
    assert await api.contents() == before


async def test_songs_are_removed_by_the_places_that_they_have(api: Api) -> None:
    ada = await player(api, await api.person())
    rain, snow, wind = await songs(api, ada, "Rain", "Snow", "Wind")
    playlist = await made_by(ada, rain, snow, rain, wind)
    await ada.ok("updatePlaylist", playlistId=playlist, songIndexToRemove=[0, 2], songIdToAdd=[snow])
    assert await inside(ada, playlist) == ["Snow", "Wind", "Snow"]
    # and what is hidden has no place
    await api.world.get(TrackTrash).trash(ada.person.caller, snow.removeprefix("tr-"))
    assert await inside(ada, playlist) == ["Wind"]
    await ada.ok("updatePlaylist", playlistId=playlist, songIndexToRemove=0)
    assert await inside(ada, playlist) == []
    await api.world.get(TrackTrash).restore(ada.person.caller, snow.removeprefix("tr-"))
    assert await inside(ada, playlist) == ["Snow", "Snow"]


async def test_more_than_a_hundred_songs_are_taken_at_once(api: Api) -> None:
    ada = await player(api, await api.person())
    rain, snow = await songs(api, ada, "Rain", "Snow")
    playlist = await made_by(ada, *([rain] * 120))
    found = (await ada.ok("getPlaylist", id=playlist))["playlist"]
    assert (found["songCount"], found["duration"]) == (120, 720)
    assert (await ada.ok("getPlaylists"))["playlists"]["playlist"][0]["duration"] == 720
    await ada.ok("createPlaylist", playlistId=playlist, name="Night", songId=snow)
    assert await inside(ada, playlist) == ["Snow"]
    assert (await ada.ok("getPlaylist", id=playlist))["playlist"]["name"] == "Night"


async def test_who_edits_with_others_sees_the_playlist_and_owns_it_not(api: Api) -> None:
    # given Bob, who was invited to a playlist of Ada's, and a public song of hers
    ada, bob = await player(api, await artist(api)), await player(api, await api.person("Bob"))
    rain, snow = await songs(api, ada, "Rain", "Snow")
    await share(api, ada.person, rain.removeprefix("tr-"))
    playlist = await made_by(ada, snow, rain)
    own_id, together = playlist.removeprefix("pl-"), api.world.get(PlaylistCollaboration)
    made = await together.set_invitation(ada.person.caller, own_id, 1, is_wanted=True)
    secret = await api.world.get(PlaylistService).secret_of(made.playlist, "invitation")
    await together.join(bob.person.caller, secret or "")
    # then he sees whose it is, and what of it he may hear
    (listed,) = (await bob.ok("getPlaylists"))["playlists"]["playlist"]
    assert (listed["owner"], listed["readonly"]) == ("Ada", False)
    assert await inside(bob, playlist) == ["Rain"]
    # and adds to it, but may not rename or delete it
    await bob.ok("updatePlaylist", playlistId=playlist, songIdToAdd=rain)
    assert await inside(ada, playlist) == ["Snow", "Rain", "Rain"]
    assert await bob.code("updatePlaylist", playlistId=playlist, name="Mine") == 50
    assert await bob.code("deletePlaylist", id=playlist) == 70
    assert await bob.code("getPlaylists", username="Ada") == 50
    assert await inside(ada, playlist) == ["Snow", "Rain", "Rain"]


async def test_all_playlists_cost_as_many_queries_as_a_few(api: Api, commands: CommandLog) -> None:
    ada = await player(api, await api.person())
    (rain,) = await songs(api, ada, "Rain")

    async def cost() -> list[str]:
        with commands.listening() as ran:
            await ada.ok("getPlaylists")
        return ran

    for _ in range(2):
        await made_by(ada, rain)
    few = await cost()
    for _ in range(5):
        await made_by(ada, rain, rain)
    assert await cost() == few == ["find playlists", "find accounts", "aggregate playlist_entries", "find tracks"]


async def test_a_smart_playlist_plays_and_takes_nothing(api: Api) -> None:
    # given a smart playlist of two songs
    person = await api.person()
    ada = await player(api, person)
    rain, snow, _ = await songs(api, ada, "Rain", "Rain and Snow", "Wind")
    smart = await a_smart_playlist(person, rule({"title": {"hasWords": "rain"}}), sort="TITLE_ASC")
    playlist = f"pl-{local(smart)}"
    # then it is listed with its length, and its songs play in its order
    (listed,) = (await ada.ok("getPlaylists"))["playlists"]["playlist"]
    assert (listed["id"], listed["songCount"], listed["duration"]) == (playlist, 2, 12)
    assert (listed["readonly"], listed["coverArt"]) == (True, playlist)
    assert await inside(ada, playlist) == ["Rain", "Rain and Snow"]
    assert (await ada.ok("getPlaylist", id=playlist))["playlist"]["songCount"] == 2
    # and what would put songs into it, or open it, changes nothing
    before = await api.contents()
    assert await ada.code("updatePlaylist", playlistId=playlist, name="Other", songIdToAdd=snow) == 0
    assert await ada.code("updatePlaylist", playlistId=playlist, name="Other", songIndexToRemove=0) == 0
    assert await ada.code("createPlaylist", playlistId=playlist, name="Other", songId=[rain]) == 0
    after = await api.contents()
    assert after["playlists"] == before["playlists"]
    assert after["playlist_entries"] == before["playlist_entries"]
    # its name is its owner's to change
    await ada.ok("updatePlaylist", playlistId=playlist, name="Wet")
    assert (await ada.ok("getPlaylist", id=playlist))["playlist"]["name"] == "Wet"
    await ada.ok("deletePlaylist", id=playlist)
    assert (await ada.ok("getPlaylists"))["playlists"]["playlist"] == []
