"""How long a step of each form takes, for the choice between forms. One thread, so that machines can be compared."""

import statistics
import time
from collections.abc import Callable, Mapping

import numpy as np


def medians(steps: Mapping[tuple[str, int], Callable[[], object]], times: int) -> dict[str, dict[str, float]]:
    """Median milliseconds of a step by form and rows; forms take turns, so that other work slows all of them alike."""
    took: dict[tuple[str, int], list[float]] = {key: [] for key in steps}
    for _ in range(times):
        for key, step in steps.items():
            began = time.perf_counter()
            step()
            took[key].append(1000 * (time.perf_counter() - began))
    found: dict[str, dict[str, float]] = {}
    for (name, rows), values in took.items():
        found.setdefault(name, {})[str(rows)] = round(statistics.median(values), 3)
    return found


def fastest(measured: Mapping[str, Mapping[str, float]]) -> str:
    """The form with the lowest geometric mean over the numbers of rows."""
    return min(measured, key=lambda name: float(np.prod(list(measured[name].values()))))
