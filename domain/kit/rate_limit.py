"""The port to leaky buckets that all processes share: what a caller may spend, and how fast it comes back."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Bucket:
    """Holds `capacity` points when it is full; what was spent comes back with `restore_per_second`."""

    capacity: int
    restore_per_second: float


@dataclass(frozen=True)
class Charge:
    """How a charge ended. `remaining` points are left; a refused charge fits after `retry_after_seconds`."""

    accepted: bool
    remaining: int
    retry_after_seconds: float = 0.0


class CostBuckets(Protocol):
    """Never fails: while the shared buckets are out of reach, each process goes by its own."""

    async def charge(self, key: str, points: int, bucket: Bucket) -> Charge:
        """Takes the points if they are there, else takes none. More points than the capacity never fit."""
        ...
