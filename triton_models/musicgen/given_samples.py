"""What every tensor of samples beside a document must be, whatever it is for. Raises AudioRequestError by its name."""

from typing import Final

import numpy as np

from triton_models.codec_stream.decoding import Floats
from triton_models.musicgen.requests import AudioRequestError

MOST_CHANNELS: Final = 2


def check_shape(name: str, given: Floats) -> None:
    """One or two channels of float32."""
    if given.ndim != 2 or not 1 <= given.shape[0] <= MOST_CHANNELS or given.dtype != np.float32:
        wanted = f"must be FP32 with a shape of [1 or {MOST_CHANNELS}, samples]"
        raise AudioRequestError(name, f"{wanted}, not {given.dtype} of {list(given.shape)}")


def check_finite(name: str, samples: Floats) -> None:
    """Of those that are used; the others do not matter."""
    if not np.isfinite(samples).all():
        raise AudioRequestError(name, "must hold finite numbers only")
