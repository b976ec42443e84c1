"""Recordings that a model of sound goes on with, or whose melody it follows, by the public API and the worker."""

import io
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import strawberry
from strawberry.relay.utils import from_base64, to_base64

from adapters.media.studio import FfmpegStudio
from adapters.memory.audio_engine import MELODIC, TONES
from deploy.embedded import Endpoints
from domain.generation.services.continue_sound import HEARD_FRAMES, LEAD_FRAMES
from domain.kit.audio.media import SEGMENT_RATE, Audio
from domain.kit.ids import new_id
from tests.graphql.harness import Api, Door, Person, open_api
from tests.uploads.bringing import brought
from tests.uploads.sounds import WAV_16, encoded, tones
from tests.world import open_world

EXTEND = """mutation($input: ExtendTrackInput!) { extendTrack(input: $input) { __typename
  ... on ExtendTrackSuccess { job { id trackId versionId } } ... on Problem { code message }
  ... on ValidationFailed { issues { path message } }
} }"""
JOB = """query($id: ID!) { job(id: $id) { status problem { code } creditsCharged
  ... on GenerationJob { title durationSeconds edit { ... on Extension { seconds } }
    sections { prompt } melodyVersionId melodyVersion { id durationSeconds }
    version { kind durationSeconds bpm modelId parent { id } } } } }"""
QUOTE = "query($input: ExtendTrackInput!) { quoteExtension(input: $input) { credits } }"
HEARING = "{ models { id hearsMelodies } }"
TERMS = "query($id: ID!) { node(id: $id) { ... on Version { licences commercialUse } } }"
SECONDS = 14.0


@pytest.fixture
async def sounding(
    endpoints: Endpoints, tmp_path: Path, door: Door, schema: strawberry.Schema
) -> AsyncGenerator[Api, None]:
    """An installation that has a model of sound, and files that sound."""
    async with (
        open_world(endpoints.mongo_url, tmp_path, FfmpegStudio()) as world,
        open_api(world, door, schema) as opened,
    ):
        world.audio.served = (TONES,)
        yield opened


async def uploaded(api: Api, person: Person, audio: Audio) -> str:
    """The version of a recording."""
    upload, _ = await brought(api.world, person.caller, encoded(audio, WAV_16), title="Rain")
    await api.world.work_off()
    return to_base64("Version", upload.version_id)


async def extended(api: Api, person: Person, version: str, **fields: Any) -> dict[str, Any]:
    wish = {"versionId": version, "seconds": 6.0, "modelId": "tones", "seed": 3, **fields}
    answer = (await person.client.data(EXTEND, input=wish))["extendTrack"]
    assert answer["__typename"] == "ExtendTrackSuccess", answer
    await api.world.work_off()
    job = (await person.client.data(JOB, id=answer["job"]["id"]))["job"]
    assert isinstance(job, dict)
    return {**job, "versionId": answer["job"]["versionId"]}


async def master(api: Api, version: str) -> Audio:
    """What is in its FLAC, [frames, 2]."""
    (record,) = [record for record in await api.world.documents("versions") if record["_id"] == from_base64(version)[1]]
    (key,) = [asset["key"] for asset in record["assets"] if asset["kind"] == "MASTER"]
    with av.open(io.BytesIO(api.world.blobs.objects[key][0]), mode="r") as container:
        resampler = av.AudioResampler(format="flt", layout="stereo", rate=SEGMENT_RATE)
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in frames])


async def copyright_of(api: Api, version: str) -> str:
    """The licence that its FLAC tells of."""
    (record,) = [record for record in await api.world.documents("versions") if record["_id"] == from_base64(version)[1]]
    (key,) = [asset["key"] for asset in record["assets"] if asset["kind"] == "MASTER"]
    with av.open(io.BytesIO(api.world.blobs.objects[key][0]), mode="r") as container:
        tags = {name.upper(): value for name, value in container.metadata.items()}
    return tags["LICENSE"]


async def test_an_upload_goes_on_behind_its_end(sounding: Api) -> None:
    # given a recording that ends with a second of silence
    ada = await sounding.person()
    sound = np.concatenate([tones(SECONDS - 1), np.zeros((SEGMENT_RATE, 2), np.float32)])
    version = await uploaded(sounding, ada, sound)
    # when a model of sound goes on with it
    job = await extended(sounding, ada, version, instruction="slow strings")
    # then there is one more version, as long as was asked
    assert (job["status"], job["title"], job["durationSeconds"], job["edit"]) == (
        "SUCCEEDED",
        "Rain",
        SECONDS + 6,
        {"seconds": 6.0},
    )
    assert job["version"] == {
        "kind": "EXTENDED",
        "durationSeconds": pytest.approx(SECONDS + 6, abs=1e-3),
        "bpm": None,
        "modelId": "tones",
        "parent": {"id": version},
    }
    # and the model heard the last seconds before the silence, and makes up for it
    (task,) = sounding.world.audio.asked
    assert task.beginning is not None
    assert (task.beginning.samples.shape, task.beginning.lead_frames) == ((HEARD_FRAMES, 2), LEAD_FRAMES)
    assert task.sections[0].prompt == "slow strings"
    assert 6.5 < task.seconds < 7.1
    # and what was there stays, sample for sample, up to where the other is faded into
    before, behind = await master(sounding, version), await master(sounding, job["versionId"])
    left = len(behind) - round(task.seconds * SEGMENT_RATE)
    assert np.array_equal(behind[: left - LEAD_FRAMES], before[: left - LEAD_FRAMES])
    assert np.abs(behind[left - LEAD_FRAMES : left] - before[left - LEAD_FRAMES : left]).max() < 1e-4
    assert np.abs(behind[left + SEGMENT_RATE :]).max() > 0.25


async def test_what_goes_on_with_the_song_of_another_model_has_the_licences_of_both(sounding: Api) -> None:
    # given a song by a model that forbids commercial use, where that is allowed, and an upload
    strict = replace(TONES, id="strict", served="strict", licence="cc-by-nc-4.0", commercial_use=False)
    sounding.world.audio.served = (TONES, strict)
    ada = await sounding.person()
    recording = await uploaded(sounding, ada, tones(SECONDS))
    first = await extended(sounding, ada, recording, modelId="tones")
    await sounding.world.client[sounding.world.database]["versions"].update_one(
        {"_id": from_base64(first["versionId"])[1]},
        {"$set": {"origin.terms": [{"licence": strict.licence, "commercial_use": False}]}},
    )
    # when a model that allows it goes on with the song, twice
    second = await extended(sounding, ada, first["versionId"])
    third = await extended(sounding, ada, second["versionId"])
    # then both licences are told, each once, and the stricter decides
    told = {}
    for name, version in (("upload", recording), ("third", third["versionId"])):
        told[name] = (await ada.client.data(TERMS, id=version))["node"]
    assert told == {
        "upload": {"licences": [], "commercialUse": True},
        "third": {"licences": ["cc-by-nc-4.0", "apache-2.0"], "commercialUse": False},
    }
    assert await copyright_of(sounding, third["versionId"]) == "cc-by-nc-4.0 AND apache-2.0"


async def test_only_what_is_made_is_paid(sounding: Api) -> None:
    ada = await sounding.person()
    version = await uploaded(sounding, ada, tones(SECONDS))
    given = {"versionId": version, "seconds": 6.0, "modelId": "tones"}
    assert (await ada.client.data(QUOTE, input=given))["quoteExtension"] == {"credits": 5}
    assert (await extended(sounding, ada, version))["creditsCharged"] == 5


async def test_without_an_instruction_it_goes_on_as_it_was_asked_for(sounding: Api) -> None:
    # given a song of somebody's words
    ada = await sounding.person()
    await sounding.world.ask(ada.caller, prompt="warm jazz", model_id="tones", duration_seconds=8.0)
    await sounding.world.work_off()
    (record,) = await sounding.world.documents("versions")
    # when it goes on twice
    first = await extended(sounding, ada, to_base64("Version", record["_id"]))
    second = await extended(sounding, ada, first["versionId"], seconds=2.0)
    # then the words are the same, and an upload has none
    assert second["durationSeconds"] == 16.0
    upload = await uploaded(sounding, ada, tones(SECONDS))
    await extended(sounding, ada, upload)
    told = [task.sections[0].prompt for task in sounding.world.audio.asked]
    assert told == ["warm jazz", "warm jazz", "jazz", "music"]


async def test_what_cannot_go_on_is_told(sounding: Api) -> None:
    ada = await sounding.person()
    version = await uploaded(sounding, ada, tones(SECONDS))
    before = await sounding.contents()

    async def refused(**fields: Any) -> dict[str, Any]:
        wish = {"versionId": version, "seconds": 6.0, "modelId": "tones", **fields}
        answer = (await ada.client.data(EXTEND, input=wish))["extendTrack"]
        assert isinstance(answer, dict)
        return answer

    assert (await refused(seconds=110.5))["issues"] == [
        {"path": "seconds", "message": "Tones goes on for at most 110 seconds at once, not 110.5."}
    ]
    assert (await refused(modelId="composer"))["issues"] == [
        {
            "path": "modelId",
            "message": "Composer writes new songs only. Choose score-tiny, or a model of the kind AUDIO.",
        }
    ]
    assert (await refused(modelId="score-tiny"))["code"] == "NO_SCORE"
    assert (await refused(modelId="nothing"))["code"] == "UNKNOWN_MODEL"
    assert (await refused(seconds=595.0, modelId="tones"))["__typename"] == "ValidationFailed"
    assert await sounding.contents() == before


async def test_a_version_that_goes_while_it_waits_fails_in_words(sounding: Api) -> None:
    ada = await sounding.person()
    version = await uploaded(sounding, ada, tones(SECONDS))
    wish = {"versionId": version, "seconds": 6.0, "modelId": "tones"}
    answer = (await ada.client.data(EXTEND, input=wish))["extendTrack"]
    await sounding.world.client[sounding.world.database]["versions"].delete_many({})
    await sounding.world.work_off()
    job = await ada.client.data("query($id: ID!) { job(id: $id) { status problem { code } } }", id=answer["job"]["id"])
    assert job["job"] == {"status": "FAILED", "problem": {"code": "NOT_FOUND"}}


MAKE = """mutation($input: GenerateTrackInput!) { generateTrack(input: $input) { __typename
  ... on GenerateTrackSuccess { job { id versionId } } ... on Problem { code message }
  ... on ValidationFailed { issues { path message } }
} }"""


async def made(person: Person, melody: str, **fields: Any) -> dict[str, Any]:
    wish = {"prompt": "slow strings", "durationSeconds": 6.0, "modelId": "melodic", "melodyVersionId": melody, **fields}
    answer = (await person.client.data(MAKE, input=wish))["generateTrack"]
    assert isinstance(answer, dict)
    return answer


async def test_a_song_follows_the_melody_of_a_version(sounding: Api) -> None:
    # given a model that hears melodies, and a recording that is longer than the song is to be
    sounding.world.audio.served = (TONES, MELODIC)
    ada = await sounding.person()
    version = await uploaded(sounding, ada, tones(SECONDS))
    # when a song follows it
    answer = await made(ada, version)
    await sounding.world.work_off()
    # then the model has heard as much of it as the song is long, and the song is one of its own
    (task,) = sounding.world.audio.asked
    assert task.melody is not None
    assert np.array_equal(task.melody, (await master(sounding, version))[: 6 * SEGMENT_RATE])
    job = (await ada.client.data(JOB, id=answer["job"]["id"]))["job"]
    assert (job["status"], job["version"]["kind"], job["version"]["parent"]) == ("SUCCEEDED", "GENERATED", None)
    # and the job tells what it followed
    assert (job["sections"], job["melodyVersionId"]) == ([], version)
    assert job["melodyVersion"] == {"id": version, "durationSeconds": SECONDS}


async def test_melodies_are_for_models_that_hear_them_and_for_those_who_own_them(sounding: Api) -> None:
    sounding.world.audio.served = (TONES, MELODIC)
    ada, eve = await sounding.person(), await sounding.person()
    version = await uploaded(sounding, ada, tones(SECONDS))
    before = await sounding.contents()
    for model, name in (("tones", "Tones"), ("composer", "Composer")):
        assert (await made(ada, version, modelId=model))["issues"] == [
            {
                "path": "melodyVersionId",
                "message": f"{name} hears no melodies. Leave it out, or choose a model of which `models` says that it "
                "does.",
            }
        ]
    assert (await made(eve, version))["code"] == "NOT_FOUND"
    assert (await made(ada, to_base64("Version", new_id())))["code"] == "NOT_FOUND"
    assert await sounding.contents() == before
    listed = {model["id"]: model["hearsMelodies"] for model in (await ada.client.data(HEARING))["models"]}
    assert listed == {"composer": False, "score-tiny": False, "tones": False, "melodic": True}
