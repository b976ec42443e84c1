"""The codec's graphs that decode, in onnxruntime on the CPU. Used by one thread."""

from pathlib import Path
from typing import Final

import onnxruntime

from triton_models.codec_stream.decoding import Codes, Floats, Memory
from triton_models.step_graph.sessions import open_session

LATENTS: Final = "encodec_latents.onnx"
SAMPLES: Final = "encodec_samples.onnx"


class CodecSessions:
    """What `DecodeStream` asks for."""

    def __init__(self, latents: onnxruntime.InferenceSession, samples: onnxruntime.InferenceSession) -> None:
        self._latents = latents
        self._samples = samples

    def latents(self, codes: Codes, memory: Memory) -> tuple[Floats, Memory]:
        """See DecodingGraphs."""
        feeds = {"codes": codes, "hidden_before": memory.hidden, "cell_before": memory.cell}
        found, hidden, cell = self._latents.run(["latents", "hidden_behind", "cell_behind"], feeds)
        return found, Memory(hidden, cell)

    def samples(self, latents: Floats) -> Floats:
        """See DecodingGraphs."""
        found: Floats = self._samples.run(["samples"], {"latents": latents})[0]
        return found


def open_codec(folder: Path, threads: int) -> CodecSessions:
    """Load the two graphs of a folder."""
    return CodecSessions(*(open_session(folder / name, threads) for name in (LATENTS, SAMPLES)))
