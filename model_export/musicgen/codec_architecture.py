"""What the graphs of EnCodec depend on, from the codec's part of a checkpoint's configuration. Reads no weights."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from model_export.musicgen.errors import ModelNotSupportedError

# What stands beyond the ends of a song, by torch's name and by ONNX's.
PADDINGS: Final[Mapping[str, str]] = {"reflect": "reflect", "replicate": "edge", "constant": "constant"}


@dataclass(frozen=True)
class CodecArchitecture:
    """Sizes as EnCodec's paper and transformers' EncodecConfig have them; `hidden` is the length of a code's vector.

    `ratios` are those of the decoder, in order; `books` is how many code books a graph reads or writes, which may be
    fewer than the checkpoint has. With `normalise` the encoder divides by the loudness of what it is given.
    """

    sampling_rate: int
    channels: int
    hidden: int
    filters: int
    residuals: int
    ratios: tuple[int, ...]
    kernel: int
    last_kernel: int
    residual_kernel: int
    dilation_growth: int
    causal: bool
    padding: str
    compress: int
    lstm_layers: int
    trim_right_ratio: float
    book_size: int
    books: int
    shortcut: bool
    normalise: bool

    @property
    def hop(self) -> int:
        """Samples per frame."""
        return math.prod(self.ratios)

    @property
    def width(self) -> int:
        """Length of a frame's vector between the convolutions and the LSTM."""
        return int(self.filters * 2 ** len(self.ratios))


def read_architecture(raw: Mapping[str, Any], books: int) -> CodecArchitecture:
    """From every field of an EncodecConfig; raises ModelNotSupportedError."""
    if raw["norm_type"] != "weight_norm":
        # A norm over time makes every sample depend on the whole song, so that nothing could be played before its end.
        raise ModelNotSupportedError("audio_encoder.norm_type", raw["norm_type"], "'weight_norm'")
    if raw["pad_mode"] not in PADDINGS:
        known = ", ".join(repr(name) for name in PADDINGS)
        raise ModelNotSupportedError("audio_encoder.pad_mode", raw["pad_mode"], known)
    if raw["codebook_dim"] != raw["hidden_size"]:
        raise ModelNotSupportedError("audio_encoder.codebook_dim", raw["codebook_dim"], raw["hidden_size"])
    return CodecArchitecture(
        sampling_rate=raw["sampling_rate"],
        channels=raw["audio_channels"],
        hidden=raw["hidden_size"],
        filters=raw["num_filters"],
        residuals=raw["num_residual_layers"],
        ratios=tuple(raw["upsampling_ratios"]),
        kernel=raw["kernel_size"],
        last_kernel=raw["last_kernel_size"],
        residual_kernel=raw["residual_kernel_size"],
        dilation_growth=raw["dilation_growth_rate"],
        causal=raw["use_causal_conv"],
        padding=PADDINGS[raw["pad_mode"]],
        compress=raw["compress"],
        lstm_layers=raw["num_lstm_layers"],
        trim_right_ratio=raw["trim_right_ratio"],
        book_size=raw["codebook_size"],
        books=books,
        shortcut=raw["use_conv_shortcut"],
        normalise=raw["normalize"],
    )
