"""The music models on NVIDIA Triton, over gRPC: embeddings by unary calls, scores and sound by streams."""

import ipaddress
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, aclosing
from typing import Any

import grpc
import numpy as np
import orjson
from tritonclient.grpc import InferResult, KeepAliveOptions
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from adapters.shared_ring import SharedRing
from adapters.text_tokenizer import BucketTokenizer
from adapters.triton_calls import PRIORITIES, infer, streamed, tensor, text, translated
from domain.kit.audio.media import Audio
from domain.kit.audio.music_engine import (
    COMPOSER,
    SAMPLE_RATE,
    Composition,
    ModelStatus,
    RenderedChunk,
    RenderEvent,
    RenderFinished,
    RenderProgress,
    ScoreChange,
    Vectors,
    WritingEvent,
    WritingProgress,
    WritingTask,
)
from domain.kit.errors import DependencyUnavailable, EngineRefused
from domain.kit.queue import QueueName

# Nothing works without these.
REQUIRED_MODELS = ("text_embedding", COMPOSER, "renderer")
# A server may do without these: what asks for one that is away waits like in any outage.
OPTIONAL_MODELS = ("score_tiny",)
EDIT_SCHEMA = "cadenza.edit/1"
EMBEDDING_SIZE = 384
CHUNK_SECONDS = 2.0
RING_SLOTS = 4


def connect(url: str) -> InferenceServerClient:
    """A client for the running event loop; `url` is host:port of the gRPC endpoint."""
    keep_alive = KeepAliveOptions(
        keepalive_time_ms=10_000, keepalive_timeout_ms=5_000, keepalive_permit_without_calls=False
    )
    return InferenceServerClient(url, keepalive_options=keep_alive)


def is_same_host(url: str) -> bool:
    """Whether the server can share memory with this process: it listens on a loopback address."""
    host = url.rsplit(":", 1)[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class TritonEngine:
    """Implements `domain.kit.audio.music_engine.MusicEngine`."""

    def __init__(self, client: InferenceServerClient, tokenizer: BucketTokenizer, *, shared_memory: bool) -> None:
        self._client = client
        self._tokenizer = tokenizer
        self._shared_memory = shared_memory

    async def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), EMBEDDING_SIZE), dtype=np.float32)
        for batch in self._tokenizer.encode(texts):
            result = await infer(
                self._client,
                "text_embedding",
                [
                    tensor("input_ids", batch.input_ids, "INT64"),
                    tensor("attention_mask", batch.attention_mask, "INT64"),
                ],
                ["sentence_embedding"],
            )
            vectors[list(batch.indices)] = result.as_numpy("sentence_embedding")
        return vectors

    async def write(self, task: WritingTask) -> AsyncGenerator[WritingEvent, None]:
        if task.model == COMPOSER:
            yield await self._compose(task)
            return
        vector = np.zeros(EMBEDDING_SIZE, np.float32) if task.text is None else task.text
        options = {"priority": PRIORITIES[task.queue], "owner": task.owner}
        inputs = [
            text("BRIEF", orjson.dumps(task.brief)),
            tensor("TEXT", vector, "FP32"),
            text("EDIT", b"" if task.change is None else _edit(task.change)),
            text("OPTIONS", orjson.dumps(options)),
        ]
        async with aclosing(streamed(self._client, task.model, inputs, ["META", "SCORE", "MIDI"])) as results:
            async for result in results:
                yield _writing_event(result)

    async def _compose(self, task: WritingTask) -> Composition:
        if task.change is not None:
            raise EngineRefused("INVALID_EDIT", "the composer writes new songs only")
        return _composition(
            await infer(self._client, COMPOSER, [text("BRIEF", orjson.dumps(task.brief))], ["SCORE", "MIDI"])
        )

    async def render(
        self, score: bytes, *, duration_seconds: float, stem_names: Sequence[str], queue: QueueName
    ) -> AsyncGenerator[RenderEvent, None]:
        options: dict[str, Any] = {
            "duration_seconds": duration_seconds,
            "chunk_seconds": CHUNK_SECONDS,
            "stems": bool(stem_names),
            "ring": None,
            "priority": PRIORITIES[queue],
        }
        with ExitStack() as stack:
            ring = None
            if self._shared_memory:
                frames = round(CHUNK_SECONDS * SAMPLE_RATE)
                ring = stack.enter_context(SharedRing(slots=RING_SLOTS, max_frames=frames, stems=len(stem_names)))
                options["ring"] = {"name": ring.name, "slots": ring.slots, "slot_bytes": ring.slot_bytes}
            inputs = [text("SCORE", score), text("OPTIONS", orjson.dumps(options))]
            async with aclosing(streamed(self._client, "renderer", inputs, ["META", "MIX", "STEMS"])) as results:
                async for result in results:
                    yield _event(result, ring, stem_names)

    async def models(self) -> Sequence[ModelStatus]:
        return [await self._status(name) for name in (*REQUIRED_MODELS, *OPTIONAL_MODELS)]

    async def ping(self) -> None:
        """Raises `DependencyUnavailable` unless the server and all required models say that they are ready."""
        for name in REQUIRED_MODELS:
            if not (await self._status(name)).ready:
                raise DependencyUnavailable("Triton", f"model {name} is not ready")

    async def _status(self, name: str) -> ModelStatus:
        try:
            ready = await self._client.is_model_ready(name, client_timeout=2.0)
            config = await self._client.get_model_metadata(name, client_timeout=2.0) if ready else None
        except (InferenceServerException, grpc.RpcError) as error:
            raise translated(error) from error
        return ModelStatus(name, config.versions[0] if config is not None and config.versions else "", bool(ready))


def _edit(change: ScoreChange) -> bytes:
    return orjson.dumps({"schema": EDIT_SCHEMA, "score": orjson.Fragment(change.score), **change.fields})


def _composition(result: InferResult) -> Composition:
    return Composition(
        score=bytes(result.as_numpy("SCORE")[0]),
        midi=bytes(result.as_numpy("MIDI")[0]),
        model_version=result.get_response().model_version,
    )


def _writing_event(result: InferResult) -> WritingEvent:
    meta = orjson.loads(result.as_numpy("META")[0])
    if meta["type"] == "progress":
        return WritingProgress(meta["bars"], meta["of"])
    return _composition(result)


def _event(result: InferResult, ring: SharedRing | None, stem_names: Sequence[str]) -> RenderEvent:
    meta = orjson.loads(result.as_numpy("META")[0])
    if meta["kind"] == "progress":
        return RenderProgress(stage=meta["stage"], progress=meta["progress"])
    if meta["kind"] == "end":
        return RenderFinished(meta["frames"], meta["loudness_lufs"], meta["true_peak_dbtp"])
    if ring is not None and meta["slot"] is not None:
        mix, stems = ring.take(meta["slot"], meta["frames"], stem_names)
    else:
        mix = result.as_numpy("MIX")
        stems = _named(result.as_numpy("STEMS"), stem_names)
    return RenderedChunk(meta["index"], mix, stems)


def _named(stems: np.ndarray[Any, Any], names: Sequence[str]) -> dict[str, Audio]:
    return dict(zip(names, stems, strict=True)) if names else {}
