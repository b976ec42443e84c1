"""The music models on NVIDIA Triton, over gRPC: embeddings by unary calls, scores and sound by streams."""

import ipaddress
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import ExitStack, aclosing
from typing import Any

import grpc
import numpy as np
import orjson
from tritonclient.grpc import InferInput, InferRequestedOutput, InferResult, KeepAliveOptions
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from adapters.shared_ring import SharedRing
from adapters.text_tokenizer import BucketTokenizer
from domain.kit.errors import DependencyUnavailable, EngineRefused
from domain.kit.media import Audio, StorageFull
from domain.kit.music_engine import (
    COMPOSER,
    SAMPLE_RATE,
    Composition,
    EngineFault,
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
from domain.kit.queue import QueueName

# Nothing works without these.
REQUIRED_MODELS = ("text_embedding", COMPOSER, "renderer")
# A server may do without these: what asks for one that is away waits like in any outage.
OPTIONAL_MODELS = ("score_tiny",)
EDIT_SCHEMA = "cadenza.edit/1"
EMBEDDING_SIZE = 384
CHUNK_SECONDS = 2.0
RING_SLOTS = 4
CALL_SECONDS = 20.0
# A stream error has no status, so the models put one of these before the text.
REFUSALS = frozenset({"INVALID_BRIEF", "INVALID_EDIT", "INVALID_SCORE", "INVALID_OPTIONS"})
PRIORITIES = {QueueName.INTERACTIVE: 0, QueueName.STANDARD: 1, QueueName.BATCH: 2}


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
    """Implements `domain.kit.music_engine.MusicEngine`."""

    def __init__(self, client: InferenceServerClient, tokenizer: BucketTokenizer, *, shared_memory: bool) -> None:
        self._client = client
        self._tokenizer = tokenizer
        self._shared_memory = shared_memory

    async def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), EMBEDDING_SIZE), dtype=np.float32)
        for batch in self._tokenizer.encode(texts):
            result = await self._infer(
                "text_embedding",
                [
                    _tensor("input_ids", batch.input_ids, "INT64"),
                    _tensor("attention_mask", batch.attention_mask, "INT64"),
                ],
                ["sentence_embedding"],
            )
            vectors[list(batch.indices)] = result.as_numpy("sentence_embedding")
        return vectors

    async def write(self, task: WritingTask) -> AsyncGenerator[WritingEvent, None]:
        if task.model == COMPOSER:
            yield await self._compose(task)
            return
        text = np.zeros(EMBEDDING_SIZE, np.float32) if task.text is None else task.text
        options = {"priority": PRIORITIES[task.queue], "owner": task.owner}
        request = {
            "model_name": task.model,
            "inputs": [
                _text("BRIEF", orjson.dumps(task.brief)),
                _tensor("TEXT", text, "FP32"),
                _text("EDIT", b"" if task.change is None else _edit(task.change)),
                _text("OPTIONS", orjson.dumps(options)),
            ],
            "outputs": [InferRequestedOutput(name) for name in ("META", "SCORE", "MIDI")],
            "enable_empty_final_response": True,
        }
        async with aclosing(self._stream(request)) as results:
            async for result in results:
                yield _writing_event(result)

    async def _compose(self, task: WritingTask) -> Composition:
        if task.change is not None:
            raise EngineRefused("INVALID_EDIT", "the composer writes new songs only")
        return _composition(await self._infer(COMPOSER, [_text("BRIEF", orjson.dumps(task.brief))], ["SCORE", "MIDI"]))

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
            request = {
                "model_name": "renderer",
                "inputs": [_text("SCORE", score), _text("OPTIONS", orjson.dumps(options))],
                "outputs": [InferRequestedOutput(name) for name in ("META", "MIX", "STEMS")],
                "enable_empty_final_response": True,
            }
            async with aclosing(self._stream(request)) as results:
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
            raise _translated(error) from error
        return ModelStatus(name, config.versions[0] if config is not None and config.versions else "", bool(ready))

    async def _infer(self, model: str, inputs: list[InferInput], outputs: list[str]) -> InferResult:
        try:
            return await self._client.infer(
                model,
                inputs,
                outputs=[InferRequestedOutput(name) for name in outputs],
                client_timeout=CALL_SECONDS,
            )
        except (InferenceServerException, grpc.RpcError) as error:
            raise _translated(error) from error

    async def _stream(self, request: dict[str, Any]) -> AsyncGenerator[InferResult, None]:
        """Responses until the final one; leaving early cancels the request on the server."""

        async def requests() -> AsyncIterator[dict[str, Any]]:
            yield request

        stream = self._client.stream_infer(requests())
        try:
            async for result, error in stream:
                if error is not None:
                    raise _translated(error)
                response = result.get_response()
                if response.outputs:
                    yield result
                if response.parameters["triton_final_response"].bool_param:
                    return
        except (InferenceServerException, grpc.RpcError) as error:
            raise _translated(error) from error
        finally:
            stream.cancel()


def _tensor(name: str, values: np.ndarray[Any, Any], datatype: str) -> InferInput:
    tensor = InferInput(name, list(values.shape), datatype)
    tensor.set_data_from_numpy(values)
    return tensor


def _text(name: str, data: bytes) -> InferInput:
    return _tensor(name, np.array([data], dtype=np.object_), "BYTES")


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


def _translated(error: Exception) -> Exception:
    """What a failed call means: a refusal, a full disk, a broken model, or a server out of reach."""
    text = error.message() if isinstance(error, InferenceServerException) else str(error)
    words = str(text)
    for code in REFUSALS:
        _, found, detail = words.partition(f"{code}: ")
        if found:
            return EngineRefused(code, detail.strip())
    if "STORAGE_FULL: " in words:
        return StorageFull("the rendering")
    if "INTERNAL: " in words:
        return EngineFault(words)
    return DependencyUnavailable("Triton", words[:300])
