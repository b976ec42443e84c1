"""Calls of Triton's models over gRPC that several adapters make: tensors, one answer, and what a failure means."""

from collections.abc import Sequence
from typing import Any

import grpc
import numpy as np
from tritonclient.grpc import InferInput, InferRequestedOutput, InferResult
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from domain.kit.errors import DependencyUnavailable, EngineRefused
from domain.kit.media import StorageFull
from domain.kit.music_engine import EngineFault

CALL_SECONDS = 20.0
# A stream error has no status, so the models put one of these before the text.
REFUSALS = frozenset({"INVALID_BRIEF", "INVALID_EDIT", "INVALID_SCORE", "INVALID_OPTIONS"})


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
