"""TensorRT's plans of the same weights, built on this machine where TensorRT is, and opened as they are served."""

import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from model_export.artefacts import NAME, artefact
from model_export.decoder_graphs import products
from model_export.decoder_graphs.lengths import fix_lengths
from model_export.decoder_graphs.updated_caches import UpdatedCaches
from model_export.graph_writer import GraphWriter
from model_export.musicgen import decoder_cross, decoder_step
from model_export.musicgen.checkpoint import read_checkpoint
from model_export.tensorrt.building import build
from model_export.tensorrt.graphs import MUSICGEN, Export
from model_export.tensorrt.installation import Installation
from model_export.tensorrt.installation import find as find_installation
from model_export.tensorrt.profiles import Range
from tests.bench.gpu.ours import Opening, settings_of
from tests.bench.gpu.subject import WORDS, Subject
from triton_models.musicgen.checkpoint import PLANNED_CROSS, PLANNED_STEP, PREFIX
from triton_models.step_graph.devices import Device
from triton_models.step_graph.forms import DEVICE_FORM, PLAN_FORM
from triton_models.step_graph.plans.opening import PlanRuntime, find
from triton_models.step_graph.plans.place import FOLDER, rounded

GRAPHS = "planned"


@dataclass(frozen=True)
class TensorRT:
    """What builds plans here, and what runs them."""

    installation: Installation
    runtime: PlanRuntime

    @property
    def version(self) -> str:
        return self.installation.version


def found() -> TensorRT:
    """Raises DeviceAbsentError or NothingToDoError, in a sentence, where there is none."""
    runtime = find()
    return TensorRT(find_installation(rtx=False), runtime)


def planned(subject: Subject, there: TensorRT, device: Device, rows: int, frames: int) -> Opening:
    """Builds plans for at most so many rows and frames; what comes back opens them."""
    graphs = subject.folder / GRAPHS
    graphs.mkdir()
    _write(subject, graphs, rounded(settings_of(subject, rows // 2, frames).positions))
    names = sorted(file.name for file in graphs.iterdir())
    artefacts = [asdict(artefact(graphs, name)) for name in names]
    export = Export(graphs, {"schema": MUSICGEN, "decoder": asdict(subject.decoder), "artefacts": artefacts})
    # Serving reads the digests of the graphs there.
    (graphs / NAME).write_text(json.dumps(export.made))
    wanted = export.graphs(rows=Range(1, min(2, rows), rows))
    build(export, wanted, graphs / FOLDER, there.installation, lambda line: None)
    served = replace(subject.served, folder=graphs)
    return lambda settings: served.open(PLAN_FORM, settings, device, there.runtime)


def _write(subject: Subject, graphs: Path, positions: int) -> None:
    read = read_checkpoint(subject.source)
    step, cross = (graphs / f"{name}.{DEVICE_FORM}.onnx" for name in (PLANNED_STEP, PLANNED_CROSS))
    writer = GraphWriter(np.float16, step.with_suffix(".weights"))
    decoder_step.write(read, step, UpdatedCaches(), products.floating, writer)
    fix_lengths(step, positions, rounded(WORDS))
    if subject.heard is not None:
        shutil.copyfile(subject.folder / PREFIX, graphs / PREFIX)
        return
    decoder_cross.write(read, cross, GraphWriter(np.float16, cross.with_suffix(".weights")))
    fix_lengths(cross, positions, rounded(WORDS))
