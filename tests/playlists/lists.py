"""Playlists for tests: the calls, and what they answer."""

from typing import Any

from strawberry.relay.utils import from_base64, to_base64

from domain.library.model import Track
from tests.graphql.client import GraphQLClient
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.library.sharers import share

FIELDS = "id title description visibility revision entryCount isMine canEdit shareSecret invitationSecret"
ENTRIES = """query($id: ID!, $first: Int! = 20, $after: String) { playlist(id: $id) {
  entries(first: $first, after: $after) {
    edges { cursor node { id addedById track { title } } } pageInfo { hasNextPage endCursor }
  } entryCount
} }"""
SUCCESS = {
    "createPlaylist": f"playlist {{ {FIELDS} }}",
    "updatePlaylist": f"playlist {{ {FIELDS} }}",
    "renewPlaylistLink": f"playlist {{ {FIELDS} }}",
    "deletePlaylist": "deletedId",
    "addToPlaylist": "entries { id track { title } }",
    "movePlaylistEntry": "entry { id track { title } }",
    "removeFromPlaylist": "removedCount",
    "setPlaylistInvitation": f"playlist {{ {FIELDS} }}",
    "joinPlaylist": f"playlist {{ {FIELDS} }}",
    "leavePlaylist": "leftId",
    "removePlaylistCollaborator": f"playlist {{ {FIELDS} }}",
}


async def call(client: GraphQLClient, name: str, **given: Any) -> dict[str, Any]:
    """What a mutation of playlists answers."""
    kind = name[0].upper() + name[1:]
    query = f"""mutation($input: {kind}Input!) {{ {name}(input: $input) {{
      __typename ... on {kind}Success {{ {SUCCESS[name]} }} ... on Problem {{ code message }}
    }} }}"""
    answer: dict[str, Any] = (await client.data(query, input=given))[name]
    return answer


async def a_playlist(person: Person, title: str = "Evening") -> str:
    """The id of a new one."""
    made = await call(person.client, "createPlaylist", title=title)
    found: str = made["playlist"]["id"]
    return found


async def public_tracks(api: Api, person: Person, *titles: str) -> list[Track]:
    return [await share(api, person, (await add_track(api.world, person.caller, title)).id) for title in titles]


async def add(client: GraphQLClient, playlist: str, *tracks: Track, **given: Any) -> list[str]:
    """The ids of the new entries."""
    ids = [to_base64("Track", track.id) for track in tracks]
    answer = await call(client, "addToPlaylist", playlistId=playlist, trackIds=ids, **given)
    assert answer["__typename"] == "AddToPlaylistSuccess", answer
    return [entry["id"] for entry in answer["entries"]]


async def titles(client: GraphQLClient, playlist: str) -> list[str | None]:
    """The tracks in order, as this caller sees them; None where one is not there any more."""
    found = (await client.data(ENTRIES, id=playlist, first=100))["playlist"]["entries"]["edges"]
    return [edge["node"]["track"] and edge["node"]["track"]["title"] for edge in found]


def local(global_id: str) -> str:
    return from_base64(global_id)[1]
