"""Sound and pictures: where players are sent, and what of it is theirs."""

import io
from urllib.parse import urlsplit

from PIL import Image

from domain.library.model import Visibility
from domain.library.services.trash import TrackTrash
from tests.graphql.harness import Api
from tests.library.sharers import artist, share
from tests.subsonic.players import player, song


async def test_a_song_is_fetched_in_ranges_and_is_named_by_its_format(api: Api) -> None:
    ada = await player(api, await api.person())
    track = await song(api, ada.person)
    path = urlsplit(await ada.leads_to("stream", id=f"tr-{track.id}", maxBitRate=128, timeOffset=10)).path
    whole = await api.http.get(path)
    part = await api.http.get(path, headers={"Range": "bytes=100-199"})
    assert (whole.status_code, whole.headers["content-type"], whole.content[:3]) == (200, "audio/mpeg", b"ID3")
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    for kind in ("raw", "mp3", "ogg"):
        fetched = await api.http.get(urlsplit(await ada.leads_to("stream", id=f"tr-{track.id}", format=kind)).path)
        assert fetched.content == whole.content, kind
    master = await api.http.get(urlsplit(await ada.leads_to("stream", id=f"al-{track.id}", format="FLAC")).path)
    assert (master.headers["content-type"], master.content[:4]) == ("audio/flac", b"fLaC")
    head = await api.http.head("/rest/stream", params={"apiKey": ada.key, "id": f"tr-{track.id}"})
    assert head.status_code == 302
    playlist = await api.http.get(urlsplit(await ada.leads_to("hls.m3u8", id=f"tr-{track.id}")).path)
    assert playlist.text.startswith("#EXTM3U")


async def test_who_may_listen_and_not_have_it_is_sent_to_the_playlist(api: Api) -> None:
    # given a song that its owner lets others hear
    ada, bob = await artist(api), await player(api, await api.person("Bob"))
    track = await share(api, ada, (await song(api, ada)).id)
    given = {"id": f"tr-{track.id}"}
    # then it plays, and is no file
    address = await bob.leads_to("stream", **given)
    assert urlsplit(address).path.startswith("/hls/")
    assert (await api.http.get(urlsplit(address).path)).status_code == 200
    assert await bob.code("download", **given) == 70
    # until its owner says otherwise, either way
    await share(api, ada, track.id, downloads=True)
    assert urlsplit(await bob.leads_to("stream", **given)).path.startswith("/download/")
    assert urlsplit(await bob.leads_to("download", **given)).path.startswith("/download/")
    await share(api, ada, track.id, Visibility.PRIVATE)
    for endpoint in ("stream", "download", "hls", "getCoverArt", "getSong"):
        assert await bob.code(endpoint, **given) == 70, endpoint


async def test_a_cover_comes_in_the_size_that_is_asked_for(api: Api) -> None:
    ada = await player(api, await api.person())
    track = await song(api, ada.person)
    made = await ada.ok("createPlaylist", name="Evening", songId=f"tr-{track.id}")
    of_artist = (await ada.ok("getSong", id=f"tr-{track.id}"))["song"]["artistId"]
    for given in (f"tr-{track.id}", f"al-{track.id}", of_artist, made["playlist"]["coverArt"]):
        assert (await ada.leads_to("getCoverArt", id=given)).endswith(".jpg")
        for asked, side in ((100, 100), (1, 16), (1023, 1023)):
            answer = await ada.get("getCoverArt", id=given, size=asked)
            with Image.open(io.BytesIO(answer.content)) as image:
                assert (answer.status_code, image.format, image.size) == (200, "JPEG", (side, side))
    assert (await ada.get("getCoverArt", id=f"al-{track.id}", size=4000)).status_code == 302
    empty = await ada.ok("createPlaylist", name="Empty")
    assert "coverArt" not in empty["playlist"]
    assert await ada.code("getCoverArt", id=empty["playlist"]["id"]) == 70


async def test_what_is_in_the_trash_is_gone(api: Api) -> None:
    ada = await player(api, await api.person())
    track = await song(api, ada.person)
    await api.world.get(TrackTrash).trash(ada.person.caller, track.id)
    for endpoint in (
        "stream",
        "download",
        "hls",
        "getCoverArt",
        "getSong",
        "getAlbum",
        "getLyricsBySongId",
        "scrobble",
    ):
        assert await ada.code(endpoint, id=f"tr-{track.id}") == 70, endpoint
