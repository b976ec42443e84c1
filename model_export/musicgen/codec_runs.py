"""EnCodec's graphs in onnxruntime, for the checks of an export; what decodes is what serves."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

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
from triton_models.musicgen.codec import CodecSessions

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
        self._decoding = CodecSessions(session(files[LATENTS]), session(files[SAMPLES]))
        self._features = session(files[FEATURES])
        self._codes = session(files[CODES])

    def latents(self, codes: Codes, memory: Memory) -> tuple[Floats, Memory]:
        """See DecodingGraphs."""
        return self._decoding.latents(codes, memory)

    def samples(self, latents: Floats) -> Floats:
        """See DecodingGraphs."""
        return self._decoding.samples(latents)

    def features(self, samples: Floats) -> Floats:
        """See EncodingGraphs."""
        found: Floats = self._features.run(None, {"samples": samples})[0]
        return found

    def codes(self, features: Floats) -> Codes:
        """See EncodingGraphs."""
        found: Codes = self._codes.run(None, {"features": features})[0]
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
