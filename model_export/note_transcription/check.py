"""Does the committed model still do what its manifest says? Needs onnxruntime, not the wheel it came from."""

from pathlib import Path

import numpy as np

from model_export.artefacts import file_problem
from model_export.note_transcription.manifest import EVERY, Manifest
from model_export.note_transcription.measurement import (
    OUTPUTS,
    batch_drift,
    likelihoods,
    reference_windows,
    session,
)
from model_export.note_transcription.settings import Tolerance

SAME_NAMES = {name: name for name in OUTPUTS}


def parity_problems(folder: Path, manifest: Manifest, tolerance: Tolerance) -> list[str]:
    """Distance of the model from what the published graph said, and of batches from single windows."""
    runner, windows = session(folder / "1" / "model.onnx"), reference_windows()
    found = likelihoods(runner, windows[:1], SAME_NAMES)
    problems = []
    for name in OUTPUTS:
        away = float(np.abs(found[name][0, ::EVERY] - manifest.expected(name)).max())
        if away > tolerance.likelihood:
            problems.append(f"{name} is {away:.6f} from the published graph, allowed {tolerance.likelihood}")
    if (drift := batch_drift(runner, windows, SAME_NAMES)) > tolerance.batch_drift:
        problems.append(f"batch mates move a likelihood by {drift:.6f}, allowed {tolerance.batch_drift}")
    return problems


def check(folder: Path, manifest: Manifest, tolerance: Tolerance) -> list[str]:
    """Every problem found, in words; empty when all is well. Parity is tried only on intact files."""
    broken = [problem for entry in manifest.artefacts if (problem := file_problem(folder, entry))]
    return broken or parity_problems(folder, manifest, tolerance)
