"""How long a step of a form takes, for the choice between forms. One thread, so that machines can be compared."""

import statistics
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from model_export.score.export.checkpoint import Architecture
from model_export.score.export.decoding import open_decoder
from model_export.sessions import session

ROWS = (1, 16)
STEPS = 60


def step_milliseconds(files: Mapping[str, Path], a: Architecture) -> dict[str, dict[str, float]]:
    """Median milliseconds of a step by form and rows; forms take turns, so that other work slows all of them alike."""
    decoders = {
        (name, rows): open_decoder(session(file), a, rows, None) for name, file in files.items() for rows in ROWS
    }
    times: dict[tuple[str, int], list[float]] = {key: [] for key in decoders}
    for _ in range(min(STEPS, a.context)):
        for key, decoder in decoders.items():
            began = time.perf_counter()
            decoder.take(np.zeros((key[1], 1), np.int64))
            times[key].append(1000 * (time.perf_counter() - began))
    return {name: {str(rows): round(statistics.median(times[name, rows]), 3) for rows in ROWS} for name in files}


def fastest(measured: Mapping[str, Mapping[str, float]]) -> str:
    """The form with the lowest geometric mean over the numbers of rows."""
    return min(measured, key=lambda name: float(np.prod(list(measured[name].values()))))
