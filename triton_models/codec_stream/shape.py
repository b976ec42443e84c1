"""What one needs to know of a codec's graphs to run them in windows; lies beside them as `codec.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

NAME: Final = "codec.json"
PADDINGS: Final = ("reflect", "edge", "constant")


class CodecShapeError(ValueError):
    """The file does not describe a codec's graphs; the text says why."""


@dataclass(frozen=True)
class Context:
    """In frames: how far a net looks before and after each, how wide its windows must be, how short a song may be."""

    before: int
    after: int
    fewest: int
    shortest: int


@dataclass(frozen=True)
class CodecShape:
    """`sampling_rate` in Hz, `hop` in samples per frame; `channels` and `books` are those of one row.

    Latents are `width` long, the memory is `layers` deep. The codes of a call have `codes_before` and `codes_after`
    frames around those that are asked for, and `padding` says what stands there at a song's ends. `latents` is the
    context of the net that makes samples, `samples` of the one that encodes. With `normalise`, songs are encoded at a
    root mean square of 1.
    """

    sampling_rate: int
    hop: int
    channels: int
    books: int
    book_size: int
    width: int
    layers: int
    padding: str
    codes_before: int
    codes_after: int
    latents: Context
    samples: Context
    normalise: bool

    @property
    def mirrored(self) -> int:
        """Frames of codes that must be known before the first latent is."""
        return max(self.codes_before, self.codes_after) + 1


def read_shape(folder: Path) -> CodecShape:
    """The shape of the graphs in a folder; raises CodecShapeError."""
    try:
        found = json.loads((folder / NAME).read_text())
        contexts = {name: _built(Context, found[name]) for name in ("latents", "samples")}
        shape: CodecShape = _built(CodecShape, {**found, **contexts})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CodecShapeError(f"{NAME}: {error}") from error
    if shape.padding not in PADDINGS:
        raise CodecShapeError(f"{NAME}: padding is {shape.padding!r}, it must be one of {', '.join(PADDINGS)}")
    return shape


def _built(kind: type[Any], found: Mapping[str, Any]) -> Any:
    return kind(**{field.name: found[field.name] for field in fields(kind)})
