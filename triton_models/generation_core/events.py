"""What the scheduler tells about a request: its tokens chunk by chunk, and one end."""

from dataclasses import dataclass
from enum import StrEnum

from triton_models.generation_core.errors import GenerationError
from triton_models.generation_core.model import Tokens


class Outcome(StrEnum):
    """How a request ended. STOPPED and LENGTH are results, the others are not."""

    STOPPED = "STOPPED"
    LENGTH = "LENGTH"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Chunk:
    """Tokens [n, books] up to a boundary or to the end; `start` counts the request's own tokens before them."""

    request_id: str
    start: int
    tokens: Tokens


@dataclass(frozen=True)
class Ended:
    """The last event of a request; `error` says why it has no result."""

    request_id: str
    outcome: Outcome
    error: GenerationError | None = None


Event = Chunk | Ended
