"""`make bench-models`: songs with guidance beside transformers, and sixteen at once beside one after the other.

Both decode what they drew to samples. Rounds take turns, so that other work on the machine slows both. Judges nothing.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from transformers import MusicgenForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

from model_export.musicgen.checkpoint import read_checkpoint
from tests.bench.models import overhead
from tests.bench.musicgen import steps, subject
from triton_models.code_books.delay_pattern import DelayPattern

THREADS = 2
ROUNDS = 3
FRAMES = 100
SECONDS = FRAMES / subject.FRAMES_A_SECOND
IN_FLIGHT = 16

NO_OPTIMUM = "Optimum is not compared: optimum-onnx 0.1.0 does not install beside transformers 5 (docs/decisions/0056)."

Run = Callable[[], None]


def transformers_run(model: MusicgenForConditionalGeneration, pattern: DelayPattern) -> Run:
    """Eager, with its own caches; the states of the text are given."""
    heard = BaseModelOutput(last_hidden_state=torch.from_numpy(subject.states())[None])

    def run() -> None:
        with torch.no_grad():
            made = model.generate(
                encoder_outputs=heard,
                attention_mask=torch.ones(1, subject.WORDS, dtype=torch.int64),
                do_sample=True,
                top_k=250,
                guidance_scale=3.0,
                max_new_tokens=pattern.positions(FRAMES) - 1,
            )
        assert made.shape[-1] == FRAMES * subject.RATE // subject.FRAMES_A_SECOND

    return run


def seconds(run: Run) -> tuple[float, float]:
    """That passed, and of the processors."""
    wall, own = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - own


def rounds(*runs: Run) -> list[list[tuple[float, float]]]:
    """What each run took, in turns; the first round is not counted."""
    taken = [[seconds(run) for run in runs] for _ in range(ROUNDS + 1)][1:]
    return [list(column) for column in zip(*taken, strict=True)]


def median(spent: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(wall for wall, _ in spent), statistics.median(own for _, own in spent)


def compare(table: Table, way: str, source: Path, folder: Path, theirs: Run) -> None:
    """One song beside theirs, and sixteen at once beside one after the other."""
    given = subject.instrument(source, folder, THREADS)
    desk = subject.desk_of(subject.opened(folder, way, given.pattern, 2, FRAMES, THREADS), given)
    slow, fast = map(median, rounds(theirs, partial(subject.play, desk, FRAMES, 1)))
    desk.close()
    row = (f"{wall:.2f} s ({own:.2f})" for wall, own in (slow, fast))
    table.add_row(f"{SECONDS:g} s with guidance, {way}", *row)
    ratios = [one / other for one, other in zip(slow, fast, strict=True)]
    table.add_row("", "", f"{ratios[0]:.1f} times, {ratios[1]:.1f} in time of processors")
    table.add_row("", "", f"{SECONDS / fast[0]:.2f} times real time")
    many = subject.opened(folder, way, given.pattern, 2 * IN_FLIGHT, FRAMES, THREADS)
    desk = subject.desk_of(many, given)
    together = seconds(partial(subject.play, desk, FRAMES, IN_FLIGHT))
    desk.close()
    waiting = [IN_FLIGHT * spent for spent in fast]
    row = (f"{wall:.1f} s ({own:.1f})" for wall, own in (waiting, together))
    table.add_row(f"{IN_FLIGHT} at once beside one by one, {way}", *row)
    ratios = [one / other for one, other in zip(waiting, together, strict=True)]
    table.add_row("", "", f"{ratios[0]:.1f} times, {ratios[1]:.1f} in time of processors")


def main() -> None:
    torch.set_num_threads(THREADS)
    console = Console(width=120)
    table = Table("what", "the other", "ours")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        source = folder / "checkpoint"
        model = subject.make_checkpoint(source)
        subject.make_graphs(source, folder)
        theirs = transformers_run(model, subject.instrument(source, folder, THREADS).pattern)
        steps.add_rows(table, folder, read_checkpoint(source).config.decoder)
        for way in subject.FORMS:
            compare(table, way, source, folder, theirs)
    table.add_row("the scheduler's own time in a step of one song", "", f"{overhead.step_microseconds(2):.0f} µs")
    console.print(table)
    console.print(NO_OPTIMUM)


if __name__ == "__main__":
    main()
