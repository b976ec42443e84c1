"""Acoustic fingerprints as AcoustID knows them, and their compressed text. Making them of sound is the studio's."""

import base64

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]

SAMPLE_RATE, WINDOW, HOP = 11_025, 4_096, 1_365
"""Of the spectra that a fingerprint is made of: hertz, and samples."""

HOP_SECONDS = HOP / SAMPLE_RATE
"""From one code to the next."""

ROWS_FOR_CODE, SPECTRA_FOR_ROW = 16, 5
LOOKUP_SECONDS = 120.0
"""As much of the beginning as AcoustID's own client looks up."""

_ALGORITHM = 1
_NORMAL_BITS, _NORMAL_MOST, _FURTHER_BITS = 3, 7, 5
_MOST_CODES, _HEADER, _HIGHEST_BIT = 0xFFFFFF, 4, 31


def codes_in(seconds: float) -> int:
    """How many codes so many seconds of sound give."""
    spectra = (int(seconds * SAMPLE_RATE) - WINDOW) // HOP + 1
    return max(0, spectra - (SPECTRA_FOR_ROW - 1) - (ROWS_FOR_CODE - 1))


def compressed(codes: Codes) -> str:
    """The text that AcoustID takes and gives, by Chromaprint's algorithm 1 (`TEST2`): URL-safe base64, not padded.

    Each code differs from the one before in some bits. The distances between these, from the lowest up, and a 0 at the
    end of each code, are written in 3 bits, the lowest first; 7 means that 5 further bits follow behind all codes.
    """
    if len(codes) > _MOST_CODES:
        raise ValueError("a fingerprint cannot be that long")
    steps = _steps(codes)
    normal = _packed(np.minimum(steps, _NORMAL_MOST), _NORMAL_BITS)
    further = _packed(steps[steps >= _NORMAL_MOST] - _NORMAL_MOST, _FURTHER_BITS)
    header = bytes([_ALGORITHM]) + len(codes).to_bytes(3, "big")
    return base64.urlsafe_b64encode(header + normal + further).decode().rstrip("=")


def decompressed(text: str) -> Codes:
    """The codes of a text of `compressed`. Raises `ValueError` for anything else."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(data) < _HEADER or data[0] != _ALGORITHM:
        raise ValueError("this is no fingerprint of that algorithm")
    count, body = int.from_bytes(data[1:_HEADER], "big"), np.frombuffer(data, np.uint8)[_HEADER:]
    steps = _unpacked(body, _NORMAL_BITS)
    ends = np.nonzero(steps == 0)[0][:count]
    if len(ends) < count:
        raise ValueError("this fingerprint is cut short")
    steps = steps[: ends[-1] + 1] if count else steps[:0]
    long = np.nonzero(steps == _NORMAL_MOST)[0]
    further = _unpacked(body[(len(steps) * _NORMAL_BITS + 7) // 8 :], _FURTHER_BITS)
    if len(further) < len(long):
        raise ValueError("this fingerprint is cut short")
    steps[long] += further[: len(long)]
    return _codes_of(steps, ends)


def _codes_of(steps: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> Codes:
    """`ends` are where the 0 behind each code stands."""
    row = np.searchsorted(ends, np.arange(len(steps)))
    along = np.cumsum(steps)
    before = np.concatenate([np.zeros(1, np.int64), along[ends[:-1]]])[: len(ends)]
    inner = steps > 0
    places = (along - before[row])[inner] - 1
    if len(places) and places.max() > _HIGHEST_BIT:
        raise ValueError("this fingerprint names a bit that no code has")
    changed = np.zeros(len(ends), np.uint32)
    np.bitwise_xor.at(changed, row[inner], np.uint32(1) << places.astype(np.uint32))
    return np.bitwise_xor.accumulate(changed) if len(changed) else changed


def _unpacked(data: npt.NDArray[np.uint8], bits: int) -> npt.NDArray[np.int64]:
    spread = np.unpackbits(data, bitorder="little")
    whole = spread[: len(spread) // bits * bits].reshape(-1, bits).astype(np.int64)
    values: npt.NDArray[np.int64] = whole @ (1 << np.arange(bits))
    return values


def _steps(codes: Codes) -> npt.NDArray[np.int64]:
    """Distances between the bits in which neighbours differ, 0 behind the last one of each code."""
    changed = codes ^ np.concatenate([np.zeros(1, np.uint32), codes[:-1]]) if len(codes) else codes
    bits = (changed[:, None] >> np.arange(32, dtype=np.uint32)) & np.uint32(1)
    rows, places = np.nonzero(bits)
    # a mark behind every code takes the place of a bit, and starts the count anew
    rows = np.concatenate([rows, np.arange(len(codes))])
    places = np.concatenate([places + 1, np.full(len(codes), 33)])
    order = np.lexsort((places, rows))
    rows, places = rows[order], places[order]
    before = np.concatenate([np.zeros(1, np.int64), np.where(places[:-1] == 33, 0, places[:-1])])[: len(places)]
    steps: npt.NDArray[np.int64] = np.where(places == 33, 0, places - before)
    return steps


def _packed(values: npt.NDArray[np.int64], bits: int) -> bytes:
    """So many bits of each, the lowest first, filled up to whole bytes."""
    spread = ((values[:, None] >> np.arange(bits)) & 1).astype(np.uint8).ravel()
    return np.packbits(spread, bitorder="little").tobytes()
