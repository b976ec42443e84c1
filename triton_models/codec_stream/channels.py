"""Books of a stereo song, as MusicGen writes them: left and right take turns. A channel is a row of the codec."""

import numpy as np

from triton_models.codec_stream.decoding import Codes


def rows_of(codes: Codes, channels: int) -> Codes:
    """[books of all channels, frames] to [channels, books, frames]."""
    books, frames = codes.shape
    return codes.reshape(books // channels, channels, frames).swapaxes(0, 1)


def song_of(rows: Codes) -> Codes:
    """[channels, books, frames] to [books of all channels, frames]."""
    return np.ascontiguousarray(rows.swapaxes(0, 1)).reshape(-1, rows.shape[2])
