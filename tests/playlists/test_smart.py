"""Smart playlists through the public API."""

from datetime import timedelta
from typing import Any

import pytest
from strawberry.relay.utils import from_base64, to_base64

from domain.accounts.services.api_keys import ApiKeyService
from domain.kit.caller import Scope
from domain.kit.personal_data import Erasure
from domain.library.services.trash import TrackTrash
from domain.likes.service import LikeService
from domain.playlists.services.personal_data import PlaylistPersonalData
from domain.plays.services.history import PlayHistory
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.library.sharers import artist, share
from tests.library.test_graphql import issue
from tests.playlists import lists
from tests.playlists.lists import a_playlist, add, titles
from tests.playlists.rules import MONTH, PREVIEW, SHOWN, a_library, a_smart_playlist, call, chosen, rule, shown

NOTHING: dict[str, Any] = {
    "title": None,
    "artist": None,
    "text": None,
    "genres": None,
    "keys": None,
    "kinds": None,
    "isLiked": None,
}
NOTHING |= {"tags": None, "bpm": None, "durationSeconds": None, "energy": None, "playCount": None, "not": False}
NOTHING |= {"createdAt": None, "lastPlayedAt": None}


def conditions(later: str) -> list[tuple[dict[str, Any], list[str]]]:
    """Each with the titles that it chooses; `later` is between the first two and the last two."""
    rain, snow, storm, song = "Rain Song", "Snow", "Storm", "Song (Live)"
    return [
        ({"title": {"oneOf": ["STORM", "snow", "hail"]}}, [snow, storm]),
        ({"title": {"beginsWith": "so"}}, [song]),
        ({"title": {"hasWords": "song"}}, [rain, song]),
        ({"title": {"hasWords": "liv so"}}, [song]),
        ({"title": {"hasWords": "ong"}}, []),
        ({"title": {"hasWords": "tin"}}, []),
        ({"text": "tin rain"}, [rain]),
        ({"artist": {"oneOf": ["bjork"]}}, [rain]),
        ({"artist": {"beginsWith": "BJÖ"}}, [rain, snow]),
        ({"artist": {"hasWords": "friend"}}, [snow]),
        ({"genres": ["AMBIENT", "polka"]}, [rain, snow]),
        ({"genres": ["ambient"], "not": True}, [storm, song]),
        ({"tags": {"hasAll": ["wet", "fur ada"]}}, [rain]),
        ({"tags": {"hasAny": ["wet", "cold"]}}, [rain, snow, storm]),
        ({"keys": ["Dbmaj"]}, [snow, song]),
        ({"kinds": ["UPLOADED"]}, [storm]),
        ({"bpm": {"atLeast": 90, "atMost": 120}}, [snow, storm]),
        ({"durationSeconds": {"atMost": 59.9}}, [rain]),
        ({"energy": {"atLeast": 0.5}}, [snow, storm]),
        ({"valence": {"atLeast": 0.5}}, [rain, snow]),
        ({"energy": {"atLeast": 0}, "not": True}, [song]),
        ({"createdAt": {"before": later}}, [rain, snow]),
        ({"createdAt": {"after": later}}, [storm, song]),
        ({"createdAt": {"withinDays": 1}}, []),
        ({"createdAt": {"withinDays": 31}}, [rain, snow, storm, song]),
        ({"isLiked": True}, [rain]),
        ({"isLiked": False}, [snow, storm, song]),
        ({"isLiked": False, "not": True}, [rain]),
        ({"playCount": {"atLeast": 2}}, [snow]),
        ({"playCount": {"atLeast": 1, "atMost": 1}}, [storm]),
        ({"playCount": {"atMost": 0}}, [rain, song]),
        ({"playCount": {"atMost": 1}}, [rain, storm, song]),
        ({"playCount": {"atLeast": 0}}, [rain, snow, storm, song]),
        ({"playCount": {"atMost": -1}}, []),
        ({"playCount": {"atLeast": 1}, "not": True}, [rain, song]),
        ({"lastPlayedAt": {"withinDays": 7}}, [snow]),
        ({"lastPlayedAt": {"before": later}}, [storm]),
        ({"lastPlayedAt": {"withinDays": 7}, "not": True}, [rain, storm, song]),
    ]


async def test_every_condition_chooses_what_fits(api: Api, subtests: pytest.Subtests) -> None:
    # given a library that differs in everything, beside that of somebody else
    ada, bob = await api.person(), await api.person("Bob")
    begin = api.world.clock.now() - timedelta(seconds=MONTH)
    await a_library(api, bob)
    await a_library(api, ada)
    for condition, fits in conditions((begin + timedelta(hours=2)).isoformat()):
        with subtests.test(**condition):
            # when a rule asks for one thing, then it chooses these, alone and with what all have
            assert await chosen(ada.client, rule(condition)) == fits
            assert await chosen(ada.client, rule(condition, {"bpm": {"atLeast": 1}})) == fits
            assert await chosen(ada.client, rule(condition), "DURATION_DESC") == fits[::-1]
            assert await chosen(ada.client, rule(condition, {"genres": ["polka"]}, join="ANY")) == fits


async def test_conditions_and_groups_are_joined(api: Api, subtests: pytest.Subtests) -> None:
    ada = await api.person()
    await a_library(api, ada)
    ambient, wet, fast = {"genres": ["ambient"]}, {"tags": {"hasAny": ["wet"]}}, {"bpm": {"atLeast": 120}}
    dry_or_fast = {"join": "ANY", "conditions": [{**wet, "not": True}, fast]}
    expected: list[tuple[dict[str, Any], list[str]]] = [
        (rule(ambient, wet), ["Rain Song"]),
        (rule(ambient, wet, join="ANY"), ["Rain Song", "Snow", "Storm"]),
        (rule(ambient, wet, join="NONE"), ["Song (Live)"]),
        (rule(ambient, groups=[dry_or_fast]), ["Snow"]),
        (rule(groups=[dry_or_fast, {"join": "NONE", "conditions": [ambient]}]), ["Storm", "Song (Live)"]),
        (
            rule({"isLiked": True}, join="ANY", groups=[{"join": "ALL", "conditions": [wet, fast]}]),
            ["Rain Song", "Storm"],
        ),
    ]
    for asked, fits in expected:
        with subtests.test(**asked):
            assert await chosen(ada.client, asked) == fits


async def test_a_smart_playlist_is_made_and_is_never_out_of_date(api: Api) -> None:
    # given a playlist of what Ada likes and has in ambient
    ada = await api.person()
    tracks = await a_library(api, ada)
    asked = rule({"genres": ["Ambient"]}, groups=[{"join": "ANY", "conditions": [{"isLiked": True}]}])
    given = {"title": " Liked ", "rule": asked, "sort": "TITLE_ASC", "limit": 5, "idempotencyKey": "one"}
    made = (await call(ada.client, "createSmartPlaylist", **given))["playlist"]
    assert made == {
        "id": made["id"],
        "title": "Liked",
        "visibility": "PRIVATE",
        "revision": 1,
        "entryCount": 0,
        "canEdit": True,
        "smart": {
            "sort": "TITLE_ASC",
            "limit": 5,
            "rule": {
                "join": "ALL",
                "conditions": [{**NOTHING, "genres": ["Ambient"]}],
                "groups": [{"join": "ANY", "conditions": [{**NOTHING, "isLiked": True}]}],
            },
        },
    }
    assert (await call(ada.client, "createSmartPlaylist", **given))["playlist"] == made
    assert await shown(ada.client, made["id"]) == ["Rain Song"]
    # when she likes more, and something goes into the trash, then the next look shows it
    likes = api.world.get(LikeService)
    await likes.like(ada.caller, tracks["Snow"].id)
    assert await shown(ada.client, made["id"]) == ["Rain Song", "Snow"]
    await api.world.get(TrackTrash).trash(ada.caller, tracks["Rain Song"].id)
    assert await shown(ada.client, made["id"]) == ["Snow"]
    await likes.unlike(ada.caller, tracks["Snow"].id)
    assert await shown(ada.client, made["id"]) == []


async def test_what_was_listened_to_is_forgotten_with_the_history(api: Api) -> None:
    ada = await api.person()
    await a_library(api, ada)
    played = rule({"playCount": {"atLeast": 1}})
    assert await chosen(ada.client, played) == ["Snow", "Storm"]
    await api.world.get(PlayHistory).clear(ada.caller)
    assert await chosen(ada.client, played) == []


async def test_a_rule_is_edited_by_who_has_read_it(api: Api) -> None:
    ada = await api.person()
    await a_library(api, ada)
    playlist = await a_smart_playlist(ada, rule({"genres": ["techno"]}))
    given = {"playlistId": playlist, "expectedRevision": 1, "rule": rule({"isLiked": True}), "limit": 3}
    changed = (await call(ada.client, "editSmartPlaylistRule", **given))["playlist"]
    assert (changed["revision"], changed["smart"]["limit"], changed["smart"]["sort"]) == (2, 3, "CREATED_AT_DESC")
    assert await shown(ada.client, playlist) == ["Rain Song"]
    # the same once more is refused by its revision, and changes nothing at the one of now
    assert (await call(ada.client, "editSmartPlaylistRule", **given))["code"] == "PLAYLIST_CONFLICT"
    again = await call(ada.client, "editSmartPlaylistRule", **{**given, "expectedRevision": 2})
    assert again["playlist"] == changed
    # an ordinary one has no rule
    ordinary = await a_playlist(ada)
    before = await api.contents()
    for name, more in (
        ("editSmartPlaylistRule", {"expectedRevision": 1, "rule": given["rule"]}),
        ("copySmartPlaylist", {}),
    ):
        assert (await call(ada.client, name, playlistId=ordinary, **more))["code"] == "PLAYLIST_NOT_SMART"
    assert await api.contents() == before


async def test_nobody_puts_anything_into_a_smart_playlist_or_opens_it(api: Api) -> None:
    ada = await artist(api)
    tracks = await a_library(api, ada)
    playlist = await a_smart_playlist(ada, rule({"genres": ["techno"]}))
    entry = (await add(ada.client, await a_playlist(ada), tracks["Snow"]))[0]
    before = await api.contents()
    given: list[tuple[str, dict[str, Any]]] = [
        ("addToPlaylist", {"trackIds": [to_base64("Track", tracks["Snow"].id)]}),
        ("movePlaylistEntry", {"entryId": entry}),
        ("removeFromPlaylist", {"entryIds": [entry]}),
        ("updatePlaylist", {"expectedRevision": 1, "visibility": "PUBLIC"}),
        ("updatePlaylist", {"expectedRevision": 1, "visibility": "UNLISTED"}),
        ("setPlaylistInvitation", {"expectedRevision": 1, "isOpen": True}),
    ]
    for name, more in given:
        assert (await lists.call(ada.client, name, playlistId=playlist, **more))["code"] == "PLAYLIST_IS_SMART"
    assert await api.contents() == before
    # what is said of it changes, and it is deleted, as any other
    named = await lists.call(ada.client, "updatePlaylist", playlistId=playlist, expectedRevision=1, title="Loud")
    assert named["playlist"]["title"] == "Loud"
    assert await shown(ada.client, playlist) == ["Storm"]
    assert (await lists.call(ada.client, "deletePlaylist", playlistId=playlist))["deletedId"] == playlist


async def test_it_is_its_owners_alone(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    await a_library(api, ada)
    playlist = await a_smart_playlist(ada, rule({"genres": ["techno"]}))
    before = await api.contents()
    for client in (bob.client, api.anonymous):
        assert (await client.data(SHOWN, id=playlist))["playlist"] is None
    assert (await call(bob.client, "copySmartPlaylist", playlistId=playlist))["code"] == "NOT_FOUND"
    given = {"playlistId": playlist, "expectedRevision": 1, "rule": rule({"isLiked": True})}
    assert (await call(bob.client, "editSmartPlaylistRule", **given))["code"] == "NOT_FOUND"
    assert await chosen(bob.client, rule({"bpm": {"atLeast": 1}})) == []
    told = await api.anonymous.error(PREVIEW, rule=rule({"isLiked": True}))
    assert told["code"] == "UNAUTHENTICATED"
    assert (await call(api.anonymous, "createSmartPlaylist", title="x", rule=given["rule"]))[
        "code"
    ] == "UNAUTHENTICATED"
    assert await api.contents() == before


async def test_a_copy_stays_as_it_was(api: Api) -> None:
    ada = await api.person()
    tracks = await a_library(api, ada)
    playlist = await a_smart_playlist(ada, rule({"bpm": {"atLeast": 1}}), sort="TITLE_DESC", limit=3)
    copied = (await call(ada.client, "copySmartPlaylist", playlistId=playlist, idempotencyKey="k"))["playlist"]
    assert (copied["title"], copied["entryCount"], copied["smart"]) == ("Smart", 3, None)
    again = await call(ada.client, "copySmartPlaylist", playlistId=playlist, idempotencyKey="k")
    assert again["playlist"] == copied
    assert (
        await titles(ada.client, copied["id"]) == await shown(ada.client, playlist) == ["Storm", "Song (Live)", "Snow"]
    )
    # when the library changes, then only the smart one follows, and the copy can be changed
    await add_track(api.world, ada.caller, "Zephyr")
    assert await shown(ada.client, playlist) == ["Zephyr", "Storm", "Song (Live)"]
    await add(ada.client, copied["id"], tracks["Rain Song"], atStart=True)
    assert await shown(ada.client, copied["id"]) == ["Rain Song", "Storm", "Song (Live)", "Snow"]
    empty = await a_smart_playlist(ada, rule({"genres": ["polka"]}))
    named = (await call(ada.client, "copySmartPlaylist", playlistId=empty, title="None"))["playlist"]
    assert (named["title"], named["entryCount"]) == ("None", 0)


async def walked(person: Person, first: int, **given: Any) -> list[str]:
    found: list[str] = []
    after, more = None, True
    while more:
        page = (await person.client.data(PREVIEW, first=first, after=after, **given))["found"]
        found += [edge["node"]["title"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return found


async def test_pages_end_at_the_limit_and_cursors_hold(api: Api) -> None:
    # given ten tracks of which two share each title
    ada = await api.person()
    for number in range(10):
        await add_track(api.world, ada.caller, f"Song {number // 2}")
    asked: dict[str, Any] = {"rule": rule({"title": {"hasWords": "song"}}), "sort": "TITLE_ASC"}
    whole = [f"Song {number // 2}" for number in range(10)]
    # when they are walked in pages of every size, then each comes once, up to the limit
    for first in (1, 3, 10, 100):
        assert await walked(ada, first, **asked) == whole
        assert await walked(ada, first, limit=7, **asked) == whole[:7]
    # and a walk goes on behind its place, and to its limit, whatever comes before it
    page = (await ada.client.data(PREVIEW, first=3, limit=5, **asked))["found"]
    await add_track(api.world, ada.caller, "A Song")
    rest = (await ada.client.data(PREVIEW, limit=5, after=page["pageInfo"]["endCursor"], **asked))["found"]
    assert [edge["node"]["title"] for edge in rest["edges"]] == ["Song 1", "Song 2"]
    assert rest["pageInfo"]["hasNextPage"] is False
    # a cursor is one of its order
    cursor = page["pageInfo"]["endCursor"]
    told = await ada.client.error(PREVIEW, **{**asked, "sort": "TITLE_DESC"}, after=cursor)
    assert told == issue("after", "'after' is a cursor of another order. Begin again without it.")
    for changed in (from_base64(cursor)[1][1:], "-1.x", "99999999.x", "²." + from_base64(cursor)[1][2:]):
        told = await ada.client.error(PREVIEW, **asked, after=to_base64("cursor", changed))
        assert told == issue("after", "'after' is not a cursor of this list.")


async def test_what_is_wrong_with_a_rule_is_told_by_its_place(api: Api, subtests: pytest.Subtests) -> None:
    ada = await api.person()
    good, many = {"genres": ["jazz"]}, [f"tag {number}" for number in range(21)]
    span = {"after": "2026-01-02T00:00:00Z", "before": "2026-01-01T00:00:00Z"}
    wrong: list[tuple[dict[str, Any], list[str]]] = [
        (rule(), ["rule"]),
        (rule(*([good] * 41)), ["rule"]),
        (rule(groups=[{"join": "ANY", "conditions": [good]}] * 11), ["rule.groups"]),
        (rule(good, groups=[{"join": "ANY", "conditions": []}]), ["rule.groups[0].conditions"]),
        (rule({}, good, {"title": {}}), ["rule.conditions[0]", "rule.conditions[2]"]),
        (
            rule(groups=[{"join": "ANY", "conditions": [good, {**good, "isLiked": True}]}]),
            ["rule.groups[0].conditions[1]"],
        ),
        (rule({"title": {"beginsWith": "a", "hasWords": "b"}}), ["rule.conditions[0]"]),
        (rule({"title": {"beginsWith": " "}}), ["rule.conditions[0].title.beginsWith"]),
        (rule({"artist": {"hasWords": "?"}}), ["rule.conditions[0].artist.hasWords"]),
        (rule({"text": " ".join(many)}), ["rule.conditions[0].text"]),
        (rule({"genres": []}), ["rule.conditions[0].genres"]),
        (
            rule({"tags": {"hasAll": many}}, {"tags": {"hasAny": []}}),
            ["rule.conditions[0].tags.hasAll", "rule.conditions[1].tags.hasAny"],
        ),
        (rule({"title": {"oneOf": ["x" * 201]}}), ["rule.conditions[0].title.oneOf"]),
        (rule({"keys": ["A minor", "H"]}), ["rule.conditions[0].keys"]),
        (rule({"bpm": {}}), ["rule.conditions[0].bpm"]),
        (rule({"energy": {"atLeast": 1, "atMost": 0.5}}), ["rule.conditions[0].energy.atLeast"]),
        (rule({"createdAt": {}}), ["rule.conditions[0].createdAt"]),
        (rule({"createdAt": {"withinDays": 1, **span}}), ["rule.conditions[0].createdAt"]),
        (rule({"createdAt": span}), ["rule.conditions[0].createdAt.after"]),
        (rule({"lastPlayedAt": {"withinDays": 0}}), ["rule.conditions[0].lastPlayedAt.withinDays"]),
    ]
    playlist = await a_smart_playlist(ada, rule(good))
    before = await api.contents()
    for asked, paths in wrong:
        with subtests.test(paths=paths):
            told = await call(ada.client, "createSmartPlaylist", title="x", rule=asked)
            assert [each["path"] for each in told["issues"]] == paths
            given = {"playlistId": playlist, "expectedRevision": 1, "rule": asked}
            assert (await call(ada.client, "editSmartPlaylistRule", **given))["issues"] == told["issues"]
            assert (await ada.client.error(PREVIEW, rule=asked))["issues"] == told["issues"]
    for limit in (0, 10_001):
        told = await call(ada.client, "createSmartPlaylist", title="", rule=rule(good), limit=limit)
        assert [each["path"] for each in told["issues"]] == ["title", "limit"]
    assert await api.contents() == before


async def test_a_look_takes_a_bounded_number_of_queries(api: Api, commands: CommandLog) -> None:
    ada = await api.person()
    await a_library(api, ada)
    common = {"bpm": {"atLeast": 1}, "not": True}
    playlist = await a_smart_playlist(ada, rule({"isLiked": True}, {"playCount": {"atLeast": 1}}, common))
    ordinary = await a_playlist(ada)
    with commands.listening() as sent:
        await shown(ada.client, playlist)
    assert sorted(sent) == ["aggregate plays", "find likes", "find playlists", "find tracks"]
    # what no index holds is not looked for in one
    with commands.listening() as sent:
        await chosen(ada.client, rule(common, *({"kinds": ["UPLOADED"], "not": True} for _ in range(30))))
    assert sent == ["find tracks"]
    # and the tracks of an ordinary one are read as its entries are
    with commands.listening() as sent:
        await shown(ada.client, ordinary)
    assert sent == ["find playlists", "aggregate playlist_entries"]


async def test_a_key_without_the_library_sees_no_rule_at_work(api: Api) -> None:
    ada = await api.person()
    other = next(scope for scope in Scope if scope is not Scope.LIBRARY)
    _, key = await api.world.get(ApiKeyService).create(ada.caller, "robot", [other])
    told = await api.anonymous.with_token(key).error(PREVIEW, rule=rule({"isLiked": True}))
    assert told["code"] == "FORBIDDEN"


async def test_a_rule_is_told_and_erased_with_its_owner(api: Api) -> None:
    ada = await api.person()
    await a_library(api, ada)
    await a_smart_playlist(ada, rule({"text": "quokka"}))
    personal, account = api.world.get(PlaylistPersonalData), ada.caller.require()
    (kept,) = (await personal.export(account, timedelta(hours=1)))["playlists"]
    (condition,) = kept["smart"]["conditions"]
    assert condition == {"subject": "text", "match": "has_words", "text": "quokka", "is_negated": False}
    await personal.erase(Erasure(account, "somebody"))
    assert await api.world.documents("playlists") == []


async def test_an_ordinary_playlist_lists_its_tracks_as_well(api: Api) -> None:
    ada, bob = await artist(api), await api.person("Bob")
    public = await share(api, ada, (await add_track(api.world, ada.caller, "Open")).id)
    evening = await a_playlist(ada)
    await add(ada.client, evening, public, await add_track(api.world, ada.caller, "Closed"), public)
    await lists.call(ada.client, "updatePlaylist", playlistId=evening, expectedRevision=1, visibility="PUBLIC")
    assert await shown(ada.client, evening) == ["Open", "Closed", "Open"]
    assert await shown(bob.client, evening) == ["Open", "Open"]
    page = (await bob.client.data(SHOWN, id=evening, first=2))["playlist"]["tracks"]
    assert [edge["node"]["title"] for edge in page["edges"]] == ["Open"]
    rest = (await bob.client.data(SHOWN, id=evening, after=page["pageInfo"]["endCursor"]))["playlist"]["tracks"]
    assert [edge["node"]["title"] for edge in rest["edges"]] == ["Open"]


async def test_a_key_of_another_input_is_told(api: Api) -> None:
    ada = await api.person()
    given = {"title": "New", "idempotencyKey": "one"}
    asked = rule({"createdAt": {"after": "2026-01-01T00:00:00Z"}})
    made = await call(ada.client, "createSmartPlaylist", **given, rule=asked)
    assert await call(ada.client, "createSmartPlaylist", **given, rule=asked) == made
    other = await call(ada.client, "createSmartPlaylist", **given, rule=asked, limit=3)
    assert other["code"] == "IDEMPOTENCY_CONFLICT"
