"""One real stack for all tests of this folder, with its own root, ports and two tiny models."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import Config

from deploy.embedded import EmbeddedStack, Endpoints, ProcessState, ProcessStatus, StackConfig, StackEvent

MODELS = Path(__file__).parent / "data" / "models"


@dataclass
class LiveStack:
    """A running stack, where it answers and what it has told so far."""

    stack: EmbeddedStack
    root: Path
    endpoints: Endpoints
    events: list[StackEvent] = field(default_factory=list)

    def status(self, name: str) -> ProcessStatus:
        return next(status for status in self.stack.status() if status.name == name)

    def pid(self, name: str) -> int:
        pid = self.status(name).pid
        assert pid is not None
        return pid

    def is_ready_again(self, name: str, restarts_before: int) -> bool:
        status = self.status(name)
        return status.restarts > restarts_before and status.state == ProcessState.READY


@asynccontextmanager
async def live_stack(root: Path, model_root: Path = MODELS, added: Path | None = None) -> AsyncIterator[LiveStack]:
    """Start a stack on `root`, with the models that lie in `added`, and stop it at the end."""
    stack = EmbeddedStack(StackConfig(root=root, model_root=model_root, models_folder=added))
    events: list[StackEvent] = []
    endpoints = await stack.start(events.append)
    try:
        yield LiveStack(stack, root, endpoints, events)
    finally:
        await stack.stop()


@pytest.fixture(scope="session")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveStack]:
    async with live_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture
def s3(live: LiveStack) -> Iterator[Any]:
    client = boto3.client(
        "s3",
        endpoint_url=live.endpoints.s3_endpoint,
        region_name=live.endpoints.s3_region,
        aws_access_key_id=live.endpoints.s3_access_key,
        aws_secret_access_key=live.endpoints.s3_secret_key,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    yield client
    client.close()
