"""The stages in order, from a folder to all graphs of a checkpoint. Needs the `export` extra (torch)."""

import math
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_export.artefacts import NAME, artefact, write_manifest
from model_export.compiling import compile_graphs
from model_export.decoder_graphs import products
from model_export.decoder_graphs.device_caches import DeviceCaches
from model_export.decoder_graphs.lengths import fix_lengths
from model_export.decoder_graphs.products import Product
from model_export.decoder_graphs.shared_caches import SharedCaches
from model_export.decoder_graphs.standard_caches import StandardCaches
from model_export.decoder_graphs.updated_caches import UpdatedCaches
from model_export.graph_writer import Compute, GraphWriter
from model_export.musicgen import decoder_cross, decoder_prefix, decoder_speed, decoder_step, manifest, parity
from model_export.musicgen.checkpoint import Checkpoint, read_checkpoint
from model_export.musicgen.codec_stages import CodecTolerance, check_codec, compile_codec, write_codec
from model_export.musicgen.config import DecoderConfig
from model_export.musicgen.decoder_levels import key_value_scales
from model_export.musicgen.decoder_runs import Codes, Cross, Logits
from model_export.musicgen.reference import Greedy, Reference, reference_of
from model_export.musicgen.repository import DEVICE, PLANNED, STANDARD
from model_export.musicgen.text_encoder import write_text_encoder
from model_export.musicgen.text_parity import check_text_encoder
from model_export.profiles import CPU, GPU_FORM, ONNX_GPU, TENSORRT
from model_export.speed import fastest
from model_export.stages import Outcome, ParityLostError, Stage, Status, timed, versions
from triton_models.step_graph import prefixes
from triton_models.step_graph.plans.place import rounded

CROSS: Final = decoder_cross.NAME
PREFIX: Final = decoder_prefix.NAME
STEP: Final = decoder_step.NAME
WAYS: Final[Mapping[str, Product]] = {"int8 by row": products.row_int8, "int8 by block": products.block_int8}
# Each with keys and values in float32, and in int8 as well.
INT8: Final = (*WAYS, *(f"{way}{manifest.AND_CACHES}" for way in WAYS))
# Of a melody and its text, where a form is only compared with others.
COMPANY_PREFIX: Final = 24
# The step graph of each profile for GPUs.
SERVED: Final = {ONNX_GPU: DEVICE, TENSORRT: PLANNED}
FLOATS: Final[Mapping[str, Compute]] = {"float32": np.float32, "float16": np.float16}


@dataclass(frozen=True)
class Settings:
    """Tolerances: of hidden states and logits; of int8 in nats a code and as a share of codes that stay the same.

    `python` is an interpreter that may have the wheel tensorrt_rtx. Of `greedy_steps` there must be more than twice as
    many as books: in shorter songs transformers leaves the delay pattern out. For the `profile` onnx-gpu there is a
    graph for devices, for tensorrt there are graphs for plans; then there is no int8.
    """

    logits: float = 1e-4
    greedy_steps: int = 250
    guidance: float = 3.0
    kl: float = 0.01
    same_code: float = 0.95
    drawn_steps: int = 48
    python: str = sys.executable
    engine_rows: int = 64
    engine_chunk: int = 64
    engine_text: int = 128
    gate_seconds: float = 3600.0
    profile: str = CPU


@dataclass
class Export:
    """One export under way, in a folder of its own."""

    source: Checkpoint
    folder: Path
    settings: Settings
    int8_form: str = ""
    stages: list[Stage] = field(default_factory=list)

    @property
    def decoder(self) -> DecoderConfig:
        return self.source.config.decoder

    @property
    def guide(self) -> str:
        """The graph of what songs are conditioned on."""
        return CROSS if self.source.config.melody is None else PREFIX

    def file(self, graph: str, form: str) -> Path:
        """Where a form of a graph lies; its weights lie beside it."""
        return self.folder / f"{graph}.{form}.onnx"


def export(source: Path, target: Path, settings: Settings, tell: Callable[[Stage], None]) -> manifest.Manifest:
    """Make or replace the graphs in `target`; `tell` hears of each stage when it is over.

    Raises CheckpointInvalidError or ParityLostError, and then leaves the target as it was.
    """
    read, first = _load(source)
    tell(first)
    target.mkdir(parents=True, exist_ok=True)
    # In the target itself, so that moving the files is no copying: they may have many gigabytes.
    with tempfile.TemporaryDirectory(dir=target, prefix=".export-") as scratch:
        making = Export(read, Path(scratch), settings, stages=[first])
        for name, work in STAGES.items():
            making.stages.append(timed(name, partial(work, making)))
            tell(making.stages[-1])
        made = _manifest(making)
        write_manifest(making.folder, made)
        for name in [*(kept.path for kept in made.artefacts), NAME]:
            (making.folder / name).replace(target / name)
    return made


def _load(source: Path) -> tuple[Checkpoint, Stage]:
    began = time.monotonic()
    read = read_checkpoint(source)
    detail = {
        "weights": sum(math.prod(shape) for shape in read.files.shapes.values()),
        "licence": read.licence.id,
        "commercial_use": read.licence.commercial_use.value,
    }
    return read, Stage("load", Status.PASSED, round(time.monotonic() - began, 2), detail)


def _manifest(making: Export) -> manifest.Manifest:
    config, names = making.source.config, sorted(file.name for file in making.folder.iterdir() if file.is_file())
    return manifest.Manifest(
        schema=manifest.SCHEMA,
        weights_sha256=making.source.files.sha256(),
        licence=making.source.licence,
        decoder=asdict(config.decoder),
        sampling_rate=config.codec.sampling_rate,
        hop=config.codec.hop,
        generation=config.generation,
        versions=versions(),
        melody=None if config.melody is None else asdict(config.melody),
        int8_form=making.int8_form,
        stages=making.stages,
        artefacts=[artefact(making.folder, name) for name in names],
    )


def write_graphs(making: Export) -> Outcome:
    """Float32 and float16 of each graph."""
    for form, compute in FLOATS.items():
        file, melody = making.file(making.guide, form), making.source.config.melody
        writer = GraphWriter(compute, file.with_suffix(".weights"))
        if melody is None:
            decoder_cross.write(making.source, file, writer)
        else:
            decoder_prefix.write(making.source, melody, file, writer)
        for graph, caches in ((STEP, SharedCaches()), (STANDARD, StandardCaches())):
            file = making.file(graph, form)
            writer = GraphWriter(compute, file.with_suffix(".weights"))
            decoder_step.write(making.source, file, caches, products.floating, writer)
    if making.settings.profile == ONNX_GPU:
        file = making.file(DEVICE, GPU_FORM)
        writer = GraphWriter(FLOATS[GPU_FORM], file.with_suffix(".weights"))
        decoder_step.write(making.source, file, DeviceCaches(), products.floating, writer)
    if making.settings.profile == TENSORRT:
        for form, compute in FLOATS.items():
            file = making.file(PLANNED, form)
            writer = GraphWriter(compute, file.with_suffix(".weights"))
            decoder_step.write(making.source, file, UpdatedCaches(), products.floating, writer)
    return Status.PASSED, {file.name: file.stat().st_size for file in sorted(making.folder.iterdir())}


def check_parity(making: Export) -> Outcome:
    """Hidden states, logits and greedy codes with guidance of the float32 graphs, and also without a melody."""
    d, reference = making.decoder, reference_of(making.source)
    given, cross = parity.texts(making.source.config, 3), making.file(making.guide, "float32")
    paths = {"greedy": _path(making, cross, reference, given)}
    if given.chroma is not None:
        paths["greedy_without_melody"] = _path(making, cross, reference, given.alone())
    detail: dict[str, Any] = {}
    for graph in (STEP, STANDARD, *((PLANNED,) if making.settings.profile == TENSORRT else ())):
        file = making.file(graph, "float32")
        apart = parity.largest_difference(file, cross, d, reference, given)
        followed = {name: _followed(making, file, *path) for name, path in paths.items()}
        detail[file.stem] = {**asdict(apart), **{name: asdict(steps) for name, steps in followed.items()}}
        lost = [steps for steps in followed.values() if steps.same + steps.undecided < steps.steps]
        if not apart.largest <= making.settings.logits or lost:
            raise ParityLostError(f"{file.stem}: differs by {apart.largest:.2e}, of greedy steps {followed}")
    return Status.PASSED, detail


def _path(making: Export, cross: Path, reference: Reference, given: parity.Texts) -> tuple[Cross, Greedy]:
    """What the step graphs are told of the first text, and what the reference chooses there."""
    settings, before = making.settings, parity.prefix_length(making.source.config)
    steps = min(settings.greedy_steps, making.decoder.max_positions - before - 1)
    words, mask, chroma = given.words[:1], given.mask[:1], None if given.chroma is None else given.chroma[:1]
    told = reference.generate(words, mask, steps, settings.guidance, chroma=chroma)
    return parity.guided_texts(cross, reference, given), told


def _followed(making: Export, file: Path, both: Cross, path: Greedy) -> parity.Followed:
    settings = making.settings
    # What two logits may be off by, mixed by guidance, for each of the two best.
    rounding = 2 * settings.logits * (2 * settings.guidance - 1)
    return parity.follow(file, making.decoder, both, path, settings.guidance, rounding)


def quantise(making: Export) -> Outcome:
    """Tries the ways of int8, keeps the fastest that is close enough if there is one, and says what float16 loses."""
    d, settings = making.decoder, making.settings
    cross = _company(making)
    read = parity.drawn(making.file(STEP, "float32"), d, cross, min(settings.drawn_steps, d.max_positions))
    if settings.profile in SERVED:
        return _check_device(making, cross, read)
    forms = {form: making.file(STEP, form) for form in FLOATS} | _candidates(making, cross, read[0])
    took = decoder_speed.step_milliseconds(forms, d, cross)
    detail: dict[str, Any] = {}
    for name, file in forms.items():
        lost = asdict(parity.loss(file, d, cross, read)) if name != "float32" else {}
        company = parity.company_difference(file, d, cross)
        size = file.stat().st_size + file.with_suffix(".weights").stat().st_size
        detail[name] = {**lost, "company_difference": company, "step_milliseconds": took[name], "bytes": size}
    making.int8_form = choose({name: detail[name] for name in INT8}, settings)
    if not making.int8_form:
        return Status.SKIPPED, {"reason": "no int8 form keeps the tolerances", **detail}
    for suffix in (".onnx", ".weights"):
        kept = making.file(STEP, "int8").with_suffix(suffix)
        forms[making.int8_form].with_suffix(suffix).replace(kept)
    return Status.PASSED, detail


def _check_device(making: Export, cross: Cross, read: tuple[Codes, Logits]) -> Outcome:
    """What the graph that a GPU is to run loses, run on the CPU; raises ParityLostError when that is too much."""
    graph = SERVED[making.settings.profile]
    lost = parity.loss(making.file(graph, GPU_FORM), making.decoder, cross, read)
    if not (lost.kl <= making.settings.kl and lost.same_code >= making.settings.same_code):
        raise ParityLostError(f"{graph}.{GPU_FORM} loses {lost} beside float32")
    return Status.PASSED, {f"{graph}.{GPU_FORM}": asdict(lost)}


def _candidates(making: Export, cross: Cross, codes: Codes) -> dict[str, Path]:
    """The forms of int8, each in a folder of its own; `codes` are drawn, and tell how large keys and values get."""
    scales = key_value_scales(making.file(STEP, "float32"), making.decoder, cross, codes)
    made: dict[str, Path] = {}
    for index, (name, product) in enumerate(zip(INT8, [*WAYS.values()] * 2, strict=True)):
        folder = making.folder / f"candidate.{index}"
        folder.mkdir()
        made[name] = folder / making.file(STEP, "int8").name
        caches = SharedCaches() if name in WAYS else SharedCaches(scales=scales)
        writer = GraphWriter(np.float32, made[name].with_suffix(".weights"))
        decoder_step.write(making.source, made[name], caches, product, writer)
    return made


def _company(making: Export) -> Cross:
    """Rows with texts of all kinds; states are random, for no text encoder is asked here.

    Of what stands before the codes, the end is enough to tell forms apart.
    """
    given = parity.texts(making.source.config, parity.COMPANY)
    states = np.random.default_rng(parity.SEED).normal(0.0, 0.3, (*given.mask.shape, making.source.config.text.hidden))
    cross = making.file(making.guide, "float32")
    told = parity.conditions(cross, states.astype(np.float32), given.mask, given.chroma)
    return told if given.chroma is None else {prefixes.PREFIX: told[prefixes.PREFIX][:, -COMPANY_PREFIX:]}


def choose(measured: Mapping[str, Mapping[str, Any]], settings: Settings) -> str:
    """The fastest form that loses little and whose rows do not notice each other; empty when there is none."""
    fitting = {
        name: numbers["step_milliseconds"]
        for name, numbers in measured.items()
        if numbers["kl"] <= settings.kl
        and numbers["same_code"] >= settings.same_code
        and numbers["company_difference"] == 0.0
    }
    return fastest(fitting) if fitting else ""


def text_encoder(making: Export) -> Outcome:
    """Of the kind that the checkpoint names, beside transformers."""
    _, wrote = write_text_encoder(making.source, making.folder)
    status, found = check_text_encoder(making.source, making.folder)
    return status, {**wrote, **found}


def codec(making: Export) -> Outcome:
    """EnCodec both ways, in every form, beside transformers."""
    _, wrote = write_codec(making.source, making.folder)
    status, found = check_codec(making.source, making.folder, CodecTolerance())
    return status, {**wrote, **found}


def compile_the_codec(making: Export) -> Outcome:
    """See compile_codec."""
    return compile_codec(making.source, making.folder, making.settings.python, making.settings.gate_seconds)


def compile_standard(making: Export) -> Outcome:
    """Raises ParityLostError when a graph does not compile; skipped where the wheel is absent."""
    settings, context = making.settings, making.decoder.max_positions
    text = settings.engine_text
    ranges = {
        "rows": (1, max(1, settings.engine_rows // 2), settings.engine_rows),
        "n": (1, 1, min(settings.engine_chunk, context)),
        "past": (max(1, min(64, context // 2)), max(1, context // 2), context),
        "text": (1, max(1, text // 2), text),
    }
    files = [making.file(graph, form) for graph in (making.guide, STANDARD) for form in FLOATS]
    if settings.profile == TENSORRT:
        planned = [making.file(PLANNED, form) for form in FLOATS]
        for file in planned:
            fix_lengths(file, rounded(context), rounded(settings.engine_text))
        files += planned
    return compile_graphs(files, ranges, settings.python, settings.gate_seconds)


STAGES: Final[Mapping[str, Callable[[Export], Outcome]]] = {
    "write": write_graphs,
    "parity": check_parity,
    "quantise": quantise,
    "text": text_encoder,
    "codec": codec,
    "tensorrt": compile_standard,
    "tensorrt codec": compile_the_codec,
}
