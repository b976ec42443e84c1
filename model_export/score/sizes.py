"""How large a model is and how it is trained, by name. Plain values, no work."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Architecture:
    """A Llama-type decoder: `heads` query heads share `key_value_heads` keys and values; `context` in tokens."""

    hidden: int
    intermediate: int
    layers: int
    heads: int
    key_value_heads: int
    context: int
    rope_theta: float = 10_000.0
    norm_epsilon: float = 1e-5

    @property
    def head_size(self) -> int:
        return self.hidden // self.heads

    def parameters(self, tokens: int, text_size: int) -> int:
        """How many weights the model has with a vocabulary of so many tokens; tied embeddings count once."""
        attention = 2 * self.hidden * (self.heads + self.key_value_heads) * self.head_size
        layer = attention + 3 * self.hidden * self.intermediate + 2 * self.hidden
        return tokens * self.hidden + self.layers * layer + self.hidden + text_size * self.hidden


@dataclass(frozen=True, slots=True)
class Recipe:
    """`rows` windows make a step; the rate rises over `warm_up` of the training and then follows a half cosine."""

    rows: int
    steps: int
    rate: float
    least_rate: float = 0.05  # of `rate`, at the end
    warm_up: float = 0.03
    decay: float = 0.1
    clip: float = 1.0
    betas: tuple[float, float] = (0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Size:
    """One of the models that `train` can make."""

    name: str
    architecture: Architecture
    recipe: Recipe


SIZES: Final[Mapping[str, Size]] = MappingProxyType(
    {
        size.name: size
        for size in (
            Size("test", Architecture(32, 64, 2, 4, 2, 256), Recipe(2, 20, 1e-2)),
            Size("tiny", Architecture(256, 704, 6, 8, 4, 1024), Recipe(4, 1600, 5e-3)),
            Size("base", Architecture(512, 1408, 12, 8, 4, 2048), Recipe(32, 30_000, 8e-4)),
            Size("large", Architecture(1024, 2816, 24, 16, 4, 2048), Recipe(64, 60_000, 3e-4)),
        )
    }
)
