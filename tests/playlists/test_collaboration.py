"""Editing a playlist together, through the public API."""

import asyncio

from strawberry.relay.utils import to_base64

from domain.kit.personal_data import Erasure
from domain.playlists.services.personal_data import PlaylistPersonalData
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.library.sharers import artist
from tests.playlists.lists import ENTRIES, a_playlist, add, call, public_tracks, titles

LISTS = "{ playlists { edges { node { title isMine canEdit } } } }"
PEOPLE = "query($id: ID!) { playlist(id: $id) { revision collaborators { accountId displayName } } }"


async def invitation(person: Person, playlist: str, revision: int = 1) -> str:
    given = {"playlistId": playlist, "expectedRevision": revision, "isOpen": True}
    secret: str = (await call(person.client, "setPlaylistInvitation", **given))["playlist"]["invitationSecret"]
    return secret


async def test_whoever_has_the_invitation_joins_and_edits(api: Api) -> None:
    # given a private playlist with an invitation
    ada, bob, carol = await artist(api), await artist(api, "Bob"), await api.person("Carol")
    evening = await a_playlist(ada)
    (hers,), (his,) = await public_tracks(api, ada, "hers"), await public_tracks(api, bob, "his")
    (first,) = await add(ada.client, evening, hers)
    secret = await invitation(ada, evening)
    # when Bob takes it up, twice
    for _ in range(2):
        joined = (await call(bob.client, "joinPlaylist", secret=secret))["playlist"]
        assert (joined["isMine"], joined["canEdit"], joined["revision"]) == (False, True, 3)
        assert (joined["shareSecret"], joined["invitationSecret"]) == (None, None)
    # then it is among his, and he adds, moves and removes
    listed = (await bob.client.data(LISTS))["playlists"]["edges"]
    assert [edge["node"] for edge in listed] == [{"title": "Evening", "isMine": False, "canEdit": True}]
    mine = await add_track(api.world, bob.caller, "private")
    second, third = await add(bob.client, evening, his, mine, atStart=True)
    await call(bob.client, "movePlaylistEntry", playlistId=evening, entryId=first)
    assert await titles(bob.client, evening) == ["hers", "his", "private"]
    assert await titles(ada.client, evening) == ["hers", "his"]
    shown = (await ada.client.data(ENTRIES, id=evening))["playlist"]["entries"]["edges"]
    account = to_base64("Account", bob.caller.require())
    assert [edge["node"]["addedById"] == account for edge in shown] == [False, True]
    assert (await call(bob.client, "removeFromPlaylist", playlistId=evening, entryIds=[third]))["removedCount"] == 1
    # both are told who else edits it
    for person in (ada, bob):
        people = (await person.client.data(PEOPLE, id=evening))["playlist"]["collaborators"]
        assert people == [{"accountId": account, "displayName": "Bob"}]
    assert second in [edge["node"]["id"] for edge in shown]
    # but what is the owner's stays the owner's
    before = await api.contents()
    given = {"playlistId": evening, "expectedRevision": 3}
    assert (await call(bob.client, "updatePlaylist", **given, title="Mine"))["code"] == "FORBIDDEN"
    assert (await call(bob.client, "setPlaylistInvitation", **given, isOpen=True))["code"] == "FORBIDDEN"
    assert (await call(bob.client, "removePlaylistCollaborator", **given, accountId=account))["code"] == "FORBIDDEN"
    assert (await call(bob.client, "deletePlaylist", playlistId=evening))["code"] == "NOT_FOUND"
    # and others stay out
    ids = {"playlistId": evening, "entryId": first}
    assert (await call(carol.client, "movePlaylistEntry", **ids))["code"] == "NOT_FOUND"
    assert (await call(carol.client, "joinPlaylist", secret=secret[:-1]))["code"] == "NOT_FOUND"
    assert (await call(carol.client, "leavePlaylist", playlistId=evening))["code"] == "NOT_FOUND"
    assert (await call(api.anonymous, "joinPlaylist", secret=secret))["code"] == "UNAUTHENTICATED"
    assert await api.contents() == before


async def test_readers_of_a_public_playlist_do_not_edit_it_nor_see_who_does(api: Api) -> None:
    ada, bob = await artist(api), await api.person("Bob")
    evening = await a_playlist(ada)
    entries = await add(ada.client, evening, *await public_tracks(api, ada, "a", "b"))
    await call(bob.client, "joinPlaylist", secret=await invitation(ada, evening))
    await call(ada.client, "updatePlaylist", playlistId=evening, expectedRevision=3, visibility="PUBLIC")
    carol = await api.person("Carol")
    before = await api.contents()
    ids = {"playlistId": evening, "entryId": entries[1]}
    assert (await call(carol.client, "movePlaylistEntry", **ids))["code"] == "FORBIDDEN"
    gone = {"playlistId": evening, "entryIds": entries}
    assert (await call(carol.client, "removeFromPlaylist", **gone))["code"] == "FORBIDDEN"
    track = to_base64("Track", (await add_track(api.world, carol.caller)).id)
    added = await call(carol.client, "addToPlaylist", playlistId=evening, trackIds=[track])
    assert added["code"] == "FORBIDDEN"
    for client in (carol.client, api.anonymous):
        assert (await client.data(PEOPLE, id=evening))["playlist"] == {"revision": None, "collaborators": []}
        edges = (await client.data(ENTRIES, id=evening))["playlist"]["entries"]["edges"]
        assert {edge["node"]["addedById"] for edge in edges} == {None}
    after = await api.contents()
    assert [after[name] for name in ("playlists", "playlist_entries")] == [
        before[name] for name in ("playlists", "playlist_entries")
    ]


async def test_an_invitation_is_renewed_and_closed(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    evening = await a_playlist(ada)
    first = await invitation(ada, evening)
    second = await invitation(ada, evening, 2)
    assert (await call(bob.client, "joinPlaylist", secret=first))["code"] == "NOT_FOUND"
    given = {"playlistId": evening, "expectedRevision": 3, "isOpen": False}
    assert (await call(ada.client, "setPlaylistInvitation", **given))["playlist"]["invitationSecret"] is None
    assert (await call(bob.client, "joinPlaylist", secret=second))["code"] == "NOT_FOUND"
    assert (await bob.client.data(LISTS))["playlists"]["edges"] == []


async def test_people_leave_and_are_removed_and_what_they_added_stays(api: Api) -> None:
    ada, bob, carol = await api.person(), await artist(api, "Bob"), await artist(api, "Carol")
    evening = await a_playlist(ada)
    secret = await invitation(ada, evening)
    for person in (bob, carol):
        await call(person.client, "joinPlaylist", secret=secret)
        await add(person.client, evening, *await public_tracks(api, person, person.email))
    assert (await call(bob.client, "leavePlaylist", playlistId=evening))["leftId"] == evening
    given = {"playlistId": evening, "accountId": to_base64("Account", carol.caller.require())}
    assert (await call(ada.client, "removePlaylistCollaborator", **given, expectedRevision=4))["code"] == (
        "PLAYLIST_CONFLICT"
    )
    removed = await call(ada.client, "removePlaylistCollaborator", **given, expectedRevision=5)
    assert removed["playlist"]["revision"] == 6
    assert (await call(ada.client, "removePlaylistCollaborator", **given, expectedRevision=6))["code"] == "NOT_FOUND"
    for person in (bob, carol):
        assert (await person.client.data(PEOPLE, id=evening))["playlist"] is None
    assert await titles(ada.client, evening) == [bob.email, carol.email]


async def test_parallel_joins_all_count(api: Api) -> None:
    ada = await api.person()
    evening = await a_playlist(ada)
    secret = await invitation(ada, evening)
    people = [await api.person(f"Person {number}") for number in range(6)]
    await asyncio.gather(*(call(person.client, "joinPlaylist", secret=secret) for person in people))
    found = (await ada.client.data(PEOPLE, id=evening))["playlist"]["collaborators"]
    assert sorted(each["displayName"] for each in found) == [f"Person {number}" for number in range(6)]


async def test_who_is_forgotten_leaves_what_they_added_without_their_name(api: Api) -> None:
    ada, bob = await api.person(), await artist(api, "Bob")
    evening = await a_playlist(ada)
    await call(bob.client, "joinPlaylist", secret=await invitation(ada, evening))
    await add(bob.client, evening, *await public_tracks(api, bob, "his"))
    await api.world.get(PlaylistPersonalData).erase(Erasure(bob.caller.require(), "somebody"))
    left = await api.contents()
    kept = str([left["playlists"], left["playlist_entries"]])
    assert bob.caller.require() not in kept
    assert [entry["added_by"] for entry in left["playlist_entries"]] == ["somebody"]
