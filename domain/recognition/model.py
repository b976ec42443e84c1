"""A recording as it is recognised, and two that are the same. Pure."""

from dataclasses import dataclass
from datetime import datetime

from domain.recognition.matching import Fit


@dataclass(frozen=True)
class Recorded:
    """One version of a track. `fingerprint` is empty for a sound that is too short; `keys` are what it is found by.

    `original_sha256` is None for what was not brought as a file.
    """

    version_id: str
    track_id: str
    owner_id: str
    duration_seconds: float
    fingerprint: str
    keys: tuple[int, ...]
    original_sha256: str | None

    @property
    def sound(self) -> tuple[str, str | None]:
        """What a recording and its branches have in common."""
        return self.fingerprint, self.original_sha256


@dataclass(frozen=True)
class Likeness:
    """Two recordings of different tracks that are the same, the newer one first."""

    newer: Recorded
    older: Recorded
    is_same_file: bool
    fit: Fit
    found_at: datetime

    @property
    def is_own(self) -> bool:
        """Both are one person's. Of all others nobody is told."""
        return self.newer.owner_id == self.older.owner_id


@dataclass(frozen=True)
class Duplicate:
    """Another track of the same person with the same sound, seen from one of the two.

    `fit.offset_seconds` is where in the other track this one begins.
    """

    track_id: str
    is_same_file: bool
    fit: Fit
