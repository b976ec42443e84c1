"""Graphs of tiny checkpoints for devices, for which the CPU stands: same graphs, same bindings by address."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_export.decoder_graphs import products
from model_export.decoder_graphs.device_caches import DeviceCaches
from model_export.graph_writer import Compute, GraphWriter
from model_export.musicgen import decoder_cross, decoder_step
from model_export.musicgen.checkpoint import read_checkpoint
from tests.musicgen_serving.conftest import Served
from triton_models.musicgen.checkpoint import PREFIX
from triton_models.step_graph.code_books import CodeBookSettings
from triton_models.step_graph.device_code_books import DeviceCodes, open_on_device
from triton_models.step_graph.device_prefixed import open_prefixed_on_device
from triton_models.step_graph.devices import CPU, Device

FORMS: dict[str, Compute] = {"float32": np.float32, "float16": np.float16}
# Of the longest songs that are asked for, behind a melody and its text where there is one.
SETTINGS = CodeBookSettings(300, 6, 16)


@dataclass(frozen=True)
class OnDevice:
    """The graphs of one checkpoint for devices, in every form."""

    served: Served

    def file(self, graph: str, form: str) -> Path:
        return self.served.folder / f"device_{graph}.{form}.onnx"

    def open(self, form: str, settings: CodeBookSettings = SETTINGS, device: Device = CPU) -> DeviceCodes:
        step, pattern = self.file("step", form), self.served.pattern
        if self.served.melody is None:
            return open_on_device(step, self.file("cross", form), pattern, settings, device)
        return open_prefixed_on_device(step, self.served.folder / PREFIX, pattern, settings, device)


def on_device(served: Served) -> OnDevice:
    """Write the graphs beside those for the CPU, of which that of what stands before the codes serves both."""
    made, read = OnDevice(served), read_checkpoint(served.folder / "checkpoint")
    for form, compute in FORMS.items():
        decoder_step.write(read, made.file("step", form), DeviceCaches(), products.floating, GraphWriter(compute))
        if served.melody is None:
            decoder_cross.write(read, made.file("cross", form), GraphWriter(compute))
    return made
