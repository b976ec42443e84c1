"""The port to whoever knows the name that stands on a caller's music."""

from dataclasses import dataclass
from typing import Protocol

from domain.kit.caller import Caller, Scope


@dataclass(frozen=True)
class Artist:
    """A person or an organisation; `id` owns what is made."""

    id: str
    name: str


class Artists(Protocol):
    async def of_caller(self, caller: Caller, scope: Scope) -> Artist:
        """Raises `Unauthenticated`, and `Forbidden` for a key without this scope."""
        ...
