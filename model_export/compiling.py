"""Stage `tensorrt`: hands graphs to the compiler, which runs as a program of its own (see tensorrt_gate)."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import onnx

from model_export.stages import Outcome, ParityLostError, Status

GATE: Final = "model_export.tensorrt_gate"
WHEEL_ABSENT: Final = 3
# Smallest, usual and largest size of a free dimension, by its name.
Ranges = Mapping[str, tuple[int, int, int]]


def compile_graphs(files: Sequence[Path], ranges: Ranges, python: str, seconds: float) -> Outcome:
    """Raises ParityLostError when a graph does not compile; skipped where `python` has no wheel tensorrt_rtx."""
    profiles = {str(file): _profile(file, ranges) for file in files}
    root = Path(__file__).resolve().parents[1]
    command = [python, "-m", GATE, json.dumps(profiles)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode == WHEEL_ABSENT:
        return Status.SKIPPED, {"reason": f"the wheel tensorrt_rtx is not installed for {Path(python).name}"}
    if done.returncode:
        raise ParityLostError(f"the TensorRT compiler ended with {done.returncode}: {done.stderr[-2000:]}")
    answer = json.loads(done.stdout.splitlines()[-1])
    engines = {Path(file).name: result for file, result in answer["engines"].items()}
    failed = {name: result for name, result in engines.items() if not isinstance(result, int)}
    if failed:
        raise ParityLostError(f"TensorRT refuses: {failed}")
    return Status.PASSED, {"version": answer["version"], "engine_bytes": engines}


def _profile(file: Path, ranges: Ranges) -> dict[str, list[list[int]]]:
    """Three shapes of every input that has a free dimension."""
    shapes = {
        node.name: [ranges[size.dim_param] if size.dim_param else (size.dim_value,) * 3 for size in _sizes(node)]
        for node in onnx.load(file, load_external_data=False).graph.input
        if any(size.dim_param for size in _sizes(node))
    }
    return {name: [[size[which] for size in shape] for which in range(3)] for name, shape in shapes.items()}


def _sizes(node: onnx.ValueInfoProto) -> Sequence[onnx.TensorShapeProto.Dimension]:
    sizes: Sequence[onnx.TensorShapeProto.Dimension] = node.type.tensor_type.shape.dim
    return sizes
