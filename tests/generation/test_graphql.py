"""Asking for songs through the public API."""

import asyncio
from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.credits.services.wallets import CreditWallets
from domain.music.genres import GENRES
from domain.music.instruments import INSTRUMENTS
from domain.music.meters import METERS
from domain.music.moods import MOODS
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track

GENERATE = """
mutation($input: GenerateTrackInput!) {
  generateTrack(input: $input) {
    __typename
    ... on GenerateTrackSuccess { job {
      id status stage progress etaSeconds isPlayable attempt queuePosition startedAt finishedAt problem { code }
      prompt title durationSeconds seed modelId trackId track { id } brief { genre }
    } }
    ... on Problem { code message }
    ... on ValidationFailed { issues { path message } }
    ... on UnknownModel { modelId available }
    ... on IdempotencyConflict { idempotencyKey }
  }
}
"""
JOBS = """
{ jobs(first: 100) { edges { node {
  id status queuePosition
  ... on GenerationJob { prompt title seed trackId brief { genre } track { title currentVersion { seed } } }
} } } }
"""
INTERPRET = """
query($input: GenerateTrackInput!) { interpretPrompt(input: $input) {
  genre mood bpm keyScale meter instruments excludedInstruments energy sections instrumental sources { field source }
} }
"""
SIGN_IN_FIRST = "Sign in first, then send the access token as 'Authorization: Bearer …'."


async def generate(person: Person, **fields: Any) -> dict[str, Any]:
    wish = {"prompt": "calm piano", "durationSeconds": 6, **fields}
    found: dict[str, Any] = (await person.client.data(GENERATE, input=wish))["generateTrack"]
    return found


def unknown(path: str, value: str, known: Any) -> tuple[str, str]:
    return path, f"{value!r} is not known here. Choose one of: {', '.join(known)}."


EMPTY = ("prompt", "Describe the music you want, for example 'calm lofi beat with piano'.")
BAD_DURATION = "durationSeconds must be between 5 and 600 seconds, not {}."
BAD_BPM = "bpm must be between 30 and 240 beats per minute, not {}."


async def test_an_accepted_wish_is_a_queued_job(api: Api) -> None:
    ada = await api.person()
    # when Ada asks for a song
    job = (await generate(ada, prompt="  slow waltz ", title="Round", seed=7))["job"]
    # then it waits as the first in the queue, and tells what was asked for
    (record,) = await api.world.documents("generations")
    assert job == {
        "id": to_base64("GenerationJob", record["_id"]),
        "status": "QUEUED",
        "stage": "WAITING",
        "progress": 0.0,
        "etaSeconds": 2.7,
        "isPlayable": False,
        "attempt": 1,
        "queuePosition": 0,
        "startedAt": None,
        "finishedAt": None,
        "problem": None,
        "prompt": "  slow waltz ",
        "title": None,
        "durationSeconds": 6.0,
        "seed": 7,
        "modelId": "score-tiny",
        "trackId": to_base64("Track", record["track_id"]),
        "track": None,
        "brief": None,
    }
    # and its message is in the queue and no longer in the outbox
    (message,) = api.world.queue.messages
    assert (message.kind, message.job_id, message.attempt) == ("generate_track", record["_id"], 1)
    assert await api.world.documents("job_outbox") == []


@pytest.mark.parametrize(
    ("lacks", "wish", "model"),
    [
        ((), {}, "score-tiny"),
        (("score_tiny",), {}, "composer"),
        # which the trained model has no word for
        ((), {"energy": 0.9}, "composer"),
        ((), {"modelId": "composer"}, "composer"),
        (("score_tiny",), {"modelId": "score-tiny"}, "score-tiny"),
    ],
)
async def test_a_wish_that_names_no_model_gets_the_one_that_suits(
    api: Api, lacks: tuple[str, ...], wish: dict[str, Any], model: str
) -> None:
    api.world.engine.lacks = lacks
    ada = await api.person()
    assert (await generate(ada, **wish))["job"]["modelId"] == model
    (record,) = await api.world.documents("generations")
    assert record["request"]["model_id"] == model


async def test_a_server_of_models_that_is_away_leaves_the_choice_to_the_composer(api: Api) -> None:
    ada = await api.person()
    api.world.engine.is_down = True
    assert (await generate(ada))["job"]["modelId"] == "composer"


async def test_a_queue_that_is_down_does_not_keep_a_wish_from_being_accepted(api: Api) -> None:
    ada = await api.person()
    api.world.queue.is_down = True
    assert (await generate(ada))["__typename"] == "GenerateTrackSuccess"
    (line,) = await api.world.documents("job_outbox")
    (job,) = await api.world.documents("jobs")
    assert (line["job_id"], line["attempt"]) == (job["_id"], 1)


REFUSED: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"prompt": ""}, [EMPTY]),
    ({"prompt": " \n\t  "}, [EMPTY]),
    ({"prompt": "p" * 10_000}, [("prompt", "The prompt has 10,000 characters; at most 2,000 are read.")]),
    ({"prompt": "p" * 2001}, [("prompt", "The prompt has 2,001 characters; at most 2,000 are read.")]),
    ({"title": " "}, [("title", "A title has 1 to 120 characters.")]),
    ({"title": "t" * 121}, [("title", "A title has 1 to 120 characters.")]),
    ({"durationSeconds": 0}, [("durationSeconds", BAD_DURATION.format("0"))]),
    ({"durationSeconds": -1e300}, [("durationSeconds", BAD_DURATION.format("-1e+300"))]),
    ({"durationSeconds": 3601}, [("durationSeconds", BAD_DURATION.format("3601"))]),
    ({"bpm": 5}, [("bpm", BAD_BPM.format("5"))]),
    ({"bpm": 999}, [("bpm", BAD_BPM.format("999"))]),
    ({"energy": 1.01}, [("energy", "energy must be between 0 and 1, not 1.01.")]),
    ({"genre": "polkacore"}, [unknown("genre", "polkacore", GENRES)]),
    ({"mood": "Happy!"}, [unknown("mood", "Happy!", MOODS)]),
    ({"meter": "4"}, [unknown("meter", "4", METERS)]),
    ({"keyScale": "K minor"}, [("keyScale", "'K minor' is not a key. Write it like 'A minor' or 'F#'.")]),
    ({"instruments": ["kazoo"]}, [unknown("instruments", "kazoo", INSTRUMENTS)]),
    ({"excludedInstruments": ["kazoo"]}, [unknown("excludedInstruments", "kazoo", INSTRUMENTS)]),
    (
        {"instruments": ["piano", "violin"], "excludedInstruments": ["piano"]},
        [("excludedInstruments", "Wanted and excluded at the same time: piano.")],
    ),
    ({"instruments": list(INSTRUMENTS)[:9]}, [("instruments", "At most 8 instruments can be asked for.")]),
    ({"idempotencyKey": ""}, [("idempotencyKey", "An idempotency key has 1 to 255 characters.")]),
    ({"idempotencyKey": "k" * 256}, [("idempotencyKey", "An idempotency key has 1 to 255 characters.")]),
    (
        {"prompt": "", "durationSeconds": 0, "bpm": 5, "genre": "polkacore", "modelId": "nope"},
        [
            EMPTY,
            ("durationSeconds", BAD_DURATION.format("0")),
            ("bpm", BAD_BPM.format("5")),
            unknown("genre", "polkacore", GENRES),
        ],
    ),
]


async def test_a_wish_that_cannot_be_accepted_names_every_field_and_changes_nothing(
    api: Api, subtests: pytest.Subtests
) -> None:
    ada = await api.person()
    before = await api.contents()
    for fields, issues in REFUSED:
        with subtests.test(", ".join(fields), issues=issues):
            assert await generate(ada, **fields) == {
                "__typename": "ValidationFailed",
                "code": "VALIDATION_FAILED",
                "message": " ".join(message for _, message in issues),
                "issues": [{"path": path, "message": message} for path, message in issues],
            }
    assert await api.contents() == before
    assert api.world.queue.messages == []


async def test_the_limits_themselves_are_accepted(api: Api) -> None:
    ada = await api.person(plan="studio")
    accepted: list[dict[str, Any]] = [
        {"prompt": "p" * 2000, "title": "t" * 120, "idempotencyKey": "k" * 255},
        {"durationSeconds": 5, "bpm": 30, "energy": 0, "seed": 0},
        {"durationSeconds": 600, "bpm": 240, "energy": 1, "seed": 2**31 - 1},
        {"variationCount": 1},
        {"instruments": list(INSTRUMENTS)[:8], "excludedInstruments": list(INSTRUMENTS)[8:]},
        {"prompt": "💥 ' \" { } \u0000 $where"},
    ]
    for fields in accepted:
        assert (await generate(ada, **fields))["__typename"] == "GenerateTrackSuccess"
    assert len(await api.world.documents("jobs")) == len(accepted)


async def test_numbers_that_are_none_are_refused(api: Api) -> None:
    ada = await api.person()
    refused = {
        'bpm: "NaN"': 'Float cannot represent non numeric value: "NaN"',
        "seed: 2147483648": "Int cannot represent non 32-bit signed integer value: 2147483648",
        "seed: 1.5": "Int cannot represent non-integer value: 1.5",
    }
    query = 'mutation {{ generateTrack(input: {{prompt: "calm", {}}}) {{ ... on Problem {{ message }} }} }}'
    for literal, message in refused.items():
        assert await ada.client.error(query.format(literal)) == {"code": "BAD_REQUEST", "message": message}
    infinite = await ada.client.data(query.format("bpm: 1e999"))
    assert infinite == {"generateTrack": {"message": BAD_BPM.format("inf")}}
    assert await api.world.documents("jobs") == []


async def test_a_negative_seed_is_refused(api: Api) -> None:
    ada = await api.person()
    answer = await generate(ada, seed=-1)
    assert (answer["__typename"], [issue["path"] for issue in answer["issues"]]) == ("ValidationFailed", ["seed"])
    assert answer["message"].startswith("seed must be between 0 and 2147483647, not ")
    assert answer["message"].endswith(", not -1.")
    assert await api.world.documents("jobs") == []


async def test_an_unknown_model_is_told_with_those_there_are(api: Api) -> None:
    ada = await api.person()
    before = await api.contents()
    assert await generate(ada, modelId="musicgen") == {
        "__typename": "UnknownModel",
        "code": "UNKNOWN_MODEL",
        "message": "There is no model 'musicgen'. Choose one of: composer, score-tiny.",
        "modelId": "musicgen",
        "available": ["composer", "score-tiny"],
    }
    assert await api.contents() == before


async def test_nobody_makes_songs_without_signing_in(edge: Api) -> None:
    # even an input that is wrong in other ways is answered by that alone
    answer = await edge.anonymous.data(GENERATE, input={"prompt": ""})
    assert answer["generateTrack"] == {
        "__typename": "Unauthenticated",
        "code": "UNAUTHENTICATED",
        "message": SIGN_IN_FIRST,
    }
    assert await edge.world.documents("jobs") == []


async def test_a_dead_token_makes_no_songs(api: Api) -> None:
    ada = await api.person()
    api.world.clock.advance(12 * 3600 + 1)
    assert await generate(ada) == {
        "__typename": "Unauthenticated",
        "code": "UNAUTHENTICATED",
        "message": "The access token is not valid or has expired. Sign in again.",
    }
    assert await api.world.documents("jobs") == []


async def test_a_key_used_again_gives_the_first_job_for_a_day(api: Api) -> None:
    ada = await api.person()
    first = (await generate(ada, idempotencyKey="once", instruments=["piano"]))["job"]
    # when the same wish comes again, then it is the same job
    assert (await generate(ada, idempotencyKey="once", instruments=["piano"]))["job"] == first
    # and another wish with that key is refused
    before = await api.contents()
    assert await generate(ada, idempotencyKey="once", instruments=["violin"]) == {
        "__typename": "IdempotencyConflict",
        "code": "IDEMPOTENCY_CONFLICT",
        "message": "The idempotency key 'once' was already used with another input. Use a new key for a new request.",
        "idempotencyKey": "once",
    }
    assert await api.contents() == before
    # and it still is the same job when it is finished
    await api.world.work_off()
    again = (await generate(ada, idempotencyKey="once", instruments=["piano"]))["job"]
    assert (again["id"], again["status"]) == (first["id"], "SUCCEEDED")


async def test_fifty_wishes_at_once_with_one_key_are_one_job(api: Api) -> None:
    ada = await api.person()
    answers = await asyncio.gather(*(generate(ada, idempotencyKey="once") for _ in range(50)))
    assert {answer["__typename"] for answer in answers} == {"GenerateTrackSuccess"}
    assert len({answer["job"]["id"] for answer in answers}) == 1
    assert [len(await api.world.documents(name)) for name in ("jobs", "generations", "job_outbox")] == [1, 1, 0]
    assert len(api.world.queue.messages) == 1
    # and one hold of its price
    holds = [transfer for transfer in await api.world.documents("credit_transfers") if transfer["kind"] == "HOLD"]
    assert [transfer["job_id"] for transfer in holds] == [(await api.world.documents("jobs"))[0]["_id"]]
    assert (await api.world.get(CreditWallets).balance(ada.caller)).held == 3


async def test_a_list_of_jobs_with_all_their_fields_asks_the_database_four_times(
    api: Api, commands: CommandLog
) -> None:
    # given 25 jobs of which the first five have their track, and others who wait as well
    ada, bob = await api.person(plan="studio"), await api.person("Bob", plan="studio")
    await api.world.ask(bob.caller)
    for number in range(25):
        await api.world.ask(ada.caller, prompt=f"song {number}", seed=number)
    for record in sorted(await api.world.documents("generations"), key=lambda record: str(record["_id"]))[1:6]:
        await add_track(api.world, ada.caller, title=record["request"]["prompt"].title(), track_id=record["track_id"])
    # when all of it is read at once
    with commands.listening() as sent:
        edges = (await ada.client.data(JOBS))["jobs"]["edges"]
    # then each job has its own fields
    nodes = [edge["node"] for edge in reversed(edges)]
    assert [(node["prompt"], node["seed"]) for node in nodes] == [(f"song {number}", number) for number in range(25)]
    positions = [node["queuePosition"] for node in nodes]
    assert positions == sorted(set(positions))
    assert positions[-1] == 25
    assert [node["track"] and node["track"]["title"] for node in nodes] == [
        *(f"Song {number}" for number in range(5)),
        *[None] * 20,
    ]
    # and the number of queries does not depend on the number of jobs
    # (what is no track of one's own might be a public one)
    assert sorted(sent) == ["find generations", "find jobs", "find tracks", "find tracks"]


async def test_a_prompt_is_understood_without_making_anything(api: Api) -> None:
    ada = await api.person()
    before = await api.contents()
    wish = {"prompt": "Am, 6/8, brushed drums, no piano", "bpm": 60, "genre": "folk"}
    brief = (await ada.client.data(INTERPRET, input=wish))["interpretPrompt"]
    assert (brief["genre"], brief["bpm"], brief["keyScale"], brief["meter"]) == ("folk", 60.0, "A minor", "6/8")
    assert (brief["instruments"], brief["excludedInstruments"]) == (["brushed drums"], ["piano"])
    sources = {entry["field"]: entry["source"] for entry in brief["sources"]}
    assert (sources["genre"], sources["bpm"], sources["key"], sources["meter"]) == (
        "field",
        "field",
        "prompt",
        "prompt",
    )
    assert await api.contents() == before


async def test_understanding_answers_like_making(api: Api) -> None:
    ada = await api.person()
    error = await ada.client.error(INTERPRET, input={"prompt": "", "bpm": 5})
    assert error["code"] == "VALIDATION_FAILED"
    assert [issue["path"] for issue in error["issues"]] == ["prompt", "bpm"]
    assert (await api.anonymous.error(INTERPRET, input={"prompt": "calm"}))["code"] == "UNAUTHENTICATED"
    api.world.engine.is_down = True
    assert await ada.client.error(INTERPRET, input={"prompt": "calm"}) == {
        "code": "DEPENDENCY_UNAVAILABLE",
        "message": "Triton cannot be reached right now. Nothing is lost; try again in a moment.",
    }


@pytest.mark.parametrize(
    ("is_down", "lacks", "ready"),
    [(False, (), ["composer", "score-tiny"]), (False, ("score_tiny",), ["composer"]), (True, (), [])],
)
async def test_models_say_whether_they_answer(
    api: Api, is_down: bool, lacks: tuple[str, ...], ready: list[str]
) -> None:
    api.world.engine.is_down, api.world.engine.lacks = is_down, lacks
    assert await api.anonymous.data("{ models { id name maxDurationSeconds isReady } }") == {
        "models": [
            {"id": key, "name": name, "maxDurationSeconds": 600.0, "isReady": key in ready}
            for key, name in (("composer", "Composer"), ("score-tiny", "Score Tiny"))
        ]
    }


async def test_the_vocabulary_is_what_the_fields_take(edge: Api) -> None:
    answer = await edge.anonymous.data("{ vocabulary { genres moods instruments meters } }")
    assert answer["vocabulary"] == {
        "genres": list(GENRES),
        "moods": list(MOODS),
        "instruments": list(INSTRUMENTS),
        "meters": list(METERS),
    }
