"""EnCodec's layers as nodes of a graph. A signal is [rows, width, places]."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from model_export.graph_writer import GraphWriter
from model_export.musicgen.codec_architecture import CodecArchitecture
from model_export.musicgen.codec_structure import Convolution, Layer, Residual, Upsampling
from model_export.musicgen.codec_weights import Array, CodecWeights


class States(NamedTuple):
    """Names of the LSTM's states, each [rows, layers, width]."""

    hidden: str
    cell: str


class CodecLayers:
    """Writes layers of one checkpoint into one graph. Every method returns the name of what it made."""

    def __init__(self, writer: GraphWriter, a: CodecArchitecture, weights: CodecWeights) -> None:
        self._writer = writer
        self._a = a
        self._weights = weights

    def run(self, layers: Sequence[Layer], signal: str, begins: bool) -> str:
        """Layers one behind the other; what begins a net has no ELU before it."""
        for index, layer in enumerate(layers):
            if isinstance(layer, Residual):
                signal = self._residual(layer, signal)
                continue
            bent = signal if begins and index == 0 else self.elu(signal)
            signal = self.convolve(layer, bent) if isinstance(layer, Convolution) else self._upsample(layer, bent)
        return signal

    def convolve(self, layer: Convolution, signal: str) -> str:
        """With what the architecture has beyond the ends."""
        if layer.before or layer.after:
            pads = self._writer.constant(
                f"pads.{layer.before}.{layer.after}", np.array([0, 0, layer.before, 0, 0, layer.after])
            )
            signal = self._writer.node("Pad", [signal, pads], f"{layer.name}.padded", mode=self._a.padding)
        return self.convolve_inside(layer, signal)

    def convolve_inside(self, layer: Convolution, signal: str) -> str:
        """Only where the whole kernel has something to read."""
        inputs = [signal, *self._constants(layer.name, self._weights.convolution(layer.name))]
        strides, dilations = [layer.stride], [layer.dilation]
        return self._writer.node("Conv", inputs, f"{layer.name}.out", strides=strides, dilations=dilations)

    def remember(self, name: str, frames: str, before: States | None) -> tuple[str, States]:
        """The LSTM over [frames, rows, width], added to what it is given, and its states behind the last frame.

        `before` are those before the first, without them all zeros.
        """
        writer, signal = self._writer, frames
        begins = [self._by_layer(state) for state in before] if before else [[""] * self._a.lstm_layers] * 2
        for layer in range(self._a.lstm_layers):
            own, weights = f"{name}.{layer}", self._weights.lstm(name, layer)
            parts = {"inputs": weights.inputs, "states": weights.states, "bias": weights.bias}
            constants = [writer.weight(f"{own}.{part}", values) for part, values in parts.items()]
            inputs = [signal, *constants, "", begins[0][layer], begins[1][layer]]
            outputs = [f"{own}.all", f"{own}.hidden", f"{own}.cell"]
            writer.nodes("LSTM", inputs, outputs, hidden_size=self._a.width)
            signal = writer.node("Squeeze", [f"{own}.all", writer.constant("axis_1", np.array([1]))], f"{own}.out")
        ends = States(*(self._of_all_layers(name, kind) for kind in States._fields))
        return writer.node("Add", [signal, frames], f"{name}.sum"), ends

    def elu(self, signal: str) -> str:
        """Clevert et al. 2016, with a slope of 1."""
        return self._writer.node("Elu", [signal], f"{signal}.elu")

    def _by_layer(self, state: str) -> list[str]:
        """From [rows, layers, width] to one [1, rows, width] each."""
        turned = self._writer.node("Transpose", [state], f"{state}.turned", perm=[1, 0, 2])
        names = [f"{state}.{layer}" for layer in range(self._a.lstm_layers)]
        self._writer.nodes("Split", [turned], names, axis=0, num_outputs=len(names))
        return names

    def _of_all_layers(self, name: str, kind: str) -> str:
        """Back to [rows, layers, width]."""
        parts = [f"{name}.{layer}.{kind}" for layer in range(self._a.lstm_layers)]
        joined = self._writer.node("Concat", parts, f"{name}.{kind}.joined", axis=0)
        return self._writer.node("Transpose", [joined], f"{name}.{kind}", perm=[1, 0, 2])

    def _upsample(self, layer: Upsampling, signal: str) -> str:
        inputs = [signal, *self._constants(layer.name, self._weights.convolution(layer.name))]
        pads, strides = [layer.before, layer.after], [layer.stride]
        return self._writer.node("ConvTranspose", inputs, f"{layer.name}.out", strides=strides, pads=pads)

    def _residual(self, layer: Residual, signal: str) -> str:
        inner = self.convolve(layer.block[1], self.elu(self.convolve(layer.block[0], self.elu(signal))))
        beside = self.convolve(layer.shortcut, signal) if layer.shortcut else signal
        return self._writer.node("Add", [beside, inner], f"{inner}.sum")

    def _constants(self, name: str, values: tuple[Array, Array]) -> list[str]:
        weight, bias = values
        return [self._writer.weight(f"{name}.weight", weight), self._writer.weight(f"{name}.bias", bias)]
