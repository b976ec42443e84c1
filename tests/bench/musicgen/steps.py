"""What a step of the decoder takes of one core, for one guided song and for sixteen, early and late in them.

Every second row has no text. One thread, in time of the processor, forms in turns: other work disturbs that least.
"""

import statistics
import time
from pathlib import Path

import numpy as np
from rich.table import Table

from model_export.musicgen.config import DecoderConfig
from model_export.musicgen.decoder_runs import Rows, StepGraph
from tests.bench.musicgen import subject

ROWS, POSITIONS = (2, 32), (20, 250, 1000)
STEPS = 8


def opened(folder: Path, form: str, d: DecoderConfig, rows: int, position: int) -> Rows:
    """With keys and values at every position before."""
    begun = StepGraph(subject.step_file(folder, form), d).begin(subject.texts(folder, rows), position + STEPS)
    begun.skip(position)
    return begun


def seconds(rows: Rows, codes: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> float:
    """Of the processor, for one step."""
    began = time.process_time()
    rows.take(codes)
    return time.process_time() - began


def add_rows(table: Table, folder: Path, d: DecoderConfig) -> None:
    """Medians in milliseconds; the first step is not counted."""
    for position in POSITIONS:
        for count in ROWS:
            codes = np.zeros((count, d.books, 1), np.int64)
            begun = {form: opened(folder, form, d, count, position) for form in subject.FORMS}
            taken = [{form: seconds(rows, codes) for form, rows in begun.items()} for _ in range(STEPS)][1:]
            medians = {form: 1000 * statistics.median(each[form] for each in taken) for form in begun}
            told = ", ".join(f"{form} {spent:.1f}" for form, spent in medians.items())
            table.add_row(f"ms of a step of {count} rows behind {position} positions", "", told)
