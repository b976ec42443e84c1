"""The port to counting attempts, shared by all processes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Allowance:
    """`burst` attempts at once, and then one more every `every_seconds`."""

    burst: int
    every_seconds: float


class Throttle(Protocol):
    """Counts under names that hold no personal data. Never fails: without its server it counts on its own."""

    async def take(self, wanted: Mapping[str, Allowance]) -> float:
        """0.0, and one attempt counted under each name; or the seconds to wait, and nothing counted."""
        ...

    async def give_back(self, taken: Mapping[str, Allowance]) -> None:
        """Uncounts one attempt under each name: it was a good one."""
        ...
