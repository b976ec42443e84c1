"""How well found moments fit the true ones, as the field counts it (MIREX): pairs within a tolerance."""

from collections.abc import Sequence
from dataclasses import dataclass

BEAT_TOLERANCE, BOUNDARY_TOLERANCE = 0.07, 3.0


@dataclass(frozen=True)
class Score:
    """How many were found that are there, of how many found and how many there are."""

    hits: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        return self.hits / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.hits / self.true if self.true else 0.0

    @property
    def f_measure(self) -> float:
        return 2.0 * self.hits / (self.found + self.true) if self.found + self.true else 1.0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.hits + other.hits, self.found + other.found, self.true + other.true)


def score(found: Sequence[float], true: Sequence[float], tolerance: float) -> Score:
    """Each true moment pairs with one found moment at most; both in seconds and ascending."""
    hits, position = 0, 0
    for moment in found:
        while position < len(true) and true[position] < moment - tolerance:
            position += 1
        if position < len(true) and true[position] <= moment + tolerance:
            hits, position = hits + 1, position + 1
    return Score(hits, len(found), len(true))
