"""Sample data of a SoundFont: copying kept recordings into a new, gapless smpl chunk, compressed or PCM."""

from collections.abc import Sequence

import numpy as np

from model_export.soundfont.errors import SoundFontError
from model_export.soundfont.hydra import SAMPLE, SAMPLE_COMPRESSED, SAMPLE_MONO, Records

PCM_BYTES = 2
# The SoundFont 2.04 specification, 7.10, asks for 46 zero frames after each PCM sample.
PCM_GUARD = b"\0" * (46 * PCM_BYTES)


def copy_samples(headers: Records, data: memoryview, kept: Sequence[int]) -> tuple[Records, bytes]:
    """New sample headers (terminal included) and smpl body for the samples in `kept`, in that order.

    Ogg streams (SF3) are copied as they are: their offsets are bytes and their loops count from the sample's
    start. PCM offsets are frames, and their loops move along with the sample.
    """
    body = bytearray()
    rows = np.zeros(len(kept) + 1, SAMPLE)
    rows["name"][-1] = b"EOS"
    renumbered = {old: new for new, old in enumerate(kept)}
    for new, old in enumerate(kept):
        rows[new] = headers[old]
        _place(rows, new, data, body)
        _relink(rows, new, renumbered)
    return rows, bytes(body)


def _place(rows: Records, index: int, data: memoryview, body: bytearray) -> None:
    compressed = bool(rows["kind"][index] & SAMPLE_COMPRESSED)
    unit = 1 if compressed else PCM_BYTES
    if not compressed and len(body) % unit:
        body.append(0)
    start, end = int(rows["start"][index]), int(rows["end"][index])
    if not start <= end <= len(data) // unit:
        raise SoundFontError(f"sample {rows['name'][index].decode(errors='replace')} lies outside the data")
    moved = len(body) // unit
    body += data[start * unit : end * unit]
    rows["start"][index], rows["end"][index] = moved, moved + end - start
    if not compressed:
        body += PCM_GUARD
        for loop in ("loop_start", "loop_end"):
            rows[loop][index] = max(0, int(rows[loop][index]) - start + moved)


def _relink(rows: Records, index: int, renumbered: dict[int, int]) -> None:
    partner = renumbered.get(int(rows["link"][index]))
    if partner is None:
        rows["kind"][index] = (int(rows["kind"][index]) & SAMPLE_COMPRESSED) | SAMPLE_MONO
    rows["link"][index] = partner or 0
