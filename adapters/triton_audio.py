"""Models on NVIDIA Triton that make sound from words: which are served, and their songs at 44.1 kHz in stereo."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, Final

import grpc
import numpy as np
import orjson
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from tritonclient.grpc import InferResult
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from adapters.media.song_sound import SongSound
from adapters.triton_calls import PRIORITIES, streamed, text, translated
from domain.kit.audio_engine import AudioModel, AudioTask
from domain.kit.errors import EngineRefused
from domain.kit.media import Audio
from domain.kit.music_engine import SAMPLE_RATE, RenderedChunk, RenderEvent, RenderFinished

log = structlog.get_logger()

CARD: Final = "card"
ASKING_SECONDS: Final = 2.0
# A model counts in frames of its own, some fifty in a second.
MISSING_SECONDS: Final = 0.1


class TritonAudioEngine:
    """Implements `domain.kit.audio_engine.AudioEngine`. A model is one of sound when its configuration has a card."""

    def __init__(self, client: InferenceServerClient) -> None:
        self._client = client

    async def audio_models(self) -> Sequence[AudioModel]:
        try:
            index = await self._client.get_model_repository_index(client_timeout=ASKING_SECONDS)
            found = [await self._read(row.name, row.version) for row in index.models if row.state == "READY"]
        except (InferenceServerException, grpc.RpcError) as error:
            raise translated(error) from error
        return [model for model in found if model is not None]

    async def generate(self, task: AudioTask) -> AsyncGenerator[RenderEvent, None]:
        sound: SongSound | None = None
        index = 0
        inputs = [text("REQUEST", orjson.dumps(_request(task)))]
        async with aclosing(streamed(self._client, task.model, inputs, ["META", "AUDIO"])) as results:
            async for result in results:
                samples = _samples(result)
                sound = sound or _sound(task, result, samples)
                if len(ready := await asyncio.to_thread(sound.push, samples)):
                    yield RenderedChunk(index, ready, {})
                    index += 1
        if sound is None or sound.missing_seconds > MISSING_SECONDS:
            raise EngineRefused("INCOMPLETE", "the model stopped before the end of the song")
        yield RenderedChunk(index, await asyncio.to_thread(sound.finish), {})
        loudness = sound.loudness()
        yield RenderFinished(_frames(task), loudness.integrated_lufs, loudness.true_peak_dbtp)

    async def _read(self, name: str, version: str) -> AudioModel | None:
        config = (await self._client.get_model_config(name, client_timeout=ASKING_SECONDS)).config
        if CARD not in config.parameters:
            return None
        try:
            card = _Card.model_validate_json(config.parameters[CARD].string_value)
        except ValidationError as error:
            log.warning("model_card_unreadable", model=name, problem=str(error))
            return None
        return AudioModel(
            id=card.id,
            served=name,
            version=version,
            name=card.name,
            description=card.description,
            licence=card.licence.name,
            commercial_use=card.licence.commercial_use,
            longest_seconds=card.longest_seconds,
            is_ready=True,
        )


class _Licence(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    commercial_use: bool | None


class _Card(BaseModel):
    """cadenza.model/1, as `cadenza models add` writes it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    description: str
    licence: _Licence
    longest_seconds: float


def _request(task: AudioTask) -> dict[str, Any]:
    """As cadenza.audio/1."""
    fields = {
        "schema": "cadenza.audio/1",
        "seed": task.seed,
        "owner": task.owner,
        "priority": PRIORITIES[task.queue],
    }
    if len(task.sections) == 1:
        return {**fields, "prompt": task.sections[0].prompt, "duration_seconds": task.seconds}
    sections = [{"prompt": section.prompt, "seconds": section.seconds} for section in task.sections]
    return {**fields, "sections": sections}


def _frames(task: AudioTask) -> int:
    return round(task.seconds * SAMPLE_RATE)


def _sound(task: AudioTask, first: InferResult, samples: Audio) -> SongSound:
    rate = orjson.loads(first.as_numpy("META")[0])["sampling_rate"]
    return SongSound(rate, samples.shape[1], _frames(task))


def _samples(result: InferResult) -> Audio:
    """From [channels, n] to [n, channels]."""
    samples: Audio = np.ascontiguousarray(result.as_numpy("AUDIO").T)
    return samples
