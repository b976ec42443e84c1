"""What a level of an int8 key or value stands for: found before a song is made, from codes that float32 drew."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_export.decoder_graphs.heads import Scales
from model_export.decoder_graphs.products import LARGEST
from model_export.musicgen.config import DecoderConfig
from model_export.musicgen.decoder_runs import Codes, Cross, StepGraph

# Longer songs and other texts go further than what was drawn; what goes further still is cut off.
MARGIN: Final = 1.5


def key_value_scales(step: Path, d: DecoderConfig, cross: Cross, codes: Codes) -> list[Scales]:
    """Of every layer; `step` is the float32 graph, `codes` [rows, books, n] what it takes in."""
    rows = StepGraph(step, d).begin(cross, codes.shape[2])
    rows.take(codes)
    kept = rows.caches
    return [(_scale(kept[f"past_key.{layer}"]), _scale(kept[f"past_value.{layer}"])) for layer in range(d.layers)]


def _scale(cache: NDArray[Any]) -> NDArray[np.float32]:
    """By channel [heads * cached], of a float32 cache [rows, heads, positions, cached]; nowhere zero."""
    largest = np.abs(cache).max(axis=(0, 2)).reshape(-1)
    scale: NDArray[np.float32] = np.maximum(largest * MARGIN / LARGEST, np.finfo(np.float32).tiny)
    return scale.astype(np.float32)
