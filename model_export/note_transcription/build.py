"""The stages in order: load, optimise, parity, write. Needs the `export` extra (onnx) and the wheel."""

import shutil
import tempfile
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from model_export.artefacts import artefact, write_manifest
from model_export.note_transcription import graph, manifest, measurement, repository, source
from model_export.note_transcription.check import SAME_NAMES
from model_export.note_transcription.settings import REPRODUCE, SERVING, SOURCE, TOLERANCE

TOOLS = ("onnx", "onnxruntime", "numpy")


class ParityLost(RuntimeError):
    """The rewritten graph differs from the published one by more than its tolerance."""


def build(folder: Path) -> manifest.Manifest:
    """Make the model's folder anew; raises ParityLost or SourceUnavailable and then leaves it as it was."""
    published = source.find(SOURCE)
    published_names = {ours: theirs for theirs, ours in graph.OUTPUTS.items()}
    with tempfile.TemporaryDirectory() as scratch:
        staged = Path(scratch)
        paths = repository.write_repository(staged, graph.optimised(published), SERVING)
        before, after = measurement.session(published), measurement.session(staged / "1" / "model.onnx")
        windows = measurement.reference_windows()
        expected = measurement.likelihoods(before, windows, published_names)
        distance = measurement.distance(expected, measurement.likelihoods(after, windows, SAME_NAMES))
        drift = measurement.batch_drift(after, windows, SAME_NAMES)
        size = (staged / "1" / "model.onnx").stat().st_size
        if distance > TOLERANCE.likelihood or drift > TOLERANCE.batch_drift or size > TOLERANCE.max_bytes:
            raise ParityLost(f"distance {distance}, drift in batches {drift}, {size} bytes")
        made = manifest.Manifest(
            schema="cadenza.export/1",
            source=asdict(SOURCE),
            licence=SOURCE.licence,
            reproduce=REPRODUCE,
            versions={tool: metadata.version(tool) for tool in TOOLS},
            distance=distance,
            batch_drift=drift,
            milliseconds_per_window={
                "published": measurement.milliseconds_per_window(before, windows, published_names),
                "served": measurement.milliseconds_per_window(after, windows, SAME_NAMES),
            },
            artefacts=[artefact(staged, path) for path in paths],
            reference=manifest.reference(expected),
        )
        write_manifest(staged, made)
        shutil.copytree(staged, folder, dirs_exist_ok=True)
    return made
