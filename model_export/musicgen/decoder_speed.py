"""How long a step of a form takes five seconds into a song: one guided request, and eight of them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from model_export.musicgen.config import DecoderConfig
from model_export.musicgen.decoder_runs import Cross, StepGraph
from model_export.speed import medians

ROWS: Final = (2, 16)
STEPS: Final = 24
BEFORE: Final = 250


def step_milliseconds(files: Mapping[str, Path], d: DecoderConfig, cross: Cross) -> dict[str, dict[str, float]]:
    """Median milliseconds of a step by form and rows; `cross` has the texts of 16 rows."""
    steps = {(name, rows): _step(file, d, cross, rows) for name, file in files.items() for rows in ROWS}
    return medians(steps, min(STEPS, d.max_positions))


def _step(file: Path, d: DecoderConfig, cross: Cross, rows: int) -> Callable[[], object]:
    before = max(0, min(BEFORE, d.max_positions - STEPS))
    taken = StepGraph(file, d).begin({name: values[:rows] for name, values in cross.items()}, before + STEPS)
    taken.skip(before)
    return lambda: taken.take(np.full((rows, d.books, 1), d.start_token))
