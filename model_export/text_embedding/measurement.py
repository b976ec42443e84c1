"""How far a smaller form is from the reference, and what it costs: cosine, decisions, latency, memory."""

import multiprocessing
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model_export.text_embedding.evaluation import GENRE_PHRASES, PROMPTS, SENTENCES
from model_export.text_embedding.tokens import Feeds, encode

Vectors = NDArray[np.float32]
LATENCY_SHAPES = ((1, 16), (1, 32), (1, 64), (8, 16), (8, 32), (8, 64))
LATENCY_RUNS = 21
LONGEST = 128
DIGITS = 6


@dataclass(frozen=True)
class Measurement:
    """`latency_ms` medians by "batch x tokens" on one thread; `resident_mib` what loading and running adds."""

    bytes: int
    lowest_cosine: float
    batch_drift: float
    padding_drift: float
    genre_agreement: float
    latency_ms: dict[str, float]
    resident_mib: float


def session(model: Path) -> onnxruntime.InferenceSession:
    """One CPU thread, so that numbers of different machines can be compared."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def embed(runner: onnxruntime.InferenceSession, feeds: Feeds) -> Vectors:
    """Unit vectors [texts, 384]."""
    vectors: Vectors = runner.run(None, feeds)[0]
    return vectors


def one_by_one(runner: onnxruntime.InferenceSession, feeds: Feeds) -> Vectors:
    """The same vectors, each text in a batch of its own."""
    rows = range(len(feeds["input_ids"]))
    single = [{name: values[row : row + 1] for name, values in feeds.items()} for row in rows]
    return np.concatenate([embed(runner, feed) for feed in single])


def drift(first: Vectors, second: Vectors) -> float:
    """Largest cosine distance of two lists of unit vectors, row by row."""
    return float(1.0 - (first * second).sum(axis=1).min())


def chosen_genres(runner: onnxruntime.InferenceSession, tokenizer: Path) -> NDArray[np.intp]:
    """Index of the nearest genre phrase for every prompt of the evaluation."""
    phrases = embed(runner, encode(tokenizer, GENRE_PHRASES))
    prompts = one_by_one(runner, encode(tokenizer, PROMPTS, 32))
    nearest: NDArray[np.intp] = (prompts @ phrases.T).argmax(axis=1)
    return nearest


def latency(runner: onnxruntime.InferenceSession, tokenizer: Path) -> dict[str, float]:
    """Median milliseconds per call and shape."""
    medians = {}
    for batch, tokens in LATENCY_SHAPES:
        feeds = encode(tokenizer, [SENTENCES[-1]] * batch, tokens)
        times = []
        for _ in range(LATENCY_RUNS):
            begin = time.perf_counter()
            embed(runner, feeds)
            times.append(time.perf_counter() - begin)
        medians[f"{batch}x{tokens}"] = round(1000 * statistics.median(times), 2)
    return medians


def resident_mib(model: Path, tokenizer: Path) -> float:
    """MiB of resident memory that loading and a few calls add, seen from a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(added_memory, (model, tokenizer))


def added_memory(model: Path, tokenizer: Path) -> float:
    """Resident memory after minus before, in MiB, of this process."""
    feeds = encode(tokenizer, SENTENCES, 64)
    before = resident_kib()
    runner = session(model)
    for _ in range(5):
        embed(runner, feeds)
    return round((resident_kib() - before) / 1024, 1)


def resident_kib() -> int:
    """VmRSS of this process as Linux reports it."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


def measure(model: Path, float32: Path, tokenizer: Path) -> Measurement:
    """Everything the choice between forms rests on; `float32` is the graph before any quantisation."""
    runner, reference = session(model), session(float32)
    feeds, wide = encode(tokenizer, SENTENCES, 64), encode(tokenizer, SENTENCES, LONGEST)
    single = one_by_one(runner, feeds)
    agreed = chosen_genres(runner, tokenizer) == chosen_genres(reference, tokenizer)
    return Measurement(
        bytes=model.stat().st_size,
        lowest_cosine=round(1.0 - drift(single, one_by_one(reference, feeds)), DIGITS),
        batch_drift=round(drift(single, embed(runner, feeds)), DIGITS),
        padding_drift=round(drift(single, one_by_one(runner, wide)), DIGITS),
        genre_agreement=float(agreed.mean()),
        latency_ms=latency(runner, tokenizer),
        resident_mib=resident_mib(model, tokenizer),
    )
