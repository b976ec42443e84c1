"""Names that nobody can see, or that turn what stands beside them, are refused wherever people write."""

from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.accounts.model import Role
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.library.sharers import share, with_role

# where it is written: the input's type, the rest of the input, and the path of the field
PLACES: dict[str, tuple[str, dict[str, Any], str]] = {
    "updateTrack": ("UpdateTrackInput", {"expectedRevision": 2}, "title"),
    "branchTrack": ("BranchTrackInput", {}, "title"),
    "generateTrack": ("GenerateTrackInput", {"prompt": "calm", "durationSeconds": 6.0}, "title"),
    "createPlaylist": ("CreatePlaylistInput", {}, "title"),
    "createApiKey": ("CreateApiKeyInput", {"scopes": ["JOBS"]}, "name"),
    "createOrganisation": ("CreateOrganisationInput", {}, "name"),
    "signUp": ("SignUpInput", {"email": "new@example.com", "password": "a good password"}, "displayName"),
    "takeDownTrack": ("TakeDownTrackInput", {}, "reason"),
}
OF_A_TRACK = {"updateTrack", "takeDownTrack"}


@pytest.mark.parametrize("text", ["\u200b\u200b", "Ada\u202egnp.exe"])
@pytest.mark.parametrize("mutation", PLACES)
async def test_what_cannot_be_seen_or_turns_the_text_is_refused(api: Api, mutation: str, text: str) -> None:
    # given a person who may do all of it
    person = await with_role(api, "Mo", Role.MODERATOR)
    track = await share(api, person, (await add_track(api.world, person.caller)).id)
    kind, rest, path = PLACES[mutation]
    ids: dict[str, str] = {"trackId": to_base64("Track", track.id)} if mutation in OF_A_TRACK else {}
    if mutation == "branchTrack":
        ids = {"versionId": to_base64("Version", track.current_version_id)}
    before = await api.contents()
    # when that is written
    answer = await written(person, mutation, kind, {**rest, **ids, path: text})
    # then it is refused where it stands, and nothing has changed
    assert answer["__typename"] == "ValidationFailed"
    assert [issue["path"] for issue in answer["issues"]] == [path]
    assert await api.contents() == before


async def written(person: Person, mutation: str, kind: str, given: dict[str, Any]) -> dict[str, Any]:
    document = f"""mutation($input: {kind}!) {{ {mutation}(input: $input) {{
      __typename ... on ValidationFailed {{ issues {{ path message }} }} ... on Problem {{ code }}
    }} }}"""
    answer: dict[str, Any] = (await person.client.data(document, input=given))[mutation]
    return answer
