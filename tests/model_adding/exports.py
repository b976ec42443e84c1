"""A twin of the export: it writes files with the names and the manifest of a real one, and takes no time."""

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from model_export.graph_writer import GraphWriter
from model_export.musicgen.errors import WeightsUnreadableError
from model_export.musicgen.licence import read_licence
from model_export.stages import Stage, Status

DECODER = {
    "layers": 24,
    "heads": 16,
    "hidden": 1024,
    "books": 4,
    "vocabulary": 2048,
    "audio_channels": 1,
}
MELODY = {
    "chroma": 12,
    "length": 235,
    "projected": True,
    "sampling_rate": 32000,
    "fft": 16384,
    "hop": 4096,
    "seconds": 30,
}
FORMS = ("float16", "float32", "int8")
NAMES = ["codec.json", "tokenizer.json", "text_encoder.float32.onnx", "musicgen_cross.float32.onnx"]
PLANNED = ("musicgen_tensorrt.float16.onnx", "musicgen_cross.float16.onnx")
NAMES += [*PLANNED, "musicgen_device.float16.onnx"]
NAMES += [f"musicgen_step.{form}.onnx" for form in FORMS] + ["musicgen_standard.float32.onnx"]


def make_graphs(
    checkpoint: Path,
    target: Path,
    tell: Callable[[Stage], None],
    positions: int = 2048,
    int8: bool = True,
    melody: bool = False,
) -> None:
    """As model_export.adding.exporting has it; weights that say `torn` are refused when the stages have begun."""
    tell(Stage("load", Status.PASSED, 0.1, {}))
    target.mkdir()
    names = [name for name in NAMES if int8 or "step.int8" not in name]
    names = [name.replace("cross", "prefix") if melody else name for name in names]
    for name in names:
        (target / name).write_text(name)
    write_planned(target, names)
    if (checkpoint / "model.safetensors").read_bytes().startswith(b"torn"):
        raise WeightsUnreadableError("model.safetensors", "is cut off; bring it anew")
    tell(Stage("tensorrt", Status.SKIPPED, 0.1, {"reason": "there is none"}))
    artefacts = [{"path": name, "sha256": "", "bytes": len(name)} for name in names]
    sizes: dict[str, Any] = {"decoder": {**DECODER, "max_positions": positions}, "sampling_rate": 32000, "hop": 640}
    sizes["melody"] = MELODY if melody else None
    digest = hashlib.sha256((checkpoint / "model.safetensors").read_bytes()).hexdigest()
    made = {**sizes, "weights_sha256": digest, "licence": asdict(read_licence(checkpoint)), "artefacts": artefacts}
    (target / "export.json").write_text(json.dumps(made))


def write_planned(folder: Path, names: Collection[str]) -> None:
    """Graphs of these whose lengths are fixed where they are served: inputs and outputs, which is all that counts."""
    step, cross = (GraphWriter(np.float16) for _ in range(2))
    for kind, name in (("past", "input"), ("present", "output")):
        getattr(step, name)(f"{kind}_key.0", step.element, ["rows", 16, "context", 64])
    step.input("cross_bias", step.element, ["rows", 1, 1, "text"])
    step.node("Identity", ["past_key.0"], "present_key.0")
    cross.input("states", cross.element, ["rows", "text", 768])
    cross.output("cross_states", cross.element, ["rows", "text", 768])
    cross.node("Identity", ["states"], "cross_states")
    for writer, name in zip((step, cross), PLANNED, strict=True):
        if name in names:
            writer.save(folder / name, "graph")


def small_checkpoint(folder: Path, weights: bytes = b"weights") -> Path:
    """What the twin takes for one."""
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "musicgen"}')
    (folder / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n")
    (folder / "model.safetensors").write_bytes(weights)
    return folder
