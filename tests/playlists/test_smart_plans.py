"""How MongoDB looks for what a rule chooses: at no library for the sake of a few tracks, and never sorting one."""

from dataclasses import replace
from typing import Any

import pytest

from domain.library.stores.looking import RARE
from domain.library.stores.records import track_record
from tests.graphql.harness import Api, Person
from tests.library.factories import a_track
from tests.playlists.rules import a_library, character, chosen, rule

CROWD = 300


async def a_crowd(api: Api, person: Person, count: int = CROWD) -> None:
    """Tracks that nobody asks for."""
    rows = []
    for number in range(count):
        track = a_track(api.world, person.caller, f"Other {number}")
        facts = replace(track.current, bpm=200.0, key="B minor", duration_seconds=300.0)
        facts = replace(facts, analysis=replace(facts.analysis, character=character(0.3)))
        said = replace(track, artist="Zoe", genre="polka", tags=("other",), current=facts)
        rows.append(track_record(said).model_dump(exclude={"revision_id"}))
    tracks = api.world.client[api.world.database]["tracks"]
    await tracks.insert_many([{"_id": row.pop("id"), **row} for row in rows])


async def looked(api: Api, person: Person, asked: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """What a rule chooses, and what the one query for it took."""
    database = api.world.client[api.world.database]
    await database.command("profile", 2)
    found = await chosen(person.client, asked)
    await database.command("profile", 0)
    (seen,) = await database["system.profile"].find({"op": "query", "ns": f"{database.name}.tracks"}).to_list()
    await database.drop_collection("system.profile")
    return found, seen


RARE_ONES: list[dict[str, Any]] = [
    {"title": {"oneOf": ["snow"]}},
    {"title": {"beginsWith": "ra"}},
    {"title": {"hasWords": "son"}},
    {"artist": {"oneOf": ["Björk"]}},
    {"artist": {"beginsWith": "bj"}},
    {"text": "tin"},
    {"genres": ["ambient"]},
    {"tags": {"hasAll": ["wet", "loud"]}},
    {"tags": {"hasAny": ["wet", "loud"]}},
    {"keys": ["C# major"]},
    {"bpm": {"atMost": 120}},
    {"durationSeconds": {"atMost": 60}},
    {"energy": {"atLeast": 0.5}},
    {"valence": {"atMost": 0.5}},
    {"isLiked": True},
    {"playCount": {"atLeast": 1}},
    {"lastPlayedAt": {"withinDays": 7}},
]


async def test_a_rare_condition_leads_to_its_tracks(api: Api, subtests: pytest.Subtests) -> None:
    # given four tracks among many
    ada = await api.person()
    await a_library(api, ada)
    await a_crowd(api, ada)
    for condition in RARE_ONES:
        for asked in (rule(condition), rule({"kinds": ["GENERATED", "UPLOADED"]}, condition)):
            with subtests.test(**asked):
                # when a rule asks for one of them, also behind something that no index holds
                found, seen = await looked(api, ada, asked)
                # then no others are looked at
                assert 1 <= len(found) <= seen["docsExamined"] <= 4
                assert seen["keysExamined"] <= 12


async def test_any_of_rare_conditions_looks_at_each_alone(api: Api) -> None:
    ada = await api.person()
    await a_library(api, ada)
    await a_crowd(api, ada)
    asked = rule({"genres": ["techno"]}, {"text": "tin"}, {"keys": ["C# major"]}, join="ANY")
    found, seen = await looked(api, ada, asked)
    assert found == ["Rain Song", "Snow", "Storm", "Song (Live)"]
    assert seen["docsExamined"] <= 8


async def test_what_most_tracks_fit_is_read_along_the_order(api: Api) -> None:
    # given more tracks of one artist than are looked at one by one
    ada = await api.person()
    await a_library(api, ada)
    await a_crowd(api, ada, RARE)
    for asked in (
        rule({"artist": {"oneOf": ["zoe"]}}),
        rule({"genres": ["ambient"], "not": True}),
        rule({"genres": ["polka"]}, {"isLiked": False}, join="ANY"),
    ):
        found, seen = await looked(api, ada, asked)
        # then a page is a part of the index of the order, and nothing is sorted
        assert len(found) == 20
        assert "hasSortStage" not in seen
        assert seen["docsExamined"] <= 21 + 4
