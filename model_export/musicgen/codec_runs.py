"""EnCodec's graphs in onnxruntime, for the checks of an export. Serving has its own."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from model_export.graph_writer import GraphWriter
from model_export.musicgen.codec_architecture import CodecArchitecture
from model_export.musicgen.codec_graphs import (
    CODES,
    FEATURES,
    LATENTS,
    SAMPLES,
    write_codes,
    write_features,
    write_latents,
    write_samples,
)
from model_export.musicgen.codec_weights import CodecWeights
from model_export.sessions import session
from triton_models.codec_stream.decoding import Codes, DecodeStream, Floats, Memory
from triton_models.codec_stream.shape import CodecShape

Write = Callable[[CodecArchitecture, CodecWeights, Path, GraphWriter], Path]
GRAPHS: Final[Mapping[str, Write]] = {
    LATENTS: write_latents,
    SAMPLES: write_samples,
    FEATURES: write_features,
    CODES: write_codes,
}


class CodecRuns:
    """Both ways, as triton_models.codec_stream asks for them."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._sessions = {name: session(file) for name, file in files.items()}

    def latents(self, codes: Codes, memory: Memory) -> tuple[Floats, Memory]:
        """See DecodingGraphs."""
        feeds = {"codes": codes, "hidden_before": memory.hidden, "cell_before": memory.cell}
        found, hidden, cell = self._sessions[LATENTS].run(["latents", "hidden_behind", "cell_behind"], feeds)
        return found, Memory(hidden, cell)

    def samples(self, latents: Floats) -> Floats:
        """See DecodingGraphs."""
        return self._only(SAMPLES, latents)

    def features(self, samples: Floats) -> Floats:
        """See EncodingGraphs."""
        return self._only(FEATURES, samples)

    def codes(self, features: Floats) -> Codes:
        """See EncodingGraphs."""
        found: Codes = self._sessions[CODES].run(None, {"features": features})[0]
        return found

    def _only(self, name: str, values: Floats) -> Floats:
        runner: onnxruntime.InferenceSession = self._sessions[name]
        found: Floats = runner.run(None, {runner.get_inputs()[0].name: values})[0]
        return found


def decode(shape: CodecShape, runs: CodecRuns, codes: Codes, width: int | None = None) -> Floats:
    """All samples of [rows, books, frames], in windows of `width` frames, or in one."""
    stream, parts = DecodeStream(shape, runs, len(codes)), list[Floats]()
    stream.take(codes)
    stream.finish()
    wide = max(codes.shape[2], shape.latents.fewest) if width is None else width
    while (made := stream.next(wide)) is not None:
        parts.append(made)
    return np.concatenate(parts, axis=2)
