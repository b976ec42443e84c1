"""What the Triton of a running stack says of its models, for commands that are no part of the stack."""

from dataclasses import dataclass
from pathlib import Path

import grpc.aio

from deploy.embedded.added_models import AddedModel
from deploy.embedded.credentials import load_secrets
from deploy.embedded.errors import StackError
from deploy.embedded.state import read_running, read_state
from deploy.embedded.triton_client import ModelState, TritonClient


@dataclass(frozen=True)
class ServedStates:
    """Rows of Triton's index, at one moment."""

    rows: tuple[ModelState, ...]

    def of(self, model: AddedModel) -> ModelState | None:
        """The row of the version that lies in the folder; None when Triton knows nothing of it."""
        rows = [row for row in self.rows if row.name == model.served_name]
        return next((row for row in rows if row.version == model.version and row.state), None)

    def is_served(self, name: str) -> bool:
        """Whether any version takes requests."""
        return any(row.name == name and row.state == "READY" for row in self.rows)

    def is_ending(self, name: str) -> bool:
        """Whether a version that takes no more requests still makes songs."""
        return any(row.name == name and row.state == "UNLOADING" for row in self.rows)


async def served_states(root: Path) -> ServedStates | None:
    """None when no Triton of its own runs in the stack on `root`, or it does not answer now."""
    state, endpoints = read_state(root), read_running(root)
    if state is None or endpoints is None or not any(process.name == "triton" for process in state.processes):
        return None
    client: TritonClient | None = None
    try:
        client = TritonClient(endpoints.triton_url, load_secrets(root).triton_key)
        return ServedStates(tuple(await client.model_states()))
    except (grpc.aio.AioRpcError, StackError):
        return None
    finally:
        if client is not None:
            await client.close()
