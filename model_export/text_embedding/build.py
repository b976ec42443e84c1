"""The stages in order: load, export, parity, quantise, write. Needs the `export` extra (torch)."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

import onnx

from model_export.artefacts import artefact, write_manifest
from model_export.text_embedding import checkpoint, compression, graph, manifest, measurement, repository
from model_export.text_embedding.encoder import SentenceEncoder
from model_export.text_embedding.evaluation import SENTENCES
from model_export.text_embedding.measurement import Measurement
from model_export.text_embedding.parity import ParityLost, parity
from model_export.text_embedding.settings import REPRODUCE, SERVING, SOURCE, TOLERANCE, Tolerance

FORMS: Mapping[str, Callable[[Path, Path], None]] = {
    "int8 dynamic": compression.dynamic_int8,
    "int8 weights, float32 arithmetic": compression.int8_weights,
    "float16 weights, float32 arithmetic": compression.float16_weights,
}
TOOLS = ("torch", "transformers", "onnx", "onnxscript", "onnxruntime", "numpy")


def acceptable(measured: Measurement, tolerance: Tolerance) -> bool:
    """Small enough, close enough, and the same whatever else is in the batch."""
    return (
        measured.bytes <= tolerance.max_bytes
        and measured.lowest_cosine >= tolerance.compressed_cosine
        and max(measured.batch_drift, measured.padding_drift) <= tolerance.batch_drift
        and measured.genre_agreement >= tolerance.genre_agreement
    )


def choose(measured: Mapping[str, Measurement], tolerance: Tolerance) -> str:
    """Name of the smallest acceptable form; raises ParityLost when there is none."""
    fitting = [name for name, numbers in measured.items() if acceptable(numbers, tolerance)]
    if not fitting:
        raise ParityLost("no smaller form keeps the tolerances")
    return min(fitting, key=lambda name: measured[name].bytes)


def build(folder: Path) -> manifest.Manifest:
    """Make the model's folder anew; raises ParityLost or SourceUnavailable and then leaves it as it was."""
    source = checkpoint.load(SOURCE)
    tokenizer_file = source.folder / "tokenizer.json"
    with tempfile.TemporaryDirectory() as scratch_name:
        scratch = Path(scratch_name)
        float32 = graph.export(SentenceEncoder(source).eval(), scratch / "float32.onnx")
        onnx.save(compression.strip(onnx.load(float32)), float32)
        cosine, vectors = parity(source.folder, float32, TOLERANCE)
        files = {name: scratch / f"{index}.onnx" for index, name in enumerate(FORMS)}
        for name, make in FORMS.items():
            make(float32, files[name])
        candidates = {"float32": float32, **files}
        measured = {name: measurement.measure(file, float32, tokenizer_file) for name, file in candidates.items()}
        form = choose({name: measured[name] for name in FORMS}, TOLERANCE)
        staged = scratch / "repository"
        paths = repository.write_repository(staged, files[form], tokenizer_file, SERVING)
        made = manifest.Manifest(
            schema="cadenza.export/1",
            source={**asdict(SOURCE), "weights_sha256": source.sha256},
            licence=SOURCE.licence,
            reproduce=REPRODUCE,
            versions={tool: metadata.version(tool) for tool in TOOLS},
            form=form,
            parity_fp32_cosine=round(cosine, measurement.DIGITS),
            measurements={name: asdict(numbers) for name, numbers in measured.items()},
            artefacts=[artefact(staged, path) for path in paths],
            references=list(map(manifest.reference, SENTENCES, vectors)),
        )
        write_manifest(staged, made)
        shutil.copytree(staged, folder, dirs_exist_ok=True)
    return made
