"""SoundFont modulators that depend only on a note's velocity and key (specification 2.04, 8.2 and 9.5)."""

import math
from dataclasses import dataclass

import numpy as np

SOURCE_NONE = 0
SOURCE_VELOCITY = 2
SOURCE_KEY = 3

_CONTROLLER_FLAG = 0x80
_FALLING_FLAG = 0x100
_BIPOLAR_FLAG = 0x200
_INDEX_MASK = 0x7F
_CURVE_SHIFT = 10
_LINEAR, _CONCAVE, _CONVEX, _SWITCH = range(4)


@dataclass(frozen=True)
class Source:
    """A modulator source: what it reads, and how that becomes a factor."""

    index: int
    is_controller: bool
    falling: bool
    bipolar: bool
    curve: int

    @classmethod
    def decode(cls, word: int) -> "Source":
        return cls(
            word & _INDEX_MASK,
            bool(word & _CONTROLLER_FLAG),
            bool(word & _FALLING_FLAG),
            bool(word & _BIPOLAR_FLAG),
            word >> _CURVE_SHIFT,
        )

    def reads(self, index: int) -> bool:
        return not self.is_controller and self.index == index

    @property
    def is_static(self) -> bool:
        """True when the note alone decides, so that no controller can change it later."""
        return not self.is_controller and self.index in (SOURCE_NONE, SOURCE_VELOCITY, SOURCE_KEY)

    def factor(self, velocity: float, key: float) -> float:
        """The factor for a note, 0 to 1 or -1 to 1."""
        if self.index == SOURCE_NONE:
            return 1.0
        position = (velocity if self.index == SOURCE_VELOCITY else key) / 127.0
        if self.falling:
            position = 1.0 - position
        if not self.bipolar:
            return _curve(self.curve, position)
        return math.copysign(_curve(self.curve, abs(2.0 * position - 1.0)), 2.0 * position - 1.0)


@dataclass(frozen=True)
class Modulator:
    """Adds `amount` times both factors to the generator `target`."""

    source: Source
    target: int
    amount: int
    amount_source: Source

    @classmethod
    def decode(cls, record: np.void) -> "Modulator":
        return cls(
            Source.decode(int(record["source"])),
            int(record["target"]),
            int(record["amount"]),
            Source.decode(int(record["amount_source"])),
        )

    @property
    def identity(self) -> tuple[Source, int, Source]:
        """Modulators of the same identity replace each other."""
        return self.source, self.target, self.amount_source

    def reads(self, index: int) -> bool:
        return self.source.reads(index) or self.amount_source.reads(index)

    @property
    def is_static(self) -> bool:
        return self.source.is_static and self.amount_source.is_static

    def value(self, velocity: float, key: float) -> float:
        return self.amount * self.source.factor(velocity, key) * self.amount_source.factor(velocity, key)


def _curve(kind: int, position: float) -> float:
    if kind == _CONCAVE:
        return _concave(position)
    if kind == _CONVEX:
        return 1.0 - _concave(1.0 - position)
    if kind == _SWITCH:
        return float(position >= 0.5)
    return position


def _concave(position: float) -> float:
    """96 dB over the range: figure 9.5.1 of the specification."""
    return 1.0 if position >= 1.0 else min(1.0, -40.0 / 96.0 * math.log10(1.0 - position))
