"""Calls of Triton's models over gRPC that several adapters make: tensors, answers, and what a failure means."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

import grpc
import numpy as np
from tritonclient.grpc import InferInput, InferRequestedOutput, InferResult
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from domain.kit.audio.media import StorageFull
from domain.kit.audio.music_engine import EngineFault
from domain.kit.errors import DependencyUnavailable, EngineRefused
from domain.kit.queue import QueueName

CALL_SECONDS = 20.0
# A stream error has no status, so the models put one of these before the text.
REFUSALS = frozenset({"INVALID_BRIEF", "INVALID_EDIT", "INVALID_SCORE", "INVALID_OPTIONS", "INVALID_REQUEST"})
PRIORITIES = {QueueName.INTERACTIVE: 0, QueueName.STANDARD: 1, QueueName.BATCH: 2}


async def infer(
    client: InferenceServerClient, model: str, inputs: list[InferInput], outputs: Sequence[str]
) -> InferResult:
    """Raises what `translated` tells."""
    try:
        return await client.infer(
            model,
            inputs,
            outputs=[InferRequestedOutput(name) for name in outputs],
            client_timeout=CALL_SECONDS,
        )
    except (InferenceServerException, grpc.RpcError) as error:
        raise translated(error) from error


async def streamed(
    client: InferenceServerClient, model: str, inputs: list[InferInput], outputs: Sequence[str]
) -> AsyncGenerator[InferResult, None]:
    """All responses; leaving early cancels the request on the server. Raises as `infer` does.

    Whoever has all of them waits for the server to end the stream: a cancellation that meets the end of its request can
    crash Triton 24.10 (triton-inference-server/server#7368 and #8034).
    """
    request = {
        "model_name": model,
        "inputs": inputs,
        "outputs": [InferRequestedOutput(name) for name in outputs],
    }

    async def requests() -> AsyncIterator[dict[str, Any]]:
        yield request

    stream = client.stream_infer(requests())
    try:
        async for result, error in stream:
            if error is not None:
                raise translated(error)
            yield result
    except (InferenceServerException, grpc.RpcError) as error:
        raise translated(error) from error
    finally:
        stream.cancel()


def tensor(name: str, values: np.ndarray[Any, Any], datatype: str) -> InferInput:
    made = InferInput(name, list(values.shape), datatype)
    made.set_data_from_numpy(values)
    return made


def text(name: str, data: bytes) -> InferInput:
    return tensor(name, np.array([data], dtype=np.object_), "BYTES")


def translated(error: Exception) -> Exception:
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
