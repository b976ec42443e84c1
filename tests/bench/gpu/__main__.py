"""`make bench-gpu`: songs by transformers and by ours at several numbers of requests at once; judges nothing.

`--device cpu --tiny` runs all of it in a minute on any machine, for its own test: those numbers mean nothing.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path

import onnxruntime
import torch

from model_export.tensorrt.errors import PlansError
from tests.bench.gpu import bandwidth, ours, report, subject
from tests.bench.gpu.planned import TensorRT, found, planned
from tests.bench.gpu.report import EAGER, OURS, PLANNED, STATIC, Measured, Report
from tests.bench.gpu.subject import WORDS, Subject
from tests.bench.gpu.theirs import Transformers
from triton_models.step_graph.devices import CUDA_PROVIDER, Device, DeviceAbsentError, parse_device

ROUNDS = 3
NO_DEVICE = 2
ON_CPU = "On a CPU nothing is compiled or recorded: these numbers only show that the program runs."
NO_STATIC = "transformers has no static cache for checkpoints that hear melodies, so that way is left empty."
FOLDER = Path(__file__).resolve().parents[3] / "docs" / "benchmarks"
TOOLS = ("torch", "transformers", "numpy")


@dataclass(frozen=True)
class Ours:
    """The ways that our songs are made on the device."""

    device: Device
    ways: Mapping[str, ours.Opening]


def main(given: Sequence[str] | None = None, finding: Callable[[], TensorRT] = found) -> int:
    """0 when a table was written, 2 when this machine has no such device."""
    chosen = _arguments().parse_args(given)
    if problem := _problem(chosen.device):
        sys.stderr.write(f"{problem}\n")
        return NO_DEVICE
    with tempfile.TemporaryDirectory() as scratch:
        made = _measure(subject.made(Path(scratch), chosen.checkpoint, chosen.tiny), chosen, finding)
    file = report.write(made, chosen.out)
    sys.stdout.write(f"{file}\n\n{file.read_text()}")
    return 0


def _problem(device: str) -> str:
    """Why nothing can be measured on the device, in a sentence."""
    if not device.startswith("cuda"):
        return ""
    if not torch.cuda.is_available():
        return "This machine has no CUDA device that PyTorch can use, so there is nothing to measure."
    if CUDA_PROVIDER not in onnxruntime.get_available_providers():
        return "This onnxruntime knows no CUDA: install the extra `gpu` (onnxruntime-gpu instead of onnxruntime)."
    return ""


def _measure(given: Subject, chosen: argparse.Namespace, finding: Callable[[], TensorRT]) -> Report:
    frames, rounds = given.frames(chosen.seconds), 1 if chosen.tiny else ROUNDS
    device, versions = parse_device(chosen.device), _versions()
    ways, notes = {OURS: ours.on_device(given, device)}, [] if chosen.device.startswith("cuda") else [ON_CPU]
    try:
        there = finding()
        ways[PLANNED] = planned(given, there, device, 2 * max(chosen.requests), frames)
        versions["tensorrt"] = there.version
    except (DeviceAbsentError, PlansError) as error:
        notes.append(f"TensorRT was not measured: {error}")
    moved = bandwidth.measured(chosen.device, (16 if chosen.tiny else 1024) << 20)
    theirs = Transformers(given, chosen.device)
    rows = [
        row
        for count in chosen.requests
        for row in _rows(given, theirs, Ours(device, ways), count, frames, rounds, moved)
    ]
    notes += [] if theirs.has_static_cache else [NO_STATIC]
    told = f"{given.told}, {WORDS} words{'' if given.heard is None else ' and a melody'} each"
    return Report(_today(), _name(chosen.device), told, chosen.seconds, moved, versions, rows, notes)


def _rows(
    given: Subject,
    theirs: Transformers,
    served: Ours,
    requests: int,
    frames: int,
    rounds: int,
    moved: float,
) -> Iterator[Measured]:
    d = given.decoder
    # Behind a melody the text is among the positions.
    before, words = (0, WORDS) if given.heard is None else (given.served.before(WORDS), 0)
    read = bandwidth.floor_of(given.step, d.layers, d.hidden, 2)
    floor = read.seconds(2 * requests, before + frames // 2, words, moved)
    for way, static in ((EAGER, False), (STATIC, True)):
        possible = theirs.has_static_cache or not static
        told = _seconds(theirs.songs(requests, frames, static=static), rounds) if possible else None
        yield Measured(requests, way, told, None, floor)
    for way, opening in served.ways.items():
        songs = ours.Songs(given, served.device, requests, frames, opening)
        took = _seconds(songs, rounds)
        songs.close()
        yield Measured(requests, way, took, ours.step_seconds(given, served.device, requests, frames, opening), floor)


def _seconds(run: Callable[[], None], rounds: int) -> float:
    """Median; the first run compiles and records, and is not counted."""
    taken = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def _today() -> date:
    return datetime.now(UTC).date()


def _name(device: str) -> str:
    return str(torch.cuda.get_device_name(device)) if device.startswith("cuda") else "CPU"


def _versions() -> dict[str, str]:
    return {tool: metadata.version(tool) for tool in TOOLS} | {"onnxruntime": onnxruntime.__version__}


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.gpu", description=__doc__)
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1, or cpu to try this program")
    parser.add_argument("--tiny", action="store_true", help="a model of a few thousand weights")
    parser.add_argument("--checkpoint", type=Path, metavar="FOLDER", help="instead of random weights")
    parser.add_argument("--requests", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--seconds", type=float, default=10.0, help="of sound in a song")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="FOLDER", help="of the table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
