"""Songs by models of sound, through the public API and the worker."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
import strawberry
from strawberry.relay.utils import from_base64

from adapters.memory.audio_engine import TONES
from deploy.embedded import Endpoints
from domain.credits.services.wallets import CreditWallets
from domain.jobs.events import topic_of
from domain.kit.audio.audio_engine import AudioSection
from domain.kit.audio.media import TRAINED_ALGORITHMIC_MEDIA
from domain.kit.queue import QueueName
from tests.graphql.harness import Api, Door, Person, open_api
from tests.world import open_world

MODELS = "{ models { id name kind licence commercialUse isAllowed isReady maxDurationSeconds } }"
GENERATE = """mutation($input: GenerateTrackInput!) { generateTrack(input: $input) { __typename
  ... on GenerateTrackSuccess { job { id trackId versionId } } ... on Problem { code message }
  ... on ValidationFailed { issues { path message } } ... on UnknownModel { available }
} }"""
JOB = """query($id: ID!) { job(id: $id) { status attempt problem { code } creditsCharged
  ... on GenerationJob { title seed modelId durationSeconds brief { genre } sections { prompt seconds } melodyVersionId
    version { kind durationSeconds bpm keyScale meter modelId seed } } } }"""
QUOTE = "query($input: GenerateTrackInput!) { quoteGeneration(input: $input) { credits expectedSeconds } }"
TOLD = replace(TONES, id="told", served="told", name="Told", licence="cc-by-nc-4.0", commercial_use=False)
SILENT = replace(TONES, id="silent", served="silent", name="Silent", licence="unknown", commercial_use=None)


async def asked(person: Person, **fields: Any) -> dict[str, Any]:
    wish = {"prompt": "warm jazz, slowly", "durationSeconds": 6.0, "modelId": "tones", "seed": 5, **fields}
    answer = (await person.client.data(GENERATE, input=wish))["generateTrack"]
    assert isinstance(answer, dict)
    return answer


async def ended(api: Api, person: Person, answer: Mapping[str, Any]) -> dict[str, Any]:
    await api.world.work_off()
    found = (await person.client.data(JOB, id=answer["job"]["id"]))["job"]
    assert isinstance(found, dict)
    return found


@pytest.fixture
def serving(api: Api) -> Api:
    """An installation that somebody has added a model to."""
    api.world.audio.served = (TONES,)
    return api


async def test_a_model_that_was_added_makes_songs(serving: Api) -> None:
    # given a song for which its words and wishes are all there is
    ada = await serving.person()
    answer = await asked(ada, bpm=90, keyScale="Am", instruments=["piano"], energy=0.2, title=None)
    # when a worker makes it
    job = await ended(serving, ada, answer)
    # then it is there, and what nobody wrote down is not told
    assert (job["status"], job["title"], job["modelId"], job["brief"]) == (
        "SUCCEEDED",
        "Warm jazz",
        "tones",
        {"genre": "jazz"},
    )
    assert job["version"] == {
        "kind": "GENERATED",
        "durationSeconds": pytest.approx(6.0, abs=1e-3),
        "bpm": None,
        "keyScale": None,
        "meter": None,
        "modelId": "tones",
        "seed": 5,
    }
    # and the model was told all of it in words, in its owner's turn
    (task,) = serving.world.audio.asked
    words = "90 bpm, in A minor, with piano, calm, warm jazz, slowly"
    assert task.sections == [AudioSection(words, 6.0)]
    assert (task.model, task.seed, task.queue) == ("tones", 5, QueueName.STANDARD)
    # and no file claims to be a score
    (version,) = await serving.world.documents("versions")
    kinds = {asset["kind"] for asset in version["assets"]}
    assert kinds == {"MASTER", "DOWNLOAD", "WAVEFORM", "COVER", "PICTURE"}
    # and the price of models without one of their own was charged: 2 and 3 for each ten seconds
    assert job["creditsCharged"] == 5


async def test_progress_is_that_of_the_seconds_made(serving: Api) -> None:
    ada = await serving.person()
    answer = await asked(ada)
    await ended(serving, ada, answer)
    job_id = from_base64(answer["job"]["id"])[1]
    told = [event.data for event in serving.world.events.topics[topic_of(job_id)]]
    stages = list(dict.fromkeys(data["stage"] for data in told))
    assert stages == ["WAITING", "UNDERSTANDING", "SYNTHESIZING", "RENDERING", "FINALIZING", "DONE"]
    rendering = [data["progress"] for data in told if data["stage"] == "RENDERING" and data["is_playable"]]
    assert len(rendering) > 1
    assert rendering == sorted(rendering)


async def test_what_the_files_say_of_it(serving: Api) -> None:
    # given a model whose licence is that of its songs
    serving.world.audio.served = (replace(TONES, licence="cc-by-4.0"),)
    ada = await serving.person()
    await ended(serving, ada, await asked(ada))
    (master,) = [data for key, (data, _) in serving.world.blobs.objects.items() if key.endswith("master.flac")]
    with av.open(io.BytesIO(master)) as container:
        said = {name.upper(): value for name, value in container.metadata.items()}
    assert (said["LICENSE"], said["TITLE"]) == ("cc-by-4.0", "Warm jazz")
    assert TRAINED_ALGORITHMIC_MEDIA in said.values()
    assert {"BPM", "KEY", "INITIALKEY"}.isdisjoint(said)


async def test_a_song_changes_its_words_part_by_part(serving: Api) -> None:
    ada = await serving.person()
    parts = [{"prompt": "only drums", "seconds": 4.0}, {"prompt": "", "seconds": 8.5}]
    answer = await asked(ada, sections=parts, durationSeconds=60.0)
    job = await ended(serving, ada, answer)
    # then the song is as long as its parts, and each knows the whole prompt
    assert (job["status"], job["durationSeconds"]) == ("SUCCEEDED", 12.5)
    assert (job["sections"], job["melodyVersionId"]) == (parts, None)
    (task,) = serving.world.audio.asked
    whole = "warm jazz, slowly"
    assert task.sections == [AudioSection(f"only drums, {whole}", 4.0), AudioSection(whole, 8.5)]


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ({"durationSeconds": 121.0}, "durationSeconds", "Tones makes at most 120 seconds, not 121."),
        (
            {"sections": [{"prompt": "a", "seconds": 100.0}, {"prompt": "b", "seconds": 21.0}]},
            "sections",
            "Tones makes at most 120 seconds, not 121.",
        ),
        (
            {"excludedInstruments": ["flute"]},
            "excludedInstruments",
            "Tones can only be told what to play. Describe what you want instead, or choose the composer.",
        ),
        (
            {"sections": [{"prompt": "a", "seconds": 0.5}, {"prompt": "b", "seconds": 21.0}]},
            "sections[0].seconds",
            "sections[0].seconds must be between 1 and 600 seconds, not 0.5.",
        ),
        (
            {"sections": [{"prompt": "", "seconds": 2.0}] * 17},
            "sections",
            "A song has at most 16 sections, not 17.",
        ),
        (
            {"prompt": "a" * 1999, "sections": [{"prompt": "bcd", "seconds": 9.0}]},
            "sections[0].prompt",
            "With all wishes it has 2,004 characters; at most 2,000 are read.",
        ),
        (
            {"modelId": "composer", "sections": [{"prompt": "a", "seconds": 10.0}]},
            "sections",
            "Composer finds the form by itself. Leave the sections out, or choose a model of the kind AUDIO.",
        ),
    ],
)
async def test_what_a_model_cannot_do_is_told_before_it_costs(
    serving: Api, fields: dict[str, Any], path: str, message: str
) -> None:
    ada = await serving.person()
    before = await serving.contents()
    answer = await asked(ada, **fields)
    assert (answer["__typename"], answer["issues"]) == ("ValidationFailed", [{"path": path, "message": message}])
    assert await serving.contents() == before


async def test_the_quote_knows_its_price_and_its_pace(serving: Api) -> None:
    ada = await serving.person()
    wish = {"prompt": "warm jazz", "durationSeconds": 60.0}
    own = (await ada.client.data(QUOTE, input=wish))["quoteGeneration"]
    added = (await ada.client.data(QUOTE, input={**wish, "modelId": "tones"}))["quoteGeneration"]
    assert (own["credits"], added["credits"]) == (8, 20)
    assert added["expectedSeconds"] > 3 * own["expectedSeconds"]


async def test_models_tell_their_kind_and_terms(api: Api) -> None:
    api.world.audio.served = (TONES, TOLD, SILENT)
    listed = {model["id"]: model for model in (await api.anonymous.data(MODELS))["models"]}
    assert list(listed) == ["composer", "score-tiny", "tones", "told", "silent"]
    assert {model["kind"] for model in listed.values()} == {"SCORE", "AUDIO"}
    told = ("licence", "commercialUse", "isAllowed", "isReady", "maxDurationSeconds")
    assert [[listed[name][field] for field in told] for name in ("tones", "told", "silent")] == [
        ["apache-2.0", True, True, True, 120.0],
        ["cc-by-nc-4.0", False, False, True, 120.0],
        ["unknown", None, True, True, 120.0],
    ]


async def test_a_model_without_commercial_use_is_refused(api: Api) -> None:
    api.world.audio.served = (TOLD,)
    ada = await api.person()
    before = await api.contents()
    assert await asked(ada, modelId="told") == {
        "__typename": "ModelNotAllowed",
        "code": "MODEL_NOT_ALLOWED",
        "message": "Told is licensed under cc-by-nc-4.0, which forbids commercial use, so it is not offered here. "
        "Choose a model of which `models` says that it is allowed.",
    }
    assert await api.contents() == before


async def test_a_server_may_allow_such_models(
    endpoints: Endpoints, tmp_path: Path, door: Door, schema: strawberry.Schema
) -> None:
    settings = {"CADENZA_MODELS_NON_COMMERCIAL": "true"}
    async with (
        open_world(endpoints.mongo_url, tmp_path, settings=settings) as world,
        open_api(world, door, schema) as api,
    ):
        world.audio.served = (TOLD,)
        ada = await api.person()
        job = await ended(api, ada, await asked(ada, modelId="told"))
        (told,) = [model for model in (await api.anonymous.data(MODELS))["models"] if model["id"] == "told"]
    assert (job["status"], told["isAllowed"], told["commercialUse"]) == ("SUCCEEDED", True, False)


async def test_while_only_the_added_models_are_away_our_own_are_ready(serving: Api) -> None:
    serving.world.audio.is_down = True
    listed = {model["id"]: model["isReady"] for model in (await serving.anonymous.data(MODELS))["models"]}
    assert listed == {"composer": True, "score-tiny": True}


async def test_a_server_that_does_not_answer_is_not_asked_again_for_a_while(serving: Api) -> None:
    ada = await serving.person()
    serving.world.audio.is_down = True
    document = "mutation($input: GenerateTrackInput!) { generateTrack(input: $input) { __typename } }"
    wish = {"prompt": "warm jazz", "modelId": "tones"}
    assert (await ada.client.ask(document, input=wish)).problem["code"] == "DEPENDENCY_UNAVAILABLE"
    serving.world.audio.is_down = False
    assert (await ada.client.ask(document, input=wish)).problem["code"] == "DEPENDENCY_UNAVAILABLE"
    serving.world.clock.advance(10)
    assert (await asked(ada))["__typename"] == "GenerateTrackSuccess"


async def test_while_the_server_is_away_what_it_had_is_told_and_believed(serving: Api) -> None:
    ada = await serving.person()
    assert (await asked(ada))["__typename"] == "GenerateTrackSuccess"
    serving.world.audio.is_down = serving.world.engine.is_down = True
    serving.world.clock.advance(10)
    listed = {model["id"]: model["isReady"] for model in (await serving.anonymous.data(MODELS))["models"]}
    assert listed == {"composer": False, "score-tiny": False, "tones": False}
    # and a song is accepted, as it would be of our own models
    assert (await asked(ada))["__typename"] == "GenerateTrackSuccess"


async def test_whoever_was_never_asked_may_not_say_that_there_is_none(api: Api) -> None:
    ada = await api.person()
    api.world.audio.is_down = True
    answer = await ada.client.ask(GENERATE, input={"prompt": "warm jazz", "modelId": "tones"})
    assert answer.problem["code"] == "DEPENDENCY_UNAVAILABLE"
    assert await api.world.documents("jobs") == []


async def test_a_model_that_breaks_is_tried_again(serving: Api) -> None:
    ada = await serving.person()
    answer = await asked(ada)
    serving.world.audio.fail_at_chunk = 1
    await serving.world.work_one()
    serving.world.audio.fail_at_chunk = None
    job = await ended(serving, ada, answer)
    assert (job["status"], job["attempt"]) == ("SUCCEEDED", 2)
    # with the same wish
    first, second = serving.world.audio.asked
    assert first == second


async def test_a_model_that_was_removed_fails_the_song_and_nothing_is_charged(serving: Api) -> None:
    ada = await serving.person()
    answer = await asked(ada)
    serving.world.audio.served = ()
    serving.world.clock.advance(10)
    job = await ended(serving, ada, answer)
    assert (job["status"], job["problem"]) == ("FAILED", {"code": "DEPENDENCY_UNAVAILABLE"})
    assert (await serving.world.get(CreditWallets).balance(ada.caller)).held == 0


async def test_its_songs_have_no_notes_to_change(serving: Api) -> None:
    ada = await serving.person()
    answer = await asked(ada)
    await ended(serving, ada, answer)
    document = "mutation($input: VaryTrackInput!) { varyTrack(input: $input) { ... on Problem { code } } }"
    given = {"versionId": answer["job"]["versionId"]}
    assert (await ada.client.data(document, input=given))["varyTrack"] == {"code": "NO_SCORE"}


async def test_a_model_is_found_as_soon_as_it_is_served(api: Api) -> None:
    # given an API that has just asked which models there are
    ada = await api.person()
    assert (await asked(ada))["available"] == ["composer", "score-tiny"]

    # when one is added a moment later
    api.world.audio.served = (TONES,)
    api.world.clock.advance(1)

    # then it makes songs, though the list of models is not asked for anew each time
    assert (await asked(ada))["__typename"] == "GenerateTrackSuccess"
