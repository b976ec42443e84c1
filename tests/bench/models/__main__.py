"""`make bench-models`: decoding beside transformers, sixteen requests beside one at a time, overhead, cancels.

Rounds of what is compared take turns, so that other work on the machine slows both. Judges nothing.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from transformers import LlamaForCausalLM

from tests.bench.models import cancelling, overhead, subject
from triton_models.generation_core.scheduler import Scheduler

THREADS = 2
ROUNDS = 7
WALL, PROCESSOR = 0, 1

Spent = tuple[float, float]


def clocks() -> Spent:
    """Seconds that have passed, and that this process has had of the processors."""
    return time.perf_counter(), time.process_time()


def since(began: Spent) -> Spent:
    now = clocks()
    return now[WALL] - began[WALL], now[PROCESSOR] - began[PROCESSOR]


def transformers_run(model: LlamaForCausalLM) -> Callable[[], Spent]:
    """What one request takes with the library's own loop and caches."""
    prompt = torch.from_numpy(subject.request(0).row.prompt.T)

    def run() -> Spent:
        began = clocks()
        with torch.no_grad():
            made = model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=subject.TOKENS,
                min_new_tokens=subject.TOKENS,
                do_sample=True,
                temperature=subject.SAMPLING.temperature,
                top_k=subject.SAMPLING.top_k,
                top_p=subject.SAMPLING.top_p,
                pad_token_id=0,
            )
        assert made.shape[1] == subject.PROMPT + subject.TOKENS
        return since(began)

    return run


def our_run(scheduler: Scheduler, count: int) -> Callable[[], Spent]:
    """What `count` requests that come together take."""

    def run() -> Spent:
        began = clocks()
        made = subject.serve(scheduler, map(subject.request, range(count)))
        assert [len(tokens) for tokens in made.values()] == [subject.TOKENS] * count
        return since(began)

    return run


def rounds(*runs: Callable[[], Spent]) -> list[list[Spent]]:
    """What each run took, in turns; the first round is not counted."""
    taken = [[run() for run in runs] for _ in range(ROUNDS + 1)][1:]
    return [list(column) for column in zip(*taken, strict=True)]


def median(spent: list[Spent], clock: int) -> float:
    return statistics.median(each[clock] for each in spent)


def ratio(slow: list[Spent], fast: list[Spent], times: int = 1) -> str:
    """Of the medians, by both clocks; where others work too, the second one says more."""
    wall, own = (times * median(slow, clock) / median(fast, clock) for clock in (WALL, PROCESSOR))
    return f"{wall:.1f} times, {own:.1f} in time of processors"


def milliseconds(spent: list[Spent], tokens: int) -> str:
    wall, own = (1000 * median(spent, clock) / tokens for clock in (WALL, PROCESSOR))
    return f"{wall:.2f} ms a token ({own:.2f})"


def decoding(table: Table, model: LlamaForCausalLM, graph: Path) -> None:
    """One request beside transformers, and sixteen beside one at a time."""
    single = Scheduler(subject.opened(graph, THREADS), subject.LIMITS)
    many = Scheduler(subject.opened(graph, THREADS), subject.LIMITS)
    theirs, one, sixteen = rounds(transformers_run(model), our_run(single, 1), our_run(many, subject.SLOTS))
    tokens, all_tokens = subject.TOKENS, subject.TOKENS * subject.SLOTS
    table.add_row("one request, int8, beside transformers", milliseconds(theirs, tokens), milliseconds(one, tokens))
    table.add_row("", "", ratio(theirs, one))
    throughput = milliseconds(sixteen, all_tokens)
    table.add_row("16 in flight beside one at a time", milliseconds(one, tokens), throughput)
    table.add_row("", "", ratio(one, sixteen, subject.SLOTS))
    seen = many.snapshot().first_boundary_seconds
    table.add_row("16 at once: first bar, median and p95", "", f"{seen.median:.2f} s, {seen.p95:.2f} s")


def main() -> None:
    console = Console(width=120)
    torch.set_num_threads(THREADS)
    table = Table("what", "the other", "ours")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        model = subject.make_checkpoint(folder)
        graphs = subject.make_graphs(folder)
        chosen, took = subject.choose(graphs, folder)
        for name, times in took.items():
            kept = " (served below)" if name == chosen else ""
            steps = f"{times['1']} ms, 16 rows {times['16']} ms"
            table.add_row(f"step of the graph, one thread, {name}{kept}", "", steps)
        decoding(table, model, graphs[chosen])
        for rows in (1, 16):
            added = overhead.step_microseconds(rows)
            table.add_row(f"the scheduler's own time in a step of {rows}", "", f"{added:.0f} µs")
        played = cancelling.play(graphs[chosen], THREADS)
    counts = f"{played['leaked']:.0f} slots leaked, {played['crossed']:.0f} outputs crossed"
    table.add_row(f"{cancelling.CANCELS} cancels, {played['cancelled']:.0f} in time", "", counts)
    waits = f"median {1000 * played['median']:.1f} ms, slowest {1000 * played['slowest']:.1f} ms"
    table.add_row("from cancel to end", "", waits)
    console.print(table)


if __name__ == "__main__":
    main()
