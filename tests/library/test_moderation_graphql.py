"""What moderators reach and are shown, through the public API: closing and branching are no way around them."""

from typing import Any

import pytest
from strawberry.relay.utils import from_base64, to_base64

from domain.accounts.model import Role
from domain.library.model import Track, Visibility
from domain.library.service import LibraryService
from domain.library.services.trash import TrackTrash
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track, add_version
from tests.library.sharers import artist, set_visibility, share, with_role

SHOWN = "track { title description lyrics { text } visibility takenDown { reason } currentVersion { id } }"
TAKE_DOWN = f"""mutation($input: TakeDownTrackInput!) {{ takeDownTrack(input: $input) {{
  __typename ... on TakeDownTrackSuccess {{ {SHOWN} }} ... on Problem {{ code }}
}} }}"""
REINSTATE = f"""mutation($input: ReinstateTrackInput!) {{ reinstateTrack(input: $input) {{
  __typename ... on ReinstateTrackSuccess {{ {SHOWN} }} ... on Problem {{ code }}
}} }}"""
UPDATE = """mutation($input: UpdateTrackInput!) { updateTrack(input: $input) {
  ... on UpdateTrackSuccess { track { revision } } ... on Problem { code }
} }"""
LYRICS = """mutation($input: SetLyricsInput!) { setLyrics(input: $input) {
  ... on SetLyricsSuccess { track { revision } } ... on Problem { code }
} }"""
BRANCH = """mutation($input: BranchTrackInput!) { branchTrack(input: $input) {
  ... on BranchTrackSuccess { track { id } } ... on Problem { code }
} }"""
EVENTS = "{ securityEvents(first: 9) { edges { node { kind details { name value } } } } }"


async def call(person: Person, mutation: str, **given: Any) -> dict[str, Any]:
    (answer,) = (await person.client.data(mutation, input=given)).values()
    assert isinstance(answer, dict)
    return answer


async def take_down(moderator: Person, track: Track, reason: str = "Not yours.") -> dict[str, Any]:
    return await call(moderator, TAKE_DOWN, trackId=to_base64("Track", track.id), reason=reason)


async def reinstate(moderator: Person, track: Track) -> dict[str, Any]:
    return await call(moderator, REINSTATE, trackId=to_base64("Track", track.id))


async def now(api: Api, person: Person, track: Track) -> Track:
    return await api.world.get(LibraryService).track(person.caller, track.id)


async def reason_of(api: Api, person: Person, track: Track) -> str | None:
    down = (await now(api, person, track)).sharing.taken_down
    return None if down is None else down.reason


async def branch(api: Api, person: Person, track: Track, version_id: str | None = None) -> Track:
    made = await call(person, BRANCH, versionId=to_base64("Version", version_id or track.current_version_id))
    _, local = from_base64(made["track"]["id"])
    return await api.world.get(LibraryService).track(person.caller, local)


async def write_privately(api: Api, person: Person, track: Track) -> None:
    """Words that nobody else has ever seen."""
    ids = {"trackId": to_base64("Track", track.id)}
    revision = (await now(api, person, track)).revision
    await call(person, UPDATE, **ids, expectedRevision=revision, title="My diary", description="Dear diary")
    await call(person, LYRICS, **ids, expectedRevision=revision + 1, plainText="Nobody may read this")


async def people(api: Api) -> tuple[Person, Person]:
    return await artist(api), await with_role(api, "Mo", Role.MODERATOR)


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED])
async def test_closing_a_track_keeps_no_moderator_from_it(api: Api, visibility: Visibility) -> None:
    # given a track that its owner has closed before a moderator came to it
    ada, mo = await people(api)
    track = await share(api, ada, (await add_track(api.world, ada.caller, "Stolen")).id, visibility)
    await set_visibility(ada, track, "PRIVATE")
    # when it is taken down
    taken = await take_down(mo, track)
    # then it cannot be opened again
    assert (taken["__typename"], taken["track"]["title"]) == ("TakeDownTrackSuccess", "Stolen")
    closed = await now(api, ada, track)
    for wanted in ("UNLISTED", "PUBLIC"):
        assert (await set_visibility(ada, closed, wanted))["__typename"] == "TrackTakenDown"
    # until that is lifted
    assert (await reinstate(mo, track))["__typename"] == "ReinstateTrackSuccess"
    opened = await set_visibility(ada, await now(api, ada, track), "PUBLIC")
    assert opened["__typename"] == "SetTrackVisibilitySuccess"


async def test_what_was_never_shared_is_no_moderators(api: Api) -> None:
    ada, mo = await people(api)
    track = await add_track(api.world, ada.caller)
    before = await api.contents()
    assert (await take_down(mo, track))["code"] == "NOT_FOUND"
    assert (await reinstate(mo, track))["code"] == "NOT_FOUND"
    assert await api.contents() == before


@pytest.mark.parametrize("closed_first", [True, False])
async def test_a_moderator_sees_what_listeners_saw_and_nothing_that_was_written_since(
    api: Api, closed_first: bool
) -> None:
    # given a shared track that was closed, or taken down, and of which its owner has then made something else
    ada, mo = await people(api)
    track = await share(api, ada, (await add_track(api.world, ada.caller, "Stolen")).id)
    if not closed_first:
        await take_down(mo, track)
    await set_visibility(ada, await now(api, ada, track), "PRIVATE")
    await write_privately(api, ada, track)
    # when moderators take it down again and again, and lift that
    shown = [await take_down(mo, track), await take_down(mo, track), await reinstate(mo, track)]
    shown += [await take_down(mo, track), await reinstate(mo, track)]
    # then they are shown the last that was shared
    version = {"id": to_base64("Version", track.current_version_id)}
    last = {"title": "Stolen", "description": "", "lyrics": None, "visibility": "PRIVATE", "takenDown": None}
    assert [each["track"] for each in shown] == [{**last, "currentVersion": version}] * 5
    # and once it is shared again, what is shared then
    await set_visibility(ada, await now(api, ada, track), "PUBLIC")
    assert (await take_down(mo, track))["track"]["title"] == "My diary"


async def test_a_track_that_is_taken_down_is_shown_as_it_was_then_until_it_is_open_again(api: Api) -> None:
    # given a public track that was taken down, and whose owner edits it in spite of that
    ada, mo = await people(api)
    track = await share(api, ada, (await add_track(api.world, ada.caller, "Stolen")).id)
    await take_down(mo, track)
    await write_privately(api, ada, track)
    # then a moderator sees that only when everybody does
    assert (await take_down(mo, track))["track"]["title"] == "Stolen"
    assert (await reinstate(mo, track))["track"]["title"] == "My diary"


async def test_a_takedown_reaches_branches_that_were_made_before_and_is_lifted_with_them(api: Api) -> None:
    # given a public track, two branches of it of which one is public, a branch of a branch, and another track
    ada, mo = await people(api)
    track = await share(api, ada, (await add_track(api.world, ada.caller, "Stolen")).id)
    hidden, opened = await branch(api, ada, track), await branch(api, ada, track)
    await share(api, ada, opened.id)
    deeper, other = await branch(api, ada, hidden), await share(api, ada, (await add_track(api.world, ada.caller)).id)
    # when the track is taken down, and branched once more
    await take_down(mo, track)
    later = await branch(api, ada, track)
    # then none of them can be opened or heard, and the other track can
    for each in (track, hidden, opened, deeper, later):
        assert await reason_of(api, ada, each) == "Not yours."
        refused = await set_visibility(ada, await now(api, ada, each), "UNLISTED")
        assert refused["__typename"] == "TrackTakenDown"
    assert await reason_of(api, ada, other) is None
    title = "query($id: ID!) { track(id: $id) { title } }"
    assert await api.anonymous.data(title, id=to_base64("Track", opened.id)) == {"track": None}
    # and the owner reads how many, the moderator does not
    for person, others in ((ada, {"other_tracks": "3"}), (mo, {})):
        nodes = [edge["node"] for edge in (await person.client.data(EVENTS))["securityEvents"]["edges"]]
        (event,) = [node["details"] for node in nodes if node["kind"] == "TRACK_TAKEN_DOWN"]
        told = {each["name"]: each["value"] for each in event}
        assert told == {"track_id": track.id, "reason": "Not yours.", **others}
    # when it is lifted, then it is from all of them
    await reinstate(mo, track)
    for each in (track, hidden, opened, deeper, later):
        assert await reason_of(api, ada, each) is None
    assert await api.anonymous.data(title, id=to_base64("Track", opened.id)) == {"track": {"title": "Stolen"}}


async def test_a_branch_of_another_version_goes_down_with_the_track_also_from_the_trash(api: Api) -> None:
    ada, mo = await people(api)
    track = await share(api, ada, (await add_track(api.world, ada.caller)).id)
    version = await add_version(api.world, track)
    made = await branch(api, ada, track, version.id)
    trash = api.world.get(TrackTrash)
    await trash.trash(ada.caller, made.id)
    await take_down(mo, track)
    await trash.restore(ada.caller, made.id)
    assert await reason_of(api, ada, made) == "Not yours."


async def test_a_branch_that_never_was_shared_shows_moderators_what_its_origin_showed(api: Api) -> None:
    # given a taken down track with a branch from before and one from afterwards, both with words of their own
    ada, mo = await people(api)
    track = await share(api, ada, (await add_track(api.world, ada.caller, "Stolen")).id)
    before = await branch(api, ada, track)
    await write_privately(api, ada, before)
    await take_down(mo, track)
    after = await branch(api, ada, track)
    await write_privately(api, ada, after)
    for each in (before, after):
        # when a moderator lifts one of them by itself
        lifted = await reinstate(mo, each)
        # then that one is lifted, and nothing of it was told
        assert (lifted["track"]["title"], lifted["track"]["lyrics"]) == ("Stolen", None)
        assert await reason_of(api, ada, each) is None
    assert await reason_of(api, ada, track) == "Not yours."


async def test_what_two_takedowns_reach_is_open_only_when_both_are_lifted(api: Api) -> None:
    # given two public tracks, one made of the other, and a third that is a branch of both
    ada, mo = await people(api)
    first = await share(api, ada, (await add_track(api.world, ada.caller)).id)
    second = await share(api, ada, (await branch(api, ada, first)).id)
    third = await branch(api, ada, second)
    # when the first is taken down, and then the second by itself as well
    await take_down(mo, first, "One")
    await take_down(mo, second, "Two")
    assert [await reason_of(api, ada, each) for each in (first, second, third)] == ["One", "Two", "One"]
    # then lifting one leaves what the other reaches
    await reinstate(mo, first)
    assert [await reason_of(api, ada, each) for each in (first, second, third)] == [None, "Two", "Two"]
    await reinstate(mo, second)
    assert [await reason_of(api, ada, each) for each in (first, second, third)] == [None, None, None]


async def test_nobody_elses_track_goes_down_with_one(api: Api) -> None:
    ada, mo = await people(api)
    bob = await artist(api, "Bob")
    track, his = [await share(api, each, (await add_track(api.world, each.caller)).id) for each in (ada, bob)]
    await branch(api, bob, his)
    before = [each for each in await api.world.documents("tracks") if each["owner_id"] == bob.caller.account_id]
    await take_down(mo, track)
    after = [each for each in await api.world.documents("tracks") if each["owner_id"] == bob.caller.account_id]
    assert after == before
