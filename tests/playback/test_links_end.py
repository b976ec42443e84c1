"""What was given out by a link ends with the link, through the public API."""

from typing import Any

from strawberry.relay.utils import to_base64

from domain.library.model import Track, Visibility
from domain.library.service import LibraryService
from tests.graphql.harness import Api, Person
from tests.library.sharers import artist, secret_of, share

PLAYBACK = """query($id: ID!, $secret: String) { playback(trackId: $id, secret: $secret) {
  hlsUrl downloads { kind url }
} }"""
RENEW = """mutation($input: RenewShareLinkInput!) { renewShareLink(input: $input) {
  ... on RenewShareLinkSuccess { track { revision shareSecret } } ... on Problem { code message }
} }"""


async def a_song(api: Api, person: Person) -> Track:
    await api.world.ask(person.caller, title="Rain", seed=7)
    await api.world.work_off()
    raw = (await api.world.documents("tracks"))[-1]
    return await api.world.get(LibraryService).track(person.caller, raw["_id"])


async def given(api: Api, track: Track, secret: str | None = None, person: Person | None = None) -> list[str]:
    """Where a listener gets the master playlist, a variant's, a segment and the song itself."""
    client = api.anonymous if person is None else person.client
    found: dict[str, Any] = await client.data(PLAYBACK, id=to_base64("Track", track.id), secret=secret)
    playing = found["playback"]
    (song,) = (each["url"] for each in playing["downloads"] if each["kind"] == "MASTER")
    master = playing["hlsUrl"]
    urls = [master, *(master.replace("master.m3u8", part) for part in ("96k/audio.m3u8", "96k/init.mp4")), song]
    return [url.removeprefix("http://127.0.0.1:8000") for url in urls]


async def statuses(api: Api, paths: list[str]) -> list[int]:
    return [(await api.http.get(path)).status_code for path in paths]


WORKS, ENDED = [200, 200, 307, 200], [404] * 4


async def renewed(person: Person, track: Track) -> str:
    wish = {"trackId": to_base64("Track", track.id), "expectedRevision": track.revision}
    secret: str = (await person.client.data(RENEW, input=wish))["renewShareLink"]["track"]["shareSecret"]
    return secret


async def test_a_renewed_link_ends_what_was_given_out_by_the_one_before(api: Api) -> None:
    # given what a listener has by a link, and what the owner has
    ada = await artist(api)
    track = await share(api, ada, (await a_song(api, ada)).id, Visibility.UNLISTED, downloads=True)
    before, own = await given(api, track, await secret_of(api, track)), await given(api, track, person=ada)
    assert [await statuses(api, paths) for paths in (before, own)] == [WORKS, WORKS]
    # when the link is renewed
    secret = await renewed(ada, track)
    # then nothing of it works any more but for the owner, and by the new link all does
    assert [await statuses(api, paths) for paths in (before, own)] == [ENDED, WORKS]
    after = await given(api, track, secret)
    assert await statuses(api, after) == WORKS
    # and publishing, which keeps the link, keeps what it gave and revives nothing
    await share(api, ada, track.id, downloads=True)
    assert [await statuses(api, paths) for paths in (before, after)] == [ENDED, WORKS]


async def test_a_link_that_was_revoked_and_made_anew_revives_nothing(api: Api) -> None:
    ada = await artist(api)
    track = await share(api, ada, (await a_song(api, ada)).id, Visibility.UNLISTED, downloads=True)
    before = await given(api, track, await secret_of(api, track))
    for visibility in (Visibility.PRIVATE, Visibility.UNLISTED):
        await share(api, ada, track.id, visibility)
        assert await statuses(api, before) == ENDED


async def test_who_came_because_a_track_was_public_goes_on_while_it_is(api: Api) -> None:
    # given a public track that also has a link
    ada = await artist(api)
    track = await share(api, ada, (await a_song(api, ada)).id, Visibility.UNLISTED, downloads=True)
    secret = await secret_of(api, track)
    track = await share(api, ada, track.id, downloads=True)
    public, linked = await given(api, track), await given(api, track, secret)
    # when its link is renewed, then only what came by the link ends
    await renewed(ada, track)
    assert [await statuses(api, paths) for paths in (public, linked)] == [WORKS, ENDED]
    # and when it is unlisted, also the rest
    await share(api, ada, track.id, Visibility.UNLISTED, downloads=True)
    assert await statuses(api, public) == ENDED
    await share(api, ada, track.id, downloads=True)
    assert await statuses(api, public) == WORKS
