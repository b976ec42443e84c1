"""The whole way: a checkpoint on a hub, `cadenza models add`, the embedded stack, and a song from its Triton."""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tritonclient.grpc import InferInput
from tritonclient.grpc.aio import InferenceServerClient

from deploy.embedded import EmbeddedStack, EventKind, StackConfig, StackEvent
from tests.embedded.added import BROKEN, lay_added
from tests.embedded.conftest import MODELS
from tests.model_adding.hub_server import Hub, Repository
from tests.musicgen.checkpoints import checkpoint

NAME = "somebody/tiny-model"
# Of the tiny codec; the tiny decoder has 320 positions, which are 6.3 seconds.
RATE = 400


async def song(url: str, model: str, seconds: float) -> NDArray[np.float32]:
    """[channels, n] as it is streamed."""
    wish = {"schema": "cadenza.audio/1", "prompt": "slow piano", "duration_seconds": seconds, "seed": 7}
    tensor = InferInput("REQUEST", [1], "BYTES")
    tensor.set_data_from_numpy(np.array([json.dumps(wish).encode()], dtype=np.object_))

    async def requests() -> AsyncIterator[dict[str, Any]]:
        yield {"model_name": model, "inputs": [tensor]}

    parts: list[NDArray[np.float32]] = []
    async with InferenceServerClient(url) as client:
        async for answer, error in client.stream_infer(requests(), stream_timeout=60):
            assert error is None
            parts.append(answer.as_numpy("AUDIO"))
    return np.concatenate(parts, axis=1)


async def card_of(url: str, model: str) -> Any:
    """What Triton tells of the model to whoever asks."""
    async with InferenceServerClient(url) as client:
        config = await client.get_model_config(model, as_json=True)
    return json.loads(config["config"]["parameters"]["card"]["string_value"])


@pytest.mark.timeout(300)
async def test_a_model_of_the_hub_is_added_and_heard(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a checkpoint on a hub, and a broken model beside which it will lie
    files = {file.name: file.read_bytes() for file in checkpoint(tmp_path / "checkpoint").iterdir()}
    hub.models[NAME] = Repository({**files, "pytorch_model.bin": b"pickled"})
    home = tmp_path / "home"
    monkeypatch.setenv("CADENZA_HOME", str(home))
    lay_added(home / "models" / "torn", BROKEN)

    # When it is added and the stack is started
    command = [sys.executable, "-m", "bootstrap.cli", "models", "add", NAME, "--name", "Tiny", "--memory-mib", "8"]
    adding = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert (adding.returncode, adding.stderr) == (0, "")
    events: list[StackEvent] = []
    stack = EmbeddedStack(StackConfig(home, model_root=MODELS))
    endpoints = await stack.start(events.append)

    # Then it is heard, its card is told, and the broken one is left out with a sentence
    try:
        heard = await song(endpoints.triton_url, "tiny_model", 9)
        card = await card_of(endpoints.triton_url, "tiny_model")
    finally:
        await stack.stop()
    assert heard.shape == (1, 9 * RATE)
    assert np.abs(heard).max() > 0
    assert card == {
        "schema": "cadenza.model/1",
        "id": "tiny-model",
        "name": "Tiny",
        "description": f"Makes mono sound at 0.4 kHz from words. It was added from {NAME}.",
        "kind": "audio",
        "licence": {"name": "CC-BY-NC-4.0", "commercial_use": False},
        "longest_seconds": 300.0,
        "sampling_rate": RATE,
        "audio_channels": 1,
        "version": hashlib.sha256(files["model.safetensors"]).hexdigest()[:12],
        "melody": False,
    }
    (warning,) = (event.detail for event in events if event.kind is EventKind.WARNING)
    assert warning.startswith("The added model torn is left out: Triton could not load it (")
    # and the command said what it did
    assert "comparing them with transformers: " in adding.stdout
    assert "8 MiB for songs in flight" in adding.stdout
    assert adding.stdout.splitlines()[-1] == "`cadenza up` serves it."
