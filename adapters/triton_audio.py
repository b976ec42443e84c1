"""Models on NVIDIA Triton that make sound from words: which are served, and their songs at 44.1 kHz in stereo."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated, Any, Final

import grpc
import numpy as np
import orjson
import soxr
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tritonclient.grpc import InferResult
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from adapters.media.song_sound import SongSound
from adapters.triton_calls import PRIORITIES, streamed, tensor, text, translated
from domain.kit.audio.audio_engine import AudioModel, AudioTask
from domain.kit.audio.media import Audio
from domain.kit.audio.music_engine import SAMPLE_RATE, RenderedChunk, RenderEvent, RenderFinished
from domain.kit.errors import EngineRefused

log = structlog.get_logger()

CARD: Final = "card"
ASKING_SECONDS: Final = 2.0
MISSING_SECONDS: Final = 0.1


class TritonAudioEngine:
    """Implements `domain.kit.audio.audio_engine.AudioEngine`. A model is one of sound when it has a card."""

    def __init__(self, client: InferenceServerClient) -> None:
        self._client = client

    async def audio_models(self) -> Sequence[AudioModel]:
        try:
            # Statistics list what is ready, as the index does, which servers keep from those that may load nothing.
            served = await self._client.get_inference_statistics(client_timeout=ASKING_SECONDS)
            found = [await self._read(row.name, row.version) for row in served.model_stats]
        except (InferenceServerException, grpc.RpcError) as error:
            raise translated(error) from error
        return [model for model in found if model is not None]

    async def generate(self, task: AudioTask) -> AsyncGenerator[RenderEvent, None]:
        inputs = [text("REQUEST", orjson.dumps(_request(task)))]
        if task.beginning is not None:
            samples = await asyncio.to_thread(_at_rate, task.beginning.samples, await self._rate_of(task.model))
            inputs.append(tensor("REFERENCE", samples, "FP32"))
        if task.melody is not None:
            mono = task.melody.mean(axis=1, keepdims=True, dtype=np.float32)
            samples = await asyncio.to_thread(_at_rate, mono, await self._rate_of(task.model))
            inputs.append(tensor("MELODY", samples, "FP32"))
        song, index = _Song(task), 0
        async with aclosing(streamed(self._client, task.model, inputs, ["META", "AUDIO"])) as results:
            async for result in results:
                if len(ready := await asyncio.to_thread(song.push, result)):
                    yield RenderedChunk(index, ready, {})
                    index += 1
        yield RenderedChunk(index, await asyncio.to_thread(song.finish), {})
        yield song.finished()

    async def _rate_of(self, served: str) -> int:
        """In Hz, of the samples that a model takes and gives."""
        try:
            card = await self._card(served)
        except (InferenceServerException, grpc.RpcError) as error:
            raise translated(error) from error
        if card is None:
            raise EngineRefused("INVALID_REQUEST", f"the model {served} says nothing of the sound that it makes")
        return card.sampling_rate

    async def _read(self, name: str, version: str) -> AudioModel | None:
        card = await self._card(name)
        if card is None:
            return None
        return AudioModel(
            id=card.id,
            served=name,
            version=card.version or version,
            name=card.name,
            description=card.description,
            licence=card.licence.name,
            commercial_use=card.licence.commercial_use,
            longest_seconds=card.longest_seconds,
            hears_melodies=card.melody,
            is_ready=True,
        )

    async def _card(self, name: str) -> "_Card | None":
        config = (await self._client.get_model_config(name, client_timeout=ASKING_SECONDS)).config
        if CARD not in config.parameters:
            return None
        try:
            return _Card.model_validate_json(config.parameters[CARD].string_value)
        except ValidationError as error:
            log.warning("model_card_unreadable", model=name, problem=str(error))
            return None


class _Song:
    """One song as it comes, in the form that the platform takes it."""

    def __init__(self, task: AudioTask) -> None:
        lead = 0 if task.beginning is None else task.beginning.lead_frames
        self._goes_on = task.beginning is not None
        self._lead_seconds = lead / SAMPLE_RATE
        self._frames = lead + round(task.seconds * SAMPLE_RATE)
        self._sound: SongSound | None = None
        self._dropped = 0

    def push(self, result: InferResult) -> Audio:
        """What is ready, [m, 2]."""
        samples: Audio = np.ascontiguousarray(result.as_numpy("AUDIO").T)
        if self._sound is None:
            meta = orjson.loads(result.as_numpy("META")[0])
            rate = meta["sampling_rate"]
            # A model counts in frames of its own, so that its lead may be a little longer.
            self._dropped = max(0, round((-meta["from_seconds"] - self._lead_seconds) * rate))
            self._sound = SongSound(rate, samples.shape[1], self._frames, goes_on=self._goes_on)
        kept = samples[self._dropped :]
        self._dropped -= len(samples) - len(kept)
        return self._sound.push(kept)

    def finish(self) -> Audio:
        """The rest; raises `EngineRefused` when there is too little of it."""
        if self._sound is None or self._sound.missing_seconds > MISSING_SECONDS:
            raise EngineRefused("INCOMPLETE", "the model stopped before the end of the song")
        return self._sound.finish()

    def finished(self) -> RenderFinished:
        """Behind `finish`."""
        assert self._sound is not None
        loudness = self._sound.loudness()
        return RenderFinished(self._frames, loudness.integrated_lufs, loudness.true_peak_dbtp)


class _Licence(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    commercial_use: bool | None


class _Card(BaseModel):
    """cadenza.model/1, as `cadenza models add` writes it."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
    name: str
    description: str
    licence: _Licence
    longest_seconds: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    sampling_rate: Annotated[int, Field(gt=0)]
    version: Annotated[str, Field(max_length=64)] = ""
    melody: bool = False


def _request(task: AudioTask) -> dict[str, Any]:
    """As cadenza.audio/1."""
    fields: dict[str, Any] = {
        "schema": "cadenza.audio/1",
        "seed": task.seed,
        "owner": task.owner,
        "priority": PRIORITIES[task.queue],
    }
    if task.beginning is not None:
        fields |= {"continue": True, "lead_seconds": task.beginning.lead_frames / SAMPLE_RATE}
    if len(task.sections) == 1:
        return {**fields, "prompt": task.sections[0].prompt, "duration_seconds": task.seconds}
    sections = [{"prompt": section.prompt, "seconds": section.seconds} for section in task.sections]
    return {**fields, "sections": sections}


def _at_rate(samples: Audio, rate: int) -> Audio:
    """As models take it, [channels, n]."""
    return np.ascontiguousarray(soxr.resample(samples, SAMPLE_RATE, rate, "HQ").T)
