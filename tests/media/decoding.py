"""What an independent player makes of bytes and files."""

import io
import struct
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from domain.kit.audio.media import Audio

Levels = npt.NDArray[np.int64]


def decoded(source: bytes | Path) -> Audio:
    """All audio of a file as float32 [frames, 2]."""
    as_floats = av.AudioResampler(format="flt", layout="stereo")
    frames = [part.to_ndarray() for frame in _frames(source) for part in as_floats.resample(frame)]
    return np.concatenate(frames, axis=1).reshape(-1, 2).astype(np.float32)


def levels(path: Path, bits: int) -> Levels:
    """The integers that a lossless file of so many bits holds: [frames, 2]."""
    samples = np.concatenate([frame.to_ndarray() for frame in _frames(path)], axis=1).reshape(-1, 2)
    unused = 8 * samples.dtype.itemsize - bits
    shifted: Levels = samples.astype(np.int64) >> unused
    assert np.array_equal(shifted << unused, samples)
    return shifted


def _frames(source: bytes | Path) -> list[av.AudioFrame]:
    with av.open(io.BytesIO(source) if isinstance(source, bytes) else str(source), "r") as container:
        return list(container.decode(container.streams.audio[0]))


def boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Top-level ISO base media boxes: type and payload."""
    offset = 0
    while offset < len(data):
        size, kind = struct.unpack_from(">I4s", data, offset)
        yield kind.decode(), data[offset + 8 : offset + size]
        offset += size


def box(data: bytes, path: str) -> bytes:
    """The payload of the first box at a path like "moof/traf/tfdt"."""
    for kind in path.split("/"):
        data = next(payload for found, payload in boxes(data) if found == kind)
    return data
