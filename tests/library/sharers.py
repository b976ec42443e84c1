"""People who may publish and moderate, and tracks that are shared, for tests."""

from typing import Any

from strawberry.relay.utils import to_base64

from domain.accounts.model import Role
from domain.accounts.service import AccountService
from domain.kit.caller import UNKNOWN_CLIENT
from domain.library.model import Track, Visibility
from domain.library.service import LibraryService
from domain.library.services.share import TrackSharing
from tests.graphql.harness import Api, Person

SET = """mutation($input: SetTrackVisibilityInput!) { setTrackVisibility(input: $input) {
  __typename ... on SetTrackVisibilitySuccess { track { revision visibility shareSecret publishedAt } }
  ... on EditConflict { current { revision } } ... on TrackTakenDown { reason } ... on Problem { code message }
} }"""


async def with_role(api: Api, name: str, role: Role) -> Person:
    """Somebody with this role and a verified address."""
    person = await api.person(name)
    await api.world.get(AccountService).set_role(person.email, role)
    accounts = api.world.client[api.world.database]["accounts"]
    verified = {"$set": {"email_verified_at": api.world.clock.now()}}
    await accounts.update_one({"_id": person.caller.account_id}, verified)
    return person


async def artist(api: Api, name: str = "Ada") -> Person:
    return await with_role(api, name, Role.ARTIST)


async def share(
    api: Api, person: Person, track_id: str, visibility: Visibility = Visibility.PUBLIC, downloads: bool = False
) -> Track:
    """The track opened to listeners, whatever its revision."""
    track = await api.world.get(LibraryService).track(person.caller, track_id)
    sharing = api.world.get(TrackSharing)
    return await sharing.set_visibility(person.caller, UNKNOWN_CLIENT, track_id, track.revision, visibility, downloads)


async def secret_of(api: Api, track: Track) -> str:
    secret = await api.world.get(TrackSharing).secret_of(track)
    assert secret is not None
    return secret


async def set_visibility(person: Person, track: Track, visibility: str, revision: int | None = None) -> dict[str, Any]:
    """What the mutation answers."""
    given = {
        "trackId": to_base64("Track", track.id),
        "expectedRevision": revision or track.revision,
        "visibility": visibility,
    }
    answer: dict[str, Any] = (await person.client.data(SET, input=given))["setTrackVisibility"]
    return answer
