"""Does the committed model still do what its manifest says? Needs onnxruntime, not torch."""

from pathlib import Path

import numpy as np

from model_export.artefacts import file_problem
from model_export.text_embedding.manifest import Manifest
from model_export.text_embedding.measurement import drift, embed, one_by_one, session
from model_export.text_embedding.settings import Tolerance
from model_export.text_embedding.tokens import encode


def parity_problems(folder: Path, manifest: Manifest, tolerance: Tolerance) -> list[str]:
    """Distance of the model from the recorded torch vectors, and of batches from single calls."""
    runner = session(folder / "1" / "model.onnx")
    texts = [entry.text for entry in manifest.references]
    feeds = encode(folder / "tokenizer.json", texts, 64)
    single, expected = one_by_one(runner, feeds), np.stack([entry.array() for entry in manifest.references])
    cosine = 1.0 - drift(single, expected)
    coupled = drift(single, embed(runner, feeds))
    problems = []
    if cosine < tolerance.compressed_cosine:
        problems.append(f"cosine to torch {cosine:.5f} is below {tolerance.compressed_cosine}")
    if coupled > tolerance.batch_drift:
        problems.append(f"batch mates move a vector by {coupled:.5f}, allowed {tolerance.batch_drift}")
    return problems


def check(folder: Path, manifest: Manifest, tolerance: Tolerance) -> list[str]:
    """Every problem found, in words; empty when all is well. Parity is tried only on intact files."""
    broken = [problem for entry in manifest.artefacts if (problem := file_problem(folder, entry))]
    return broken or parity_problems(folder, manifest, tolerance)
