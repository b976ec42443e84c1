"""The codec's graphs that decode, in onnxruntime. Used by one thread."""

from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from triton_models.codec_stream.decoding import Codes, Floats, Memory
from triton_models.step_graph.devices import CPU, Device
from triton_models.step_graph.sessions import open_session

# In int8 the memory is five times faster; the wide part is not.
LATENTS: Final = "encodec_latents.{form}.onnx"
INT8: Final = "int8"
SAMPLES: Final = "encodec_samples.float32.onnx"


class CodecSessions:
    """What `DecodeStream` asks for."""

    def __init__(self, latents: onnxruntime.InferenceSession, samples: onnxruntime.InferenceSession) -> None:
        self._latents = latents
        self._samples = samples
        # In int8, rows of one call would notice each other.
        self._one_by_one = latents.get_inputs()[0].shape[0] == 1

    def latents(self, codes: Codes, memory: Memory) -> tuple[Floats, Memory]:
        """See DecodingGraphs."""
        rows = len(codes)
        parts = [slice(row, row + 1) for row in range(rows)] if self._one_by_one else [slice(0, rows)]
        found = [self._remembered(codes[part], memory.hidden[part], memory.cell[part]) for part in parts]
        latents, hidden, cell = (np.concatenate(values) for values in zip(*found, strict=True))
        return latents, Memory(hidden, cell)

    def samples(self, latents: Floats) -> Floats:
        """See DecodingGraphs."""
        found: Floats = self._samples.run(["samples"], {"latents": latents})[0]
        return found

    def _remembered(self, codes: Codes, hidden: Floats, cell: Floats) -> list[Floats]:
        feeds = {"codes": codes, "hidden_before": hidden, "cell_before": cell}
        found: list[Floats] = self._latents.run(["latents", "hidden_behind", "cell_behind"], feeds)
        return found


def open_codec(folder: Path, form: str, threads: int, device: Device = CPU) -> CodecSessions:
    """Load the two graphs of a folder; where `form` is int8, that is how the one remembers, else in float32."""
    latents = LATENTS.format(form=INT8 if form == INT8 else "float32")
    return CodecSessions(*(open_session(folder / name, threads, device) for name in (latents, SAMPLES)))
