"""The few gRPC calls with which the stack asks Triton whether it lives, has its models and answers."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grpc.aio
import numpy as np
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import serialize_byte_tensor, triton_to_np_dtype

from deploy.embedded.errors import StackError

CHANNEL_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
)
KEY_NAME: Final = "cadenza-key"
UNLOADED: Final = "unloaded"
UNLOAD_SECONDS: Final = 10


@dataclass(frozen=True)
class ModelProbe:
    """A tiny real request to one model, from its probe.json."""

    model: str
    inputs: Mapping[str, Any]

    @classmethod
    def load(cls, folder: Path) -> "ModelProbe | None":
        """The probe of a model folder, None when it has none; StackError for a file that cannot be used."""
        path = folder / "probe.json"
        if not path.exists():
            return None
        try:
            probe = cls(folder.name, json.loads(path.read_text())["inputs"])
            probe.request()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StackError(f"{path} is not a usable probe ({error}): correct or remove it.") from None
        return probe

    def request(self) -> Any:
        """The request as a protobuf message; a plain string stands for BYTES of shape [1], one number for all."""
        message = service_pb2.ModelInferRequest(model_name=self.model, id="probe")
        for name, value in self.inputs.items():
            datatype, shape, data = _tensor(value)
            message.inputs.add(name=name, datatype=datatype, shape=shape)
            message.raw_input_contents.append(_raw(datatype, shape, data))
        return message


@dataclass(frozen=True)
class ModelState:
    """One row of Triton's repository index; `state` is READY, LOADING, UNLOADING, UNAVAILABLE, or empty for a model
    that nobody has loaded. One of which a version is replaced has a row for each.
    """

    name: str
    version: str
    state: str
    reason: str

    @property
    def is_refused(self) -> bool:
        """Whether Triton tried to load it and could not."""
        return self.state == "UNAVAILABLE" and self.reason not in ("", UNLOADED)


class TritonClient:
    """One channel to `url` (host:port). Every call raises grpc.RpcError while the server does not answer.

    `key` opens the index, and loading and unloading; without it the server refuses those.
    """

    def __init__(self, url: str, key: str = "") -> None:
        self._url = url
        self._key = ((f"triton-grpc-protocol-{KEY_NAME}", key),) if key else ()
        self._channel: grpc.aio.Channel | None = None

    async def is_live(self) -> bool:
        """Whether the front end answers; a busy model does not keep it from that."""
        answer = await self._stub().ServerLive(service_pb2.ServerLiveRequest(), timeout=2)
        return bool(answer.live)

    async def model_states(self) -> list[ModelState]:
        """The state of each model in the repository."""
        asked = service_pb2.RepositoryIndexRequest()
        answer = await self._stub().RepositoryIndex(asked, timeout=4, metadata=self._key)
        return [ModelState(row.name, row.version, row.state, row.reason) for row in answer.models]

    async def load(self, model: str) -> None:
        """Returns when it is ready, in the place of the version that was, whose requests end as they would have.

        There is no time limit: a model may hang. Raises grpc.RpcError with Triton's reason.
        """
        asked = service_pb2.RepositoryModelLoadRequest(model_name=model)
        await self._stub().RepositoryModelLoad(asked, metadata=self._key)

    async def unload(self, model: str) -> None:
        """New requests are refused from now on; those that are under way end as they would have."""
        asked = service_pb2.RepositoryModelUnloadRequest(model_name=model)
        await self._stub().RepositoryModelUnload(asked, timeout=UNLOAD_SECONDS, metadata=self._key)

    async def probe(self, probe: ModelProbe) -> str:
        """Send the probe and await all its answers; returns the error that the model told, if any."""

        async def requests() -> AsyncIterator[Any]:
            yield probe.request()

        call = self._stub().ModelStreamInfer(requests())
        message = ""
        try:
            # To the end: a stream that is cut off keeps its model from ever being unloaded.
            async for answer in call:
                message = message or str(answer.error_message)
            return message
        finally:
            call.cancel()

    async def close(self) -> None:
        """Close the channel; the next call opens a new one."""
        if self._channel:
            await self._channel.close()
            self._channel = None

    def _stub(self) -> Any:
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(self._url, options=CHANNEL_OPTIONS)
        return service_pb2_grpc.GRPCInferenceServiceStub(self._channel)


async def check_triton(url: str) -> None:
    """Raises until a Triton that someone else runs answers."""
    client = TritonClient(url)
    try:
        if not await client.is_live():
            raise ConnectionError(f"Triton at {url} is not live")
    finally:
        await client.close()


def _tensor(value: Any) -> tuple[str, list[int], list[Any]]:
    if isinstance(value, str):
        return "BYTES", [1], [value]
    return value["datatype"], value["shape"], value["data"]


def _raw(datatype: str, shape: Sequence[int], data: Sequence[Any]) -> bytes:
    if datatype == "BYTES":
        texts = np.array([str(item).encode() for item in data], dtype=np.object_).reshape(shape)
        return bytes(serialize_byte_tensor(texts).item())
    values = np.array(data, dtype=triton_to_np_dtype(datatype))
    return (np.broadcast_to(values, shape) if values.size == 1 else values.reshape(shape)).tobytes()
