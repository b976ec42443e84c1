"""What listeners fetch of other people's tracks: for how long, and what the files keep to themselves."""

from typing import Any

from strawberry.relay.utils import to_base64

from domain.accounts.model import Role
from domain.kit.caller import UNKNOWN_CLIENT
from domain.library.model import Track, Visibility
from domain.library.services.moderate import TrackModeration
from domain.library.services.trash import TrackTrash
from tests.graphql.harness import Api
from tests.library.sharers import artist, secret_of, share, with_role
from tests.playback.test_downloads_http import fields, get, links, song

BY_LINK = """query($id: ID!, $secret: String!) {
  playback(trackId: $id, secret: $secret) { downloads { kind url } }
}"""


async def statuses(api: Api, addresses: dict[tuple[str, str | None], str]) -> set[int]:
    return {(await get(api, addresses[kind, None])).status_code for kind in ("MASTER", "DOWNLOAD")}


async def test_an_address_that_was_given_to_a_listener_ends_with_the_permission(api: Api) -> None:
    # given a public song that may be downloaded, and the addresses of its owner and of somebody else
    ada, bob, moderator = await artist(api), await api.person("Bob"), await with_role(api, "Mo", Role.MODERATOR)
    track = await song(api, ada)
    await share(api, ada, track.id, downloads=True)
    own, given = await links(ada, track), await links(bob, track)
    assert await statuses(api, given) == {200}
    # when it may not be downloaded any more, then that ends at once, but not for its owner
    await share(api, ada, track.id, downloads=False)
    assert (await statuses(api, given), await statuses(api, own)) == ({404}, {200})
    await share(api, ada, track.id, downloads=True)
    assert await statuses(api, given) == {200}
    # and so it does when it is private
    await share(api, ada, track.id, Visibility.PRIVATE, downloads=True)
    assert (await statuses(api, given), await statuses(api, own)) == ({404}, {200})
    # and when a moderator takes it down
    await share(api, ada, track.id, downloads=True)
    moderation = api.world.get(TrackModeration)
    await moderation.take_down(moderator.caller, UNKNOWN_CLIENT, track.id, "Not yours.")
    assert (await statuses(api, given), await statuses(api, own)) == ({404}, {200})
    await moderation.reinstate(moderator.caller, UNKNOWN_CLIENT, track.id)
    assert await statuses(api, given) == {200}
    # and for both when it goes into the trash
    await api.world.get(TrackTrash).trash(ada.caller, track.id)
    assert (await statuses(api, given), await statuses(api, own)) == ({404}, {404})


async def test_a_listeners_file_does_not_tell_how_it_was_made(api: Api) -> None:
    # given a song whose owner's files say with which model and seed it was made
    ada, bob = await artist(api), await api.person("Bob")
    track = await song(api, ada)
    (generation,) = await api.world.documents("generations")
    prompt = prompt_of(generation)
    await share(api, ada, track.id, downloads=True)
    own, given = await links(ada, track), await links(bob, track)
    for kind in ("MASTER", "DOWNLOAD"):
        assert {"MODEL", "SEED"} <= fields((await get(api, own[kind, None])).content).keys()
        # when somebody else fetches them
        answer = await get(api, given[kind, None])
        # then they say that it was generated, and neither of what nor how
        found = fields(answer.content)
        assert (found["TITLE"], found["AI_GENERATED"]) == ("Evening", "true")
        assert found["COMMENT"] == f"Cadenza track {track.id}"
        assert not found.keys() & {"MODEL", "SEED", "DESCRIPTION"}
        assert prompt not in answer.content


async def test_what_a_link_gave_ends_with_the_link(api: Api) -> None:
    ada = await artist(api)
    track = await song(api, ada)
    url = await by_link(api, track, await share(api, ada, track.id, Visibility.UNLISTED, downloads=True))
    assert (await get(api, url)).status_code == 200
    await share(api, ada, track.id, Visibility.PRIVATE)
    assert (await get(api, url)).status_code == 404


async def by_link(api: Api, track: Track, shared: Track) -> str:
    """Where whoever has the link fetches the master."""
    wanted = {"id": to_base64("Track", track.id), "secret": await secret_of(api, shared)}
    found = (await api.anonymous.data(BY_LINK, **wanted))["playback"]["downloads"]
    (url,) = [each["url"] for each in found if each["kind"] == "MASTER"]
    return str(url).removeprefix("http://127.0.0.1:8000")


def prompt_of(generation: dict[str, Any]) -> bytes:
    prompt: str = generation["request"]["prompt"]
    return prompt.encode()
