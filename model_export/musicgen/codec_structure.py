"""EnCodec's nets as lists of layers: sizes, padding and the names of their weights. No weights, no graphs.

After Défossez et al. 2022, "High Fidelity Neural Audio Compression" (SEANet), as transformers'
EncodecModel lays it out. An ELU stands before every convolution but the first of a net and those of a shortcut.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from model_export.musicgen.codec_architecture import CodecArchitecture


@dataclass(frozen=True)
class Convolution:
    """`before` and `after` are places of padding. A stride may leave some behind the end unread."""

    name: str
    inputs: int
    outputs: int
    kernel: int
    before: int
    after: int
    stride: int = 1
    dilation: int = 1

    @property
    def span(self) -> int:
        """Places from the first that the kernel reads to the last."""
        return (self.kernel - 1) * self.dilation + 1


@dataclass(frozen=True)
class Upsampling:
    """A transposed convolution that makes `stride` places of one; `before` and `after` are cut off its ends."""

    name: str
    inputs: int
    outputs: int
    kernel: int
    before: int
    after: int
    stride: int


@dataclass(frozen=True)
class Residual:
    """Two convolutions beside a shortcut, which is the identity where there is none."""

    block: tuple[Convolution, Convolution]
    shortcut: Convolution | None


Layer = Convolution | Upsampling | Residual


@dataclass(frozen=True)
class DecoderNet:
    """`first` and the LSTM work at the rate of frames, `rest` ends in samples."""

    first: Convolution
    lstm: str
    rest: tuple[Layer, ...]


@dataclass(frozen=True)
class EncoderNet:
    """`rest` ends in frames; the LSTM and `last` make of them the vectors that are quantised."""

    rest: tuple[Layer, ...]
    lstm: str
    last: Convolution


def decoder_net(a: CodecArchitecture) -> DecoderNet:
    """From vectors of codes [hidden] to samples [channels]."""
    first = _convolution(a, "decoder.layers.0", a.hidden, a.width, a.kernel)
    rest: list[Layer] = []
    place, width = 2, a.width
    for ratio in a.ratios:
        rest.append(_upsampling(a, f"decoder.layers.{place + 1}", width, ratio))
        width //= 2
        rest += [_residual(a, f"decoder.layers.{place + 2 + depth}", width, depth) for depth in range(a.residuals)]
        place += 2 + a.residuals
    rest.append(_convolution(a, f"decoder.layers.{place + 1}", a.filters, a.channels, a.last_kernel))
    return DecoderNet(first, "decoder.layers.1.lstm", tuple(rest))


def encoder_net(a: CodecArchitecture) -> EncoderNet:
    """From samples [channels] to vectors [hidden]."""
    rest: list[Layer] = [_convolution(a, "encoder.layers.0", a.channels, a.filters, a.kernel)]
    place, width = 1, a.filters
    for ratio in reversed(a.ratios):
        rest += [_residual(a, f"encoder.layers.{place + depth}", width, depth) for depth in range(a.residuals)]
        place += a.residuals + 1
        rest.append(_convolution(a, f"encoder.layers.{place}", width, width * 2, ratio * 2, stride=ratio))
        place, width = place + 1, width * 2
    last = _convolution(a, f"encoder.layers.{place + 2}", width, a.hidden, a.last_kernel)
    return EncoderNet(tuple(rest), f"encoder.layers.{place}.lstm", last)


def reach(layers: Sequence[Layer], first: int, stop: int) -> tuple[int, int]:
    """Which places of the input, from and to (excluded), the places `first` to `stop` of the output stand on."""
    for layer in reversed(layers):
        first, stop = _reach(layer, first, stop)
    return first, stop


def fewest(layers: Sequence[Layer]) -> int:
    """Places of the input from which on no padding is longer than what it mirrors."""
    needed = 1
    for layer in reversed(layers):
        if isinstance(layer, Upsampling):
            needed = -(-needed // layer.stride)
            continue
        parts = layer.block if isinstance(layer, Residual) else (layer,)
        for part in reversed(parts):
            # Of so many places a stride makes at least `needed`; a mirror needs one more than it shows.
            needed = max((needed - 1) * part.stride + 1, part.before + 1, part.after + 1)
    return needed


def _reach(layer: Layer, first: int, stop: int) -> tuple[int, int]:
    if isinstance(layer, Residual):
        low, high = reach(layer.block, first, stop)
        return min(low, first), max(high, stop)
    if isinstance(layer, Upsampling):
        low = -((layer.kernel - 1 - first - layer.before) // layer.stride)
        return low, (stop - 1 + layer.before) // layer.stride + 1
    return first * layer.stride - layer.before, (stop - 1) * layer.stride - layer.before + layer.span


def _convolution(
    a: CodecArchitecture, name: str, inputs: int, outputs: int, kernel: int, stride: int = 1, dilation: int = 1
) -> Convolution:
    """The published padding depends on the length. That for the longest end does for all: the rest is not read."""
    total = (kernel - 1) * dilation + 1 - stride
    after = 0 if a.causal else total // 2
    return Convolution(name, inputs, outputs, kernel, total - after, after + stride - 1, stride, dilation)


def _upsampling(a: CodecArchitecture, name: str, width: int, ratio: int) -> Upsampling:
    after = math.ceil(ratio * a.trim_right_ratio) if a.causal else ratio // 2
    return Upsampling(name, width, width // 2, 2 * ratio, ratio - after, after, ratio)


def _residual(a: CodecArchitecture, name: str, width: int, depth: int) -> Residual:
    narrow = width // a.compress
    wide = _convolution(a, f"{name}.block.1", width, narrow, a.residual_kernel, dilation=a.dilation_growth**depth)
    shortcut = _convolution(a, f"{name}.shortcut", width, width, 1) if a.shortcut else None
    return Residual((wide, _convolution(a, f"{name}.block.3", narrow, width, 1)), shortcut)
