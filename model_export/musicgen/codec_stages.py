"""Stages of EnCodec: its graphs in float32, float16 and int8, how close they are, whether TensorRT compiles them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_export.compiling import compile_graphs
from model_export.graph_writer import GraphWriter
from model_export.musicgen.checkpoint import Checkpoint
from model_export.musicgen.codec_architecture import CodecArchitecture, read_architecture
from model_export.musicgen.codec_graphs import LATENTS, write_int8_latents
from model_export.musicgen.codec_metrics import mel_distance
from model_export.musicgen.codec_parity import Agreement, agreement, decoded, random_codes, random_samples
from model_export.musicgen.codec_reference import CodecReference
from model_export.musicgen.codec_runs import GRAPHS, CodecRuns, decode
from model_export.musicgen.codec_shape import shape_of, write_shape
from model_export.musicgen.codec_weights import read_weights
from model_export.stages import Outcome, ParityLostError, Status
from model_export.tensorrt.profiles import codec_ranges
from triton_models.codec_stream.encoding import encode
from triton_models.codec_stream.shape import CodecShape

FORMS: Final[Mapping[str, type[np.float32] | type[np.float16]]] = {"float32": np.float32, "float16": np.float16}
# Only the LSTM gains by it: int8 convolutions take twice as long as those in float32 on this CPU.
INT8: Final = f"{LATENTS}.int8.onnx"
FRAMES: Final = 150
WINDOW: Final = 29
# That the compiler is asked for.
ROWS: Final = (1, 8, 64)


@dataclass(frozen=True)
class CodecTolerance:
    """`samples` and `tie` bind float32 to the published model (see codec_parity), the rest the other forms to float32.

    `mel` is in dB: of what is decoded, and of what float32 decodes from the codes that were encoded.
    """

    samples: float = 1e-4
    tie: float = 1e-5
    mel: float = 0.1


def codec_architecture(checkpoint: Checkpoint) -> CodecArchitecture:
    """With the books of one channel that the decoder writes; raises ModelNotSupportedError."""
    decoder = checkpoint.config.decoder
    return read_architecture(checkpoint.config.codec.raw, decoder.books // decoder.audio_channels)


def write_codec(checkpoint: Checkpoint, folder: Path) -> Outcome:
    """All graphs in float32 and float16, for the CPU what remembers in int8 too; raises ModelNotSupportedError."""
    a, weights = codec_architecture(checkpoint), read_weights(checkpoint)
    for form, compute in FORMS.items():
        for name, file in _files(folder, form).items():
            GRAPHS[name](a, weights, file, GraphWriter(compute))
    write_int8_latents(a, weights, folder / INT8)
    write_shape(a, folder)
    sizes = {file.name: file.stat().st_size for file in sorted(folder.glob("encodec_*.onnx"))}
    return Status.PASSED, {"bytes": sizes, **asdict(shape_of(a))}


def check_codec(checkpoint: Checkpoint, folder: Path, tolerance: CodecTolerance) -> Outcome:
    """float32 beside the published model, the other forms beside float32; raises ParityLostError."""
    shape = shape_of(codec_architecture(checkpoint))
    runs = {form: CodecRuns(_files(folder, form)) for form in FORMS}
    detail = {"float32": _beside_published(checkpoint, shape, runs["float32"], tolerance)}
    runs["int8"] = CodecRuns({**_files(folder, "float32"), LATENTS: folder / INT8})
    for form in ("float16", "int8"):
        detail[form] = _beside_float32(shape, runs[form], runs["float32"])
        if not max(detail[form]["decoded_mel_db"], detail[form]["encoded_mel_db"]) <= tolerance.mel:
            raise ParityLostError(f"EnCodec in {form} is {detail[form]} beside float32, allowed is {tolerance}")
    return Status.PASSED, detail


def compile_codec(checkpoint: Checkpoint, folder: Path, python: str, seconds: float) -> Outcome:
    """Every graph but that in int8, which is the CPU's; raises ParityLostError where one does not compile."""
    shape = shape_of(codec_architecture(checkpoint))
    files = [file for form in FORMS for file in _files(folder, form).values()]
    return compile_graphs(files, {"rows": ROWS, **codec_ranges(shape)}, python, seconds)


def _files(folder: Path, form: str) -> dict[str, Path]:
    return {name: folder / f"{name}.{form}.onnx" for name in GRAPHS}


def _beside_published(
    checkpoint: Checkpoint, shape: CodecShape, runs: CodecRuns, tolerance: CodecTolerance
) -> dict[str, Any]:
    reference, widths = CodecReference(checkpoint), (shape.latents.fewest, 29, 54)
    wide = [max(width, shape.latents.fewest) for width in widths]
    found = decoded(shape, runs, reference, random_codes(shape, FRAMES), wide)
    # Not all of the last frame is there.
    samples = random_samples(shape, FRAMES * shape.hop - shape.hop // 2)
    codes = agreement(shape, runs, reference, read_weights(checkpoint), samples, tolerance.tie)
    detail = {"decoded": asdict(found), "encoded": asdict(codes)}
    if not found.windows <= tolerance.samples or not _same(codes):
        raise ParityLostError(f"EnCodec differs from the published model: {detail}")
    return detail


def _same(found: Agreement) -> bool:
    return found.same + found.ties == found.frames


def _beside_float32(shape: CodecShape, runs: CodecRuns, exact: CodecRuns) -> dict[str, Any]:
    """`agreement` is the share of frames of which all codes are the same."""
    codes = random_codes(shape, FRAMES)
    wanted, found = decode(shape, exact, codes), decode(shape, runs, codes, max(WINDOW, shape.latents.fewest))
    samples = random_samples(shape, FRAMES * shape.hop)
    one, other = (encode(shape, each, samples, FRAMES).codes for each in (exact, runs))
    again = [decode(shape, exact, each) for each in (one, other)]
    noise = max(float(np.square(wanted - found, dtype=np.float64).mean()), 1e-30)
    return {
        "decoded_mel_db": mel_distance(wanted, found, shape.sampling_rate),
        "encoded_mel_db": mel_distance(again[0], again[1], shape.sampling_rate),
        "signal_to_noise_db": float(10.0 * np.log10(np.square(wanted, dtype=np.float64).mean() / noise)),
        "agreement": float((one == other).all(axis=1).mean()),
    }
