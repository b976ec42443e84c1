"""The embedded stack: MongoDB, Redis, an S3 server and Triton from PyPI wheels, supervised, without Docker."""

from deploy.embedded.added_models import AddedModel, added_models, remove_added
from deploy.embedded.config import StackConfig
from deploy.embedded.endpoints import Endpoints, without_password
from deploy.embedded.errors import StackError, UnhealthyError
from deploy.embedded.process import (
    EventKind,
    Patience,
    ProcessSpec,
    ProcessState,
    ProcessStatus,
    StackEvent,
)
from deploy.embedded.served_states import ServedStates, served_states
from deploy.embedded.stack import EmbeddedStack
from deploy.embedded.state import read_running
from deploy.embedded.supervisor import Supervisor

__all__ = [
    "AddedModel",
    "EmbeddedStack",
    "Endpoints",
    "EventKind",
    "Patience",
    "ProcessSpec",
    "ProcessState",
    "ProcessStatus",
    "ServedStates",
    "StackConfig",
    "StackError",
    "StackEvent",
    "Supervisor",
    "UnhealthyError",
    "added_models",
    "read_running",
    "remove_added",
    "served_states",
    "without_password",
]
