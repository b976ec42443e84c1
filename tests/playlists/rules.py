"""Smart playlists for tests: a small library that differs in everything a rule can ask, and the calls."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.kit.audio.sound import Character, Estimate
from domain.library.model import Track, VersionKind
from domain.likes.service import LikeService
from tests.graphql.client import GraphQLClient
from tests.graphql.harness import Api, Person
from tests.library.factories import a_track, put_track
from tests.plays.listeners import heard

RULE = """join conditions { ...Asked } groups { join conditions { ...Asked } }"""
ASKED = """fragment Asked on SmartCondition {
  not title { ...Text } artist { ...Text } text genres keys kinds isLiked tags { hasAll hasAny }
  bpm { ...Range } durationSeconds { ...Range } energy { ...Range } playCount { ...Range }
  createdAt { ...Span } lastPlayedAt { ...Span }
}
fragment Text on TextMatch { oneOf beginsWith hasWords }
fragment Range on NumberRange { atLeast atMost }
fragment Span on MomentRange { after before withinDays }"""
PREVIEW = """query($rule: SmartRuleInput!, $sort: TrackSort, $limit: Int, $first: Int! = 20, $after: String) {
  found: smartPlaylistPreview(rule: $rule, sort: $sort, limit: $limit, first: $first, after: $after) {
    edges { cursor node { title } } pageInfo { hasNextPage endCursor }
  }
}"""
SHOWN = """query($id: ID!, $first: Int! = 20, $after: String) { playlist(id: $id) {
  tracks(first: $first, after: $after) { edges { cursor node { title } } pageInfo { hasNextPage endCursor } }
} }"""
PLAYLIST = f"id title visibility revision entryCount canEdit smart {{ sort limit rule {{ {RULE} }} }}"
MONTH = 30 * 24 * 3600.0


def rule(*conditions: Mapping[str, Any], join: str = "ALL", groups: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    return {"join": join, "conditions": list(conditions), "groups": list(groups)}


async def call(client: GraphQLClient, name: str, **given: Any) -> dict[str, Any]:
    """What a mutation of smart playlists answers."""
    kind = name[0].upper() + name[1:]
    query = f"""mutation($input: {kind}Input!) {{ {name}(input: $input) {{
      __typename ... on {kind}Success {{ playlist {{ {PLAYLIST} }} }} ... on Problem {{ code message }}
      ... on ValidationFailed {{ issues {{ path message }} }}
    }} }} {ASKED}"""
    answer: dict[str, Any] = (await client.data(query, input=given))[name]
    return answer


async def a_smart_playlist(person: Person, asked: Mapping[str, Any], **given: Any) -> str:
    """The id of a new one."""
    made = await call(person.client, "createSmartPlaylist", title="Smart", rule=asked, **given)
    found: str = made["playlist"]["id"]
    return found


async def chosen(client: GraphQLClient, asked: Mapping[str, Any], sort: str = "CREATED_AT_ASC") -> list[str]:
    """The titles that a rule chooses, the oldest first if nothing else is said."""
    edges = (await client.data(PREVIEW, rule=asked, sort=sort))["found"]["edges"]
    return [edge["node"]["title"] for edge in edges]


async def shown(client: GraphQLClient, playlist: str) -> list[str]:
    edges = (await client.data(SHOWN, id=playlist, first=100))["playlist"]["tracks"]["edges"]
    return [edge["node"]["title"] for edge in edges]


async def a_library(api: Api, person: Person) -> dict[str, Track]:
    """Four tracks of a month ago, an hour apart; Rain is liked, Snow was played twice, and Storm once, a month ago."""
    said: list[dict[str, Any]] = [
        {"title": "Rain Song", "artist": "Björk", "genre": "Ambient", "tags": ("Wet", "Für Ada"), "description": "tin"},
        {"title": "Snow", "artist": "Björk's Friends", "genre": "ambient", "tags": ("cold",)},
        {"title": "Storm", "artist": "Ada", "genre": "Techno", "tags": ("wet", "loud")},
        {"title": "Song (Live)", "artist": "Ada", "genre": "", "tags": ()},
    ]
    made: list[dict[str, Any]] = [
        {"bpm": 60.0, "key": "A minor", "duration_seconds": 30.0, "energy": 0.1},
        {"bpm": 90.0, "key": "Db major", "duration_seconds": 60.0, "energy": 0.5},
        {"bpm": 120.0, "key": "G major", "duration_seconds": 90.0, "energy": 0.9, "kind": VersionKind.UPLOADED},
        {"bpm": 150.0, "key": "C# major", "duration_seconds": 120.0},
    ]
    api.world.clock.advance(-MONTH)
    found, begin = {}, api.world.clock.now()
    for number, (words, facts) in enumerate(zip(said, made, strict=True)):
        fresh = a_track(api.world, person.caller)
        energy, kind = facts.pop("energy", None), facts.pop("kind", VersionKind.GENERATED)
        facts["analysis"] = replace(fresh.current.analysis, character=None if energy is None else character(energy))
        facts["origin"] = replace(fresh.current.origin, kind=kind)
        moment = begin + timedelta(hours=number)
        track = replace(fresh, **words, created_at=moment, current=replace(fresh.current, **facts))
        found[track.title] = await put_track(api.world, track)
    me = person.caller.require()
    await api.world.get(LikeService).like(person.caller, found["Rain Song"].id)
    await heard(api.world, found["Storm"].id, me, me)
    api.world.clock.advance(MONTH)
    for _ in range(2):
        await heard(api.world, found["Snow"].id, me, me)
    return found


def character(energy: float) -> Character:
    return Character(*(Estimate(value, 0.5) for value in (energy, 0.5, 0.5, 1 - energy)))
