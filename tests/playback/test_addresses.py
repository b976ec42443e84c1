"""What addresses that listeners are shown tell, through the public API."""

import base64
import re
from typing import Any

from strawberry.relay.utils import from_base64, to_base64

from domain.library.model import Track
from domain.library.service import LibraryService
from tests.graphql.harness import Api, Person
from tests.library.sharers import artist, share

PLAYBACK = "query($id: ID!) { playback(trackId: $id) { hlsUrl downloads { kind url } } }"
BRANCH = """mutation($input: BranchTrackInput!) { branchTrack(input: $input) {
  ... on BranchTrackSuccess { track { id } }
} }"""
API = "http://127.0.0.1:8000"


async def test_addresses_of_a_branch_do_not_tell_of_its_origin(api: Api) -> None:
    # given a private song with a public branch
    ada = await artist(api)
    origin = await a_song(api, ada)
    made = await ada.client.data(BRANCH, input={"versionId": to_base64("Version", origin.current_version_id)})
    _, branch_id = from_base64(made["branchTrack"]["track"]["id"])
    branch = await share(api, ada, branch_id, downloads=True)
    # when a listener fetches all that there is of it
    seen = await addresses(api, branch)
    # then the segments are there, and nothing names the origin, its version or the job that made it
    assert {url.rpartition("/")[2] for url in seen} >= {"init.mp4", "seg-00000.m4s"}
    private = [origin.id, origin.current_version_id, origin.current.origin.job_id]
    readable = "\n".join([*seen, *(text for url in seen for text in sealed_in(url))])
    assert [word for word in private if word in readable] == []
    assert branch.current_version_id in readable


async def a_song(api: Api, person: Person) -> Track:
    await api.world.ask(person.caller, title="Rain", seed=7)
    await api.world.work_off()
    raw = (await api.world.documents("tracks"))[-1]
    return await api.world.get(LibraryService).track(person.caller, raw["_id"])


async def addresses(api: Api, track: Track) -> list[str]:
    """Of playlists, of everything that they name and of where that leads, and of all files."""
    playing: dict[str, Any] = (await api.anonymous.data(PLAYBACK, id=to_base64("Track", track.id)))["playback"]
    master = playing["hlsUrl"]
    found = [master, *(each["url"] for each in playing["downloads"])]
    for variant in lines_of(await text_at(api, master)):
        playlist = master.replace("master.m3u8", variant)
        text = await text_at(api, playlist)
        files = [*lines_of(text), *re.findall(r'URI="([^"]+)"', text)]
        found += [playlist, *(playlist.replace("audio.m3u8", name) for name in files)]
    answers = [await api.http.get(url.removeprefix(API), follow_redirects=False) for url in found if "/hls/" in url]
    return [*found, *(answer.headers["location"] for answer in answers if answer.status_code == 307)]


async def text_at(api: Api, url: str) -> str:
    return (await api.http.get(url.removeprefix(API))).text


def lines_of(playlist: str) -> list[str]:
    return [line for line in playlist.splitlines() if line and not line.startswith("#")]


def sealed_in(url: str) -> list[str]:
    """What can be read in the tokens of an address by whoever has it."""
    parts = [part for part in re.findall(r"[A-Za-z0-9_-]{20,}", url) if len(part) % 4 != 1]
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("latin-1") for part in parts]
