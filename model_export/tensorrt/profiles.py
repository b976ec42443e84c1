"""The sizes that a plan is built for: smallest, usual and largest of every free axis. Pure."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from model_export.tensorrt.errors import NothingToDoError
from triton_models.codec_stream.shape import CodecShape


class Range(NamedTuple):
    """Sizes of one axis."""

    smallest: int
    usual: int
    largest: int


Ranges = Mapping[str, Range]
# Of one input, by the point of the profile.
Shapes = tuple[list[int], list[int], list[int]]
ROWS: Final = Range(1, 2, 64)
# As many as the largest GPU is given, songs with guidance having two.
SERVED_ROWS: Final = Range(1, 2, 128)
# New positions of a step: one, and a prompt in chunks.
CHUNK: Final = 64
TEXT: Final = Range(1, 64, 128)
# What the text encoder's graph takes at least.
TOKENS: Final = 2
# Frames of a window: a second is 50 of the published codec.
FRAMES: Final = Range(1, 50, 500)


def parse(told: str) -> Range:
    """MIN:OPT:MAX; raises NothingToDoError."""
    try:
        smallest, usual, largest = (int(part) for part in told.split(":"))
    except ValueError:
        raise NothingToDoError(f"{told!r} is no MIN:OPT:MAX of three whole numbers.") from None
    if not 1 <= smallest <= usual <= largest:
        raise NothingToDoError(f"{told!r} has to rise from MIN to MAX, and MIN is at least 1.")
    return Range(smallest, usual, largest)


def step_ranges(context: int, rows: Range | None, positions: Range | None) -> dict[str, Range]:
    """Axes of the graphs that step and of what they are told; raises NothingToDoError beyond the context."""
    if positions is not None and positions.largest > context:
        raise NothingToDoError(f"The model has {context} positions, so a plan for {positions.largest} is of no use.")
    past = positions or Range(1, max(1, context // 2), context)
    return {"rows": rows or ROWS, "past": past, "n": Range(1, 1, min(CHUNK, context)), "text": TEXT}


def served_steps(rows: Range | None) -> dict[str, Range]:
    """One position of each row."""
    return {"rows": rows or SERVED_ROWS, "n": Range(1, 1, 1)}


def served_prompts(context: int) -> dict[str, Range]:
    """One row, whose caches are as long as the graph says."""
    chunk = min(CHUNK, context)
    return {"rows": Range(1, 1, 1), "n": Range(1, chunk, chunk)}


def token_range(most_tokens: int) -> Range:
    """Of the text encoder, as long as texts of the step graphs may be."""
    largest = max(TOKENS, min(TEXT.largest, most_tokens))
    return Range(TOKENS, min(TEXT.usual, largest), largest)


def codec_ranges(shape: CodecShape) -> dict[str, Range]:
    """Axes of EnCodec's graphs, which take no window narrower than their contexts."""
    fewest = max(shape.latents.fewest, shape.samples.fewest)
    frames = [max(fewest, size) for size in FRAMES]
    around = shape.codes_before + shape.codes_after
    return {
        "frames": Range(*frames),
        "codes": Range(*(size + around for size in frames)),
        "samples": Range(*(size * shape.hop for size in frames)),
    }


def shapes(inputs: Mapping[str, list[int | str]], ranges: Ranges) -> dict[str, Shapes]:
    """Three shapes of every input that has a free axis, and no others."""
    return {
        name: (at(axes, ranges, 0), at(axes, ranges, 1), at(axes, ranges, 2))
        for name, axes in inputs.items()
        if any(isinstance(axis, str) for axis in axes)
    }


def at(axes: list[int | str], ranges: Ranges, point: int) -> list[int]:
    """A shape at a point of the profile, 0 to 2; raises NothingToDoError for an axis that nobody knows."""
    unknown = [axis for axis in axes if isinstance(axis, str) and axis not in ranges]
    if unknown:
        raise NothingToDoError(f"The graph has a free axis {unknown[0]!r} that no profile is known for.")
    return [ranges[axis][point] if isinstance(axis, str) else axis for axis in axes]


def used(inputs: Mapping[str, list[int | str]], ranges: Ranges) -> dict[str, Range]:
    """Of the ranges, those that the inputs have."""
    found = {axis for axes in inputs.values() for axis in axes if isinstance(axis, str)}
    return {axis: ranges[axis] for axis in sorted(found & set(ranges))}


def read(told: Mapping[str, Any]) -> dict[str, Range]:
    """As plans.json has them."""
    return {axis: Range(*sizes) for axis, sizes in told.items()}
