"""EnCodec's weights as the graphs take them: weight norm folded in, gates in ONNX's order, books as tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from model_export.musicgen.checkpoint import Checkpoint

Array = NDArray[np.float32]
# ONNX has input, output, forget, cell where torch has input, forget, cell, output.
GATES: Final = (0, 3, 1, 2)


@dataclass(frozen=True)
class LstmWeights:
    """One layer for ONNX's LSTM: `inputs` and `states` [1, 4 * width, width], `bias` [1, 8 * width]."""

    inputs: Array
    states: Array
    bias: Array


class CodecWeights:
    """Of one checkpoint, whose shapes were checked when it was read. Names are those of layers (codec_structure)."""

    def __init__(self, tensors: Mapping[str, torch.Tensor]) -> None:
        self._arrays: Mapping[str, Array] = {name: values.numpy() for name, values in tensors.items()}

    def convolution(self, name: str) -> tuple[Array, Array]:
        """[out, in, kernel], or [in, out, kernel] of an upsampling, and [out].

        Weight norm (Salimans and Kingma 2016): each slice along the first axis has the length g.
        """
        g, v = (self._arrays[f"{name}.conv.parametrizations.weight.original{part}"] for part in (0, 1))
        length = np.sqrt(np.square(v, dtype=np.float64).sum(axis=(1, 2), keepdims=True))
        return (v * (g / length)).astype(np.float32), self._arrays[f"{name}.conv.bias"]

    def lstm(self, name: str, layer: int) -> LstmWeights:
        """Of one layer."""
        inputs, states, *biases = (
            _gates(self._arrays[f"{name}.{part}_l{layer}"]) for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        return LstmWeights(inputs[None], states[None], np.concatenate(biases)[None])

    def table(self, book: int) -> Array:
        """[book_size, hidden]: the vector of each code."""
        return self._arrays[f"quantizer.layers.{book}.codebook.embed"]


def read_weights(checkpoint: Checkpoint) -> CodecWeights:
    """Raises what Checkpoint.tensors raises."""
    return CodecWeights(checkpoint.tensors("audio_encoder."))


def _gates(values: Array) -> Array:
    return np.concatenate([np.split(values, 4)[gate] for gate in GATES])
