"""How a graph runs one layer of the LSTM: in the type of the computation, or with int8 weights on the CPU."""

from typing import Final, Protocol

import numpy as np

from model_export.graph_writer import CONTRIB, GraphWriter
from model_export.musicgen.codec_weights import Array, LstmWeights

LARGEST: Final = 127.0


class Recurrence(Protocol):
    """Adds a layer; what it makes are `<name>.all` [frames, 1, rows, width], `<name>.hidden` and `<name>.cell`."""

    def __call__(
        self, writer: GraphWriter, name: str, signal: str, weights: LstmWeights, before: tuple[str, str]
    ) -> None:
        """From `signal` [frames, rows, width] and the states before it, [1, rows, width], or empty names."""
        ...


def floating(writer: GraphWriter, name: str, signal: str, weights: LstmWeights, before: tuple[str, str]) -> None:
    """In the type of the computation."""
    parts = {"inputs": weights.inputs, "states": weights.states, "bias": weights.bias}
    constants = [writer.weight(f"{name}.{part}", values) for part, values in parts.items()]
    writer.nodes("LSTM", [signal, *constants, "", *before], _outputs(name), hidden_size=weights.states.shape[2])


def dynamic_int8(writer: GraphWriter, name: str, signal: str, weights: LstmWeights, before: tuple[str, str]) -> None:
    """One scale per gate and unit of the weights; what is multiplied by them gets its scale as it comes.

    That scale is one for all rows and frames of a call, so that rows notice each other: give it one at a time.
    """
    scaled = [_levels(writer, f"{name}.{part}", getattr(weights, part)) for part in ("inputs", "states")]
    levels, scales = [each[0] for each in scaled], [each[1] for each in scaled]
    middle = writer.constant("middle", np.zeros((1, weights.bias.shape[1] // 2), np.int8))
    inputs = [signal, *levels, writer.weight(f"{name}.bias", weights.bias), "", *before, ""]
    inputs += [scales[0], middle, scales[1], middle]
    size = weights.states.shape[2]
    writer.nodes("DynamicQuantizeLSTM", inputs, _outputs(name), domain=CONTRIB, hidden_size=size)


def _levels(writer: GraphWriter, name: str, weight: Array) -> tuple[str, str]:
    """[1, width, 4 * width] and the scales [1, 4 * width]."""
    scale = np.maximum(np.abs(weight).max(axis=2), np.finfo(np.float32).tiny) / LARGEST
    levels = np.round(weight / scale[:, :, None]).astype(np.int8).swapaxes(1, 2)
    return writer.constant(name, levels), writer.constant(f"{name}.scale", scale.astype(np.float32))


def _outputs(name: str) -> list[str]:
    return [f"{name}.all", f"{name}.hidden", f"{name}.cell"]
