"""Opening, closing and taking down tracks, through the public API."""

import asyncio
from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.accounts.model import Role
from domain.library.model import Track, Visibility
from domain.library.service import LibraryService
from domain.library.services.trash import TrackTrash
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.library.sharers import artist, secret_of, set_visibility, share, with_role

RENEW = """mutation($input: RenewShareLinkInput!) { renewShareLink(input: $input) {
  __typename ... on RenewShareLinkSuccess { track { revision shareSecret } } ... on Problem { code message }
} }"""
SHARED = "query($secret: String!) { sharedTrack(secret: $secret) { title } }"
TITLE = "query($id: ID!) { track(id: $id) { title } }"
TAKE_DOWN = """mutation($input: TakeDownTrackInput!) { takeDownTrack(input: $input) {
  __typename ... on TakeDownTrackSuccess { track { id revision takenDown { reason } } }
  ... on ValidationFailed { issues { path message } } ... on Problem { code }
} }"""
REINSTATE = """mutation($input: ReinstateTrackInput!) { reinstateTrack(input: $input) {
  __typename ... on ReinstateTrackSuccess { track { id } } ... on Problem { code }
} }"""
OWN = "query($id: ID!) { track(id: $id) { revision visibility takenDown { reason at } } }"
EVENTS = "{ securityEvents(first: 5) { edges { node { kind address details { name value } } } } }"


async def call(person: Person, mutation: str, track: Track, **fields: Any) -> dict[str, Any]:
    given = {"trackId": to_base64("Track", track.id), **fields}
    (answer,) = (await person.client.data(mutation, input=given)).values()
    assert isinstance(answer, dict)
    return answer


async def events_of(person: Person, kind: str) -> list[dict[str, str]]:
    """The details of the events of this kind, newest first."""
    nodes = [edge["node"] for edge in (await person.client.data(EVENTS))["securityEvents"]["edges"]]
    return [{each["name"]: each["value"] for each in node["details"]} for node in nodes if node["kind"] == kind]


async def current(api: Api, person: Person, track: Track) -> Track:
    return await api.world.get(LibraryService).track(person.caller, track.id)


async def test_a_track_is_opened_and_closed_and_each_change_is_logged(api: Api) -> None:
    ada = await artist(api)
    track = await add_track(api.world, ada.caller)
    # unlisted: it has a secret
    answer = await set_visibility(ada, track, "UNLISTED")
    secret = answer["track"]["shareSecret"]
    assert answer["track"] == {"revision": 2, "visibility": "UNLISTED", "shareSecret": secret, "publishedAt": None}
    # the same again: nothing changes
    assert (await set_visibility(ada, track, "UNLISTED", 2))["track"] == answer["track"]
    # published: the link that was given away goes on
    now = api.world.clock.now()
    published = (await set_visibility(ada, track, "PUBLIC", 2))["track"]
    assert published == {**published, "revision": 3, "visibility": "PUBLIC", "shareSecret": secret}
    assert published["publishedAt"] >= now.isoformat()
    assert (await api.anonymous.data(SHARED, secret=secret))["sharedTrack"] == {"title": "Untitled"}
    # private: it is gone for good
    closed = (await set_visibility(ada, track, "PRIVATE", 3))["track"]
    assert closed == {"revision": 4, "visibility": "PRIVATE", "shareSecret": None, "publishedAt": None}
    assert await api.anonymous.data(SHARED, secret=secret) == {"sharedTrack": None}
    again = (await set_visibility(ada, track, "UNLISTED", 4))["track"]
    assert again["shareSecret"] not in (None, secret)
    assert await api.anonymous.data(SHARED, secret=secret) == {"sharedTrack": None}
    assert await events_of(ada, "TRACK_SHARED") == [
        {"track_id": track.id, "visibility": each} for each in ("UNLISTED", "PRIVATE", "PUBLIC", "UNLISTED")
    ]


async def test_a_renewed_link_opens_and_the_one_before_does_not(api: Api) -> None:
    ada = await artist(api)
    track = await add_track(api.world, ada.caller)
    refused = await call(ada, RENEW, track, expectedRevision=1)
    assert refused["code"] == "NOT_FOUND"
    before = await secret_of(api, await share(api, ada, track.id, Visibility.UNLISTED))
    renewed = (await call(ada, RENEW, track, expectedRevision=2))["track"]
    assert renewed["revision"] == 3
    assert await api.anonymous.data(SHARED, secret=before) == {"sharedTrack": None}
    assert await api.anonymous.data(SHARED, secret=renewed["shareSecret"]) == {"sharedTrack": {"title": "Untitled"}}


async def test_of_changes_at_the_same_time_one_is_made(api: Api) -> None:
    ada = await artist(api)
    track = await add_track(api.world, ada.caller)
    answers = await asyncio.gather(*(set_visibility(ada, track, each, 1) for each in ("UNLISTED", "PUBLIC") * 3))
    assert sorted(each["__typename"] for each in answers) == ["EditConflict"] * 5 + ["SetTrackVisibilitySuccess"]
    assert {each["current"]["revision"] for each in answers if "current" in each} == {2}
    assert len(await events_of(ada, "TRACK_SHARED")) == 1


@pytest.mark.parametrize("visibility", ["PRIVATE", "UNLISTED", "PUBLIC"])
async def test_nobody_opens_or_closes_the_track_of_another(api: Api, visibility: str) -> None:
    ada, bob = await artist(api), await artist(api, "Bob")
    track = await share(api, ada, (await add_track(api.world, ada.caller)).id)
    before = await api.contents()
    assert (await set_visibility(bob, track, visibility))["code"] == "NOT_FOUND"
    assert (await call(bob, RENEW, track, expectedRevision=2))["code"] == "NOT_FOUND"
    assert await api.contents() == before


async def test_only_artists_with_a_verified_address_publish_and_everybody_gives_links_away(api: Api) -> None:
    # given a listener, and an artist whose address was never verified
    bob = await api.person("Bob")
    carol = await artist(api, "Carol")
    accounts = api.world.client[api.world.database]["accounts"]
    await accounts.update_one({"_id": carol.caller.account_id}, {"$set": {"email_verified_at": None}})
    songs = {person.email: await add_track(api.world, person.caller) for person in (bob, carol)}
    before = await api.contents()
    # when they publish, then it is refused in words, and nothing has changed
    assert await set_visibility(bob, songs[bob.email], "PUBLIC") == {
        "__typename": "Forbidden",
        "code": "FORBIDDEN",
        "message": "Only artists may publish. Ask those who run this server to make your account an artist's.",
    }
    assert (await set_visibility(carol, songs[carol.email], "PUBLIC"))["code"] == "EMAIL_UNVERIFIED"
    assert await api.contents() == before
    # but a link they may give away
    assert (await set_visibility(bob, songs[bob.email], "UNLISTED"))["track"]["visibility"] == "UNLISTED"


async def test_a_track_that_is_taken_down_is_its_owners_alone_until_that_is_lifted(api: Api) -> None:
    # given a public track with a link
    ada, mo = await artist(api), await with_role(api, "Mo", Role.MODERATOR)
    track = await add_track(api.world, ada.caller, "Not mine")
    secret = await secret_of(api, await share(api, ada, track.id, Visibility.UNLISTED))
    await share(api, ada, track.id)
    ids = {"id": to_base64("Track", track.id)}
    # when a moderator takes it down
    taken = await call(mo, TAKE_DOWN, track, reason=" It is somebody else's. ")
    assert taken["track"] == {**ids, "revision": None, "takenDown": None}
    # then nobody finds it any more but its owner, who reads why
    assert await api.anonymous.data(TITLE, **ids) == {"track": None}
    assert await api.anonymous.data(SHARED, secret=secret) == {"sharedTrack": None}
    own = (await ada.client.data(OWN, **ids))["track"]
    assert (own["revision"], own["visibility"]) == (4, "PUBLIC")
    assert own["takenDown"]["reason"] == "It is somebody else's."
    # who can close it, and open it to nobody
    for visibility in ("UNLISTED", "PUBLIC"):
        refused = await set_visibility(ada, track, visibility, 4)
        assert (refused["code"], refused["reason"]) == ("TRACK_TAKEN_DOWN", "It is somebody else's.")
    assert (await call(ada, RENEW, track, expectedRevision=4))["code"] == "TRACK_TAKEN_DOWN"
    assert (await set_visibility(ada, track, "PRIVATE", 4))["track"]["revision"] == 5
    assert (await set_visibility(ada, track, "PUBLIC", 5))["code"] == "TRACK_TAKEN_DOWN"
    # until it is lifted
    assert (await call(mo, REINSTATE, track))["track"] == ids
    assert (await set_visibility(ada, track, "PUBLIC", 6))["track"]["visibility"] == "PUBLIC"
    assert await api.anonymous.data(TITLE, **ids) == {"track": {"title": "Not mine"}}
    # and both have it in the logs of their accounts
    reason = {"track_id": track.id, "reason": "It is somebody else's."}
    for person in (ada, mo):
        assert await events_of(person, "TRACK_TAKEN_DOWN") == [reason]
        assert await events_of(person, "TRACK_REINSTATED") == [{"track_id": track.id}]


async def test_a_reinstated_track_is_as_visible_as_it_was(api: Api) -> None:
    ada, mo = await artist(api), await with_role(api, "Mo", Role.MODERATOR)
    track = await share(api, ada, (await add_track(api.world, ada.caller)).id)
    await call(mo, TAKE_DOWN, track, reason="A mistake")
    # again is no failure, and leaves the first reason
    assert (await call(mo, TAKE_DOWN, track, reason="Another"))["__typename"] == "TakeDownTrackSuccess"
    down = (await current(api, ada, track)).sharing.taken_down
    assert down is not None
    assert down.reason == "A mistake"
    assert (await call(mo, REINSTATE, track))["__typename"] == "ReinstateTrackSuccess"
    assert (await call(mo, REINSTATE, track))["code"] == "NOT_FOUND"
    assert await api.anonymous.data(TITLE, id=to_base64("Track", track.id)) == {"track": {"title": "Untitled"}}


async def test_the_trash_is_no_way_around_a_takedown(api: Api) -> None:
    # given a public track that its owner has put into the trash before a moderator came to it
    ada, mo = await artist(api), await with_role(api, "Mo", Role.MODERATOR)
    track = await share(api, ada, (await add_track(api.world, ada.caller)).id)
    trash = api.world.get(TrackTrash)
    await trash.trash(ada.caller, track.id)
    # when it is taken down there, twice
    for reason in ("Not yours", "Another"):
        assert (await call(mo, TAKE_DOWN, track, reason=reason))["__typename"] == "TakeDownTrackSuccess"
    # then restoring it opens it to nobody
    down = (await trash.restore(ada.caller, track.id)).sharing.taken_down
    assert down is not None
    assert down.reason == "Not yours"
    assert await api.anonymous.data(TITLE, id=to_base64("Track", track.id)) == {"track": None}
    # and what is being deleted for good is not there any more
    other = await share(api, ada, (await add_track(api.world, ada.caller)).id)
    await trash.trash(ada.caller, other.id)
    await trash.delete_forever(ada.caller, other.id)
    assert (await call(mo, TAKE_DOWN, other, reason="Late"))["code"] == "NOT_FOUND"


async def test_moderating_needs_a_moderator_a_reason_and_something_that_is_shared(api: Api) -> None:
    ada, bob = await artist(api), await api.person("Bob")
    mo = await with_role(api, "Mo", Role.MODERATOR)
    private = await add_track(api.world, ada.caller)
    public = await share(api, ada, (await add_track(api.world, ada.caller)).id)
    before = await api.contents()
    for person in (ada, bob):
        assert (await call(person, TAKE_DOWN, public, reason="x"))["code"] == "FORBIDDEN"
        assert (await call(person, REINSTATE, public))["code"] == "FORBIDDEN"
    for reason in (" ", "x" * 501):
        refused = await call(mo, TAKE_DOWN, public, reason=reason)
        message = "A reason has 1 to 500 characters; the track's owner will read it."
        assert refused["issues"] == [{"path": "reason", "message": message}]
    assert (await call(mo, TAKE_DOWN, private, reason="x"))["code"] == "NOT_FOUND"
    assert (await call(mo, REINSTATE, public))["code"] == "NOT_FOUND"
    assert await api.contents() == before


async def test_an_edit_that_has_not_seen_the_takedown_writes_nothing(api: Api) -> None:
    ada, mo = await artist(api), await with_role(api, "Mo", Role.MODERATOR)
    track = await share(api, ada, (await add_track(api.world, ada.caller)).id)
    await call(mo, TAKE_DOWN, track, reason="x")
    assert (await set_visibility(ada, track, "PRIVATE", track.revision))["__typename"] == "EditConflict"
    assert (await current(api, ada, track)).sharing.visibility is Visibility.PUBLIC
