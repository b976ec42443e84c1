"""Requests to the two tiny models over gRPC, the way the worker talks to Triton."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import InferInput
from tritonclient.grpc.aio import InferenceServerClient


async def affine(url: str, values: NDArray[np.float32], outputs: list[Any] | None = None) -> NDArray[np.float32]:
    """Y = 2 X + 1 by the ONNX model."""
    async with InferenceServerClient(url) as client:
        tensor = InferInput("X", list(values.shape), "FP32")
        tensor.set_data_from_numpy(values)
        answer = await client.infer("affine", [tensor], outputs=outputs, client_timeout=20)
        result: NDArray[np.float32] = answer.as_numpy("Y")
        return result


async def batched(url: str, requests: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Many requests at the same time."""
    return await asyncio.gather(*(affine(url, values) for values in requests))


async def echo(url: str, text: str) -> str:
    """The same text in capitals by the decoupled Python model."""
    tensor = InferInput("TEXT", [1], "BYTES")
    tensor.set_data_from_numpy(np.array([text.encode()], dtype=np.object_))

    async def requests() -> AsyncIterator[dict[str, Any]]:
        yield {"model_name": "echo", "inputs": [tensor]}

    replies: list[str] = []
    async with InferenceServerClient(url) as client:
        async for answer, error in client.stream_infer(requests(), stream_timeout=30):
            if error:
                raise error
            replies += [reply.decode() for reply in answer.as_numpy("REPLY")]
    (reply,) = replies
    return reply
