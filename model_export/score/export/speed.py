"""How long a step of a form takes at the start of a song, for rows that are alone and rows in company."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from model_export.score.export.checkpoint import Architecture
from model_export.score.export.decoding import open_decoder
from model_export.sessions import session
from model_export.speed import medians

ROWS = (1, 16)
STEPS = 60


def step_milliseconds(files: Mapping[str, Path], a: Architecture) -> dict[str, dict[str, float]]:
    """Median milliseconds of a step by form and rows."""
    steps = {(name, rows): _step(file, a, rows) for name, file in files.items() for rows in ROWS}
    return medians(steps, min(STEPS, a.context))


def _step(file: Path, a: Architecture, rows: int) -> Callable[[], object]:
    decoder = open_decoder(session(file), a, rows, None)
    return lambda: decoder.take(np.zeros((rows, 1), np.int64))
