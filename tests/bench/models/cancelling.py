"""500 cancels at random moments of a running model: what they leave behind, and how long they take."""

import time
from pathlib import Path

import numpy as np

from tests.bench.models.subject import LIMITS, opened, request, serve
from triton_models.generation_core.errors import RequestCancelledError
from triton_models.generation_core.events import Chunk, Ended
from triton_models.generation_core.runner import Runner
from triton_models.generation_core.scheduler import Scheduler
from triton_models.generation_core.stream import Stream

REQUESTS, CANCELS, LENGTH = 600, 500, 40


def made_and_ended(stream: Stream) -> tuple[list[int], bool]:
    """Every token that came, and whether the request was cancelled."""
    tokens: list[int] = []
    while True:
        event = stream.next(60.0)
        assert event is not None, "a request never ended"
        if isinstance(event, Ended):
            return tokens, isinstance(event.error, RequestCancelledError)
        assert isinstance(event, Chunk)
        tokens += event.tokens[:, 0].tolist()


def play(graph: Path, threads: int) -> dict[str, float]:
    """How many slots leaked, outputs crossed, requests were cancelled; seconds of the slowest and the usual cancel."""
    chance = np.random.default_rng(1)
    runner = Runner(Scheduler(opened(graph, threads), LIMITS), "bench")
    streams = {str(number): runner.submit(request(number, LENGTH)) for number in range(REQUESTS)}
    waits, results = [], {}
    for name in chance.permutation(list(streams))[:CANCELS].tolist():
        began = time.perf_counter()
        streams[name].cancel()
        results[name] = made_and_ended(streams[name])
        if results[name][1]:
            waits.append(time.perf_counter() - began)
    results |= {name: made_and_ended(stream) for name, stream in streams.items() if name not in results}
    leaked = runner.snapshot().active_slots
    runner.close()
    alone = Scheduler(opened(graph, threads), LIMITS)
    crossed = 0
    for number in range(0, REQUESTS, 5):
        wanted = serve(alone, [request(number, LENGTH)])[str(number)]
        tokens, cancelled = results[str(number)]
        crossed += tokens != (wanted[: len(tokens)] if cancelled else wanted)
    return {
        "leaked": leaked,
        "crossed": crossed,
        "cancelled": len(waits),
        "slowest": max(waits),
        "median": float(np.median(waits)),
    }
