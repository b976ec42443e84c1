"""What changes what everybody hears needs the right to publish, by whatever way, through the public API."""

from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.accounts.model import Role
from domain.accounts.service import AccountService
from domain.accounts.services.api_keys import ApiKeyService
from domain.kit.caller import Scope
from domain.library.model import Track, Visibility
from domain.library.service import LibraryService
from tests.graphql.client import GraphQLClient
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track, add_version
from tests.library.sharers import artist, share

SET_CURRENT = """mutation($input: SetCurrentVersionInput!) { setCurrentVersion(input: $input) {
  __typename ... on SetCurrentVersionSuccess { track { currentVersion { id } } } ... on Problem { code message }
} }"""
GENERATE = """mutation($input: GenerateTrackInput!) { generateTrack(input: $input) {
  __typename ... on GenerateTrackSuccess { job { id versionId } } ... on Problem { code }
} }"""
CREATE = """mutation($input: CreateUploadInput!) { createUpload(input: $input) {
  __typename ... on CreateUploadSuccess { upload { id } } ... on Problem { code }
} }"""
TRASH = """mutation($input: TrashTrackInput!) { trashTrack(input: $input) { __typename } }"""
RESTORE = """mutation($input: RestoreTrackInput!) { restoreTrack(input: $input) {
  __typename ... on RestoreTrackSuccess { track { visibility shareSecret publishedAt } } ... on Problem { code }
} }"""
TITLE = "query($id: ID!) { track(id: $id) { title } }"


async def call(client: GraphQLClient, mutation: str, **given: Any) -> dict[str, Any]:
    (answer,) = (await client.data(mutation, input=given)).values()
    assert isinstance(answer, dict)
    return answer


async def a_key(api: Api, person: Person) -> GraphQLClient:
    """A key that may do all that a key may."""
    _, key = await api.world.get(ApiKeyService).create(person.caller, "robot", list(Scope))
    return api.anonymous.with_token(key)


async def no_artist_any_more(api: Api, person: Person) -> GraphQLClient:
    await api.world.get(AccountService).set_role(person.email, Role.LISTENER)
    return person.client


async def not_verified(api: Api, person: Person) -> GraphQLClient:
    accounts = api.world.client[api.world.database]["accounts"]
    await accounts.update_one({"_id": person.caller.account_id}, {"$set": {"email_verified_at": None}})
    return person.client


WITHOUT = [(a_key, "FORBIDDEN"), (no_artist_any_more, "FORBIDDEN"), (not_verified, "EMAIL_UNVERIFIED")]


async def current(api: Api, person: Person, track: Track) -> Track:
    return await api.world.get(LibraryService).track(person.caller, track.id)


async def all_made(api: Api) -> dict[str, Any]:
    """All that there is, but for keys that were used and wallets that were looked at."""
    looked_at = {"api_keys", "credit_wallets", "credit_transfers"}
    return {name: found for name, found in (await api.contents()).items() if name not in looked_at}


def choice(track: Track, version_id: str, revision: int) -> dict[str, Any]:
    ids = {"trackId": to_base64("Track", track.id), "versionId": to_base64("Version", version_id)}
    return {**ids, "expectedRevision": revision}


@pytest.mark.parametrize(("without", "code"), WITHOUT)
async def test_what_a_public_track_plays_is_not_changed_without_the_right_to_publish(
    api: Api, without: Any, code: str
) -> None:
    # given a public track with a second version
    ada = await artist(api)
    track = await share(api, ada, (await add_track(api.world, ada.caller)).id)
    other = await add_version(api.world, track)
    client = await without(api, ada)
    before = await all_made(api)
    # when somebody without the right chooses it, by any way
    begin = {"parentVersionId": to_base64("Version", other.id), "makeCurrent": True}
    answers = [
        await call(client, SET_CURRENT, **choice(track, other.id, track.revision)),
        await call(client, GENERATE, prompt="calm", durationSeconds=6.0, **begin),
        await call(client, CREATE, fileName="a.wav", sizeBytes=9, contentType="audio/wav", **begin),
    ]
    # then each is refused, and nothing has changed
    assert [answer.get("code") for answer in answers] == [code] * 3
    assert await all_made(api) == before


async def test_an_artist_chooses_what_a_public_track_plays_and_a_key_what_a_private_one_does(api: Api) -> None:
    ada = await artist(api)
    client = await a_key(api, ada)
    track = await add_track(api.world, ada.caller)
    first, other = track.current_version_id, await add_version(api.world, track)
    chosen = await call(client, SET_CURRENT, **choice(track, other.id, 1))
    assert chosen["track"]["currentVersion"]["id"] == to_base64("Version", other.id)
    public = await share(api, ada, track.id)
    chosen = await call(ada.client, SET_CURRENT, **choice(track, first, public.revision))
    assert chosen["track"]["currentVersion"]["id"] == to_base64("Version", first)


@pytest.mark.parametrize("by_key", [True, False])
async def test_a_version_that_ends_after_its_track_was_published_plays_only_with_the_right(
    api: Api, by_key: bool
) -> None:
    # given a version of a private track that is to become current, asked for by a key or by an artist
    ada = await artist(api)
    track = await add_track(api.world, ada.caller)
    client = await a_key(api, ada) if by_key else ada.client
    begin = {"parentVersionId": to_base64("Version", track.current_version_id), "makeCurrent": True}
    made = await call(client, GENERATE, prompt="calm", durationSeconds=6.0, **begin)
    # when the track is published before it is finished
    await share(api, ada, track.id)
    await api.world.work_off()
    # then it has joined, and plays when an artist has asked for that
    joined = await current(api, ada, track)
    assert joined.version_count == 2
    plays = to_base64("Version", joined.current_version_id)
    assert plays == (to_base64("Version", track.current_version_id) if by_key else made["job"]["versionId"])


@pytest.mark.parametrize("without", [a_key, no_artist_any_more, not_verified])
@pytest.mark.parametrize("has_link", [True, False])
async def test_restoring_publishes_nothing_without_the_right(api: Api, without: Any, has_link: bool) -> None:
    # given a public track in the trash
    ada = await artist(api)
    track = await add_track(api.world, ada.caller)
    if has_link:
        await share(api, ada, track.id, Visibility.UNLISTED)
    await share(api, ada, track.id)
    ids = {"trackId": to_base64("Track", track.id)}
    await call(ada.client, TRASH, **ids)
    # when it is restored by who may not publish
    client = await without(api, ada)
    restored = await call(client, RESTORE, **ids)
    # then it is there, with its link, and not public
    visibility = "UNLISTED" if has_link else "PRIVATE"
    secret = restored["track"].pop("shareSecret")
    assert restored["track"] == {"visibility": visibility, "publishedAt": None}
    assert (secret is not None) == has_link
    assert await api.anonymous.data(TITLE, id=ids["trackId"]) == {"track": None}
    # and a second call tells the same
    assert (await call(client, RESTORE, **ids))["track"]["visibility"] == visibility


async def test_an_artist_restores_a_public_track_as_it_was(api: Api) -> None:
    ada = await artist(api)
    track = await share(api, ada, (await add_track(api.world, ada.caller)).id)
    ids = {"trackId": to_base64("Track", track.id)}
    await call(ada.client, TRASH, **ids)
    assert (await call(ada.client, RESTORE, **ids))["track"]["visibility"] == "PUBLIC"
    assert await api.anonymous.data(TITLE, id=ids["trackId"]) == {"track": {"title": "Untitled"}}
