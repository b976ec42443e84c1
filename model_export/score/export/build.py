"""The stages in order: load, write, parity, quantise, tensorrt, publish. Needs the `export` extra (torch)."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_export.artefacts import artefact, write_manifest
from model_export.compiling import compile_graphs
from model_export.decoder_graphs import products
from model_export.decoder_graphs.device_caches import DeviceCaches
from model_export.decoder_graphs.shared_caches import SharedCaches
from model_export.decoder_graphs.standard_caches import StandardCaches
from model_export.decoder_graphs.updated_caches import UpdatedCaches
from model_export.graph_writer import GraphWriter
from model_export.profiles import CPU, GPU_FORM, ONNX_GPU, TENSORRT
from model_export.score.export import checkpoint, decoder, manifest, parity, speed
from model_export.score.export.checkpoint import Architecture, Checkpoint
from model_export.score.export.decoding import Tokens
from model_export.score.export.reference import Reference
from model_export.score.export.rotation import tables
from model_export.sessions import session
from model_export.speed import fastest
from model_export.stages import Outcome, ParityLostError, Stage, Status, timed, versions
from triton_models.step_graph.plans import place

DEVICE: Final = f"device.{GPU_FORM}.onnx"
PLANNED: Final = f"{place.SCORE_STEP}.{GPU_FORM}.onnx"
# What is served on a GPU, by the profile.
SERVED: Final = {ONNX_GPU: DEVICE, TENSORRT: PLANNED}
INT8: Final = {"int8 by row": products.row_int8, "int8 by block": products.block_int8}


@dataclass(frozen=True)
class Settings:
    """`python` is an interpreter that may have the wheel tensorrt_rtx; `texts` are rows and tokens read for a loss.

    For the `profile` onnx-gpu there is one graph more, for devices; for tensorrt there are two, for plans.
    """

    logits: float = 1e-4
    greedy_steps: int = 500
    perplexity_drift: float = 0.01
    texts: tuple[int, int] = (8, 96)
    python: str = sys.executable
    engine_rows: int = 64
    engine_chunk: int = 64
    gate_seconds: float = 900.0
    profile: str = CPU


@dataclass
class Build:
    """One export under way, in a folder of its own."""

    source: Checkpoint
    folder: Path
    settings: Settings
    stages: list[Stage] = field(default_factory=list)
    int8_form: str = ""

    @property
    def architecture(self) -> Architecture:
        return self.source.architecture

    def run(self, name: str, work: Callable[[], Outcome]) -> None:
        """Do a stage and note it; what it raises ends the export."""
        self.stages.append(timed(name, work))


def build(source: Path, target: Path, settings: Settings) -> manifest.Manifest:
    """Make `target` anew; raises CheckpointInvalidError or ParityLostError and then leaves it as it was."""
    with tempfile.TemporaryDirectory() as scratch:
        began = time.monotonic()
        folder = Path(scratch) / "export"
        folder.mkdir()
        making = Build(checkpoint.load(source), folder, settings)
        size = {"parameters": making.architecture.parameters}
        making.stages.append(Stage("load", Status.PASSED, round(time.monotonic() - began, 2), size))
        making.run("write", lambda: write_graphs(making))
        making.run("parity", lambda: check_parity(making))
        making.run("quantise", lambda: quantise(making))
        making.run("tensorrt", lambda: compile_for_tensorrt(making))
        made = manifest.Manifest(
            schema="cadenza.score-export/1",
            weights_sha256=making.source.sha256,
            architecture=asdict(making.architecture),
            versions=versions(),
            int8_form=making.int8_form,
            stages=making.stages,
            artefacts=[artefact(making.folder, file.name) for file in sorted(making.folder.glob("*.onnx"))],
        )
        write_manifest(making.folder, made)
        shutil.copytree(making.folder, target, dirs_exist_ok=True)
    return made


def write_graphs(making: Build) -> Outcome:
    """Float32 and float16, each with shared caches and in standard operators."""
    for compute, name in ((np.float32, "float32"), (np.float16, "float16")):
        rotation = tables(making.architecture)
        for caches, kind in ((SharedCaches(rotation), "step"), (StandardCaches(rotation), "standard")):
            file = making.folder / f"{kind}.{name}.onnx"
            decoder.write(making.source, file, caches, products.floating, GraphWriter(compute))
    if making.settings.profile == ONNX_GPU:
        caches = DeviceCaches(tables(making.architecture))
        decoder.write(making.source, making.folder / DEVICE, caches, products.floating, GraphWriter(np.float16))
    if making.settings.profile == TENSORRT:
        for compute, name in ((np.float32, "float32"), (np.float16, "float16")):
            caches, file = UpdatedCaches(tables(making.architecture)), making.folder / f"{place.SCORE_STEP}.{name}.onnx"
            decoder.write(making.source, file, caches, products.floating, GraphWriter(compute))
    return Status.PASSED, {file.name: file.stat().st_size for file in sorted(making.folder.glob("*.onnx"))}


def check_parity(making: Build) -> Outcome:
    """Logits and greedy tokens of the float32 graphs."""
    a, reference, detail = making.architecture, Reference(making.source.folder), dict[str, Any]()
    steps = min(making.settings.greedy_steps, a.context - parity.CHUNKS[0])
    path = reference.greedy(*parity.prompts(a, parity.ROWS, parity.CHUNKS[0]), steps)
    for name in ("step.float32", "standard.float32", f"{place.SCORE_STEP}.float32"):
        file = making.folder / f"{name}.onnx"
        if not file.exists():
            continue
        difference = parity.largest_difference(file, a, reference)
        # Two logits that differ by less than twice what each may be off by are not told apart.
        followed = parity.greedy(session(file), a, path, 2 * making.settings.logits)
        detail[name] = {"largest_difference": difference, "greedy": asdict(followed)}
        if not difference <= making.settings.logits or followed.same + followed.undecided < steps:
            raise ParityLostError(f"{name}: logits differ by {difference:.2e}, of greedy steps {followed}")
    return Status.PASSED, detail


def quantise(making: Build) -> Outcome:
    """Tries the ways of int8, keeps the fastest that is close enough, and says what float16 loses."""
    a, folder = making.architecture, making.folder
    float32 = session(folder / "step.float32.onnx")
    rows, length = making.settings.texts
    read = parity.texts(float32, a, rows, min(length, a.context))
    wanted = parity.log_probabilities(float32, a, read)
    candidates = {name: folder / f"candidate.{index}.onnx" for index, name in enumerate(INT8)}
    for name, file in candidates.items():
        decoder.write(making.source, file, SharedCaches(tables(a)), INT8[name], GraphWriter(np.float32))
    forms = {"float32": folder / "step.float32.onnx", "float16": folder / "step.float16.onnx", **candidates}
    took = speed.step_milliseconds(forms, a)
    detail: dict[str, Any] = {}
    for name, file in forms.items():
        lost = asdict(parity.loss(file, read, wanted, a)) if name != "float32" else {}
        company = parity.company_difference(file, a)
        size = file.stat().st_size
        detail[name] = {**lost, "company_difference": company, "step_milliseconds": took[name], "bytes": size}
    if making.settings.profile in SERVED:
        detail["device"] = _device_loss(making, read, wanted)
    making.int8_form = choose({name: detail[name] for name in INT8}, making.settings)
    candidates[making.int8_form].rename(folder / "step.int8.onnx")
    for file in folder.glob("candidate.*.onnx"):
        file.unlink()
    return Status.PASSED, detail


def _device_loss(making: Build, read: Tokens, wanted: NDArray[np.float64]) -> dict[str, Any]:
    """Of the graph that a GPU is to run, run on the CPU; raises ParityLostError when it is too much."""
    served = SERVED[making.settings.profile]
    lost = parity.loss(making.folder / served, read, wanted, making.architecture)
    if not abs(lost.perplexity_drift) <= making.settings.perplexity_drift:
        raise ParityLostError(f"{served} loses {lost} beside float32")
    return asdict(lost)


def choose(measured: Mapping[str, Mapping[str, Any]], settings: Settings) -> str:
    """The fastest form that loses little and whose rows do not notice each other; raises ParityLostError."""
    fitting = {
        name: numbers["step_milliseconds"]
        for name, numbers in measured.items()
        if abs(numbers["perplexity_drift"]) <= settings.perplexity_drift and numbers["company_difference"] == 0.0
    }
    if not fitting:
        raise ParityLostError(f"no int8 form keeps the tolerances: {dict(measured)}")
    return fastest(fitting)


def compile_for_tensorrt(making: Build) -> Outcome:
    """Raises ParityLostError when a graph does not compile; skipped where the wheel is absent."""
    settings, context, most = making.settings, making.architecture.context, making.settings.engine_rows
    ranges = {
        "rows": (1, max(1, most // 2), most),
        "n": (1, 1, min(settings.engine_chunk, context)),
        "past": (max(1, min(64, context // 2)), max(1, context // 2), context),
    }
    files = [file for kind in ("standard", place.SCORE_STEP) for file in sorted(making.folder.glob(f"{kind}.*.onnx"))]
    return compile_graphs(files, ranges, settings.python, settings.gate_seconds)
