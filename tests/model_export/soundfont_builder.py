"""A tiny PCM SoundFont made in code: one sine per preset, two velocity layers for the first one."""

import math
import struct
from collections.abc import Sequence

RATE = 22_050
SAMPLE_FRAMES = 4_410
GUARD_FRAMES = 46

_INSTRUMENT = 41
_KEY_RANGE = 43
_VELOCITY_RANGE = 44
_SAMPLE = 53
_SAMPLE_MODES = 54


def build_soundfont(addresses: Sequence[tuple[int, int]], layers: Sequence[tuple[int, int]]) -> bytes:
    """Preset i plays a looped sine of its own frequency.

    `layers` are the (softest, loudest) velocities of the first preset's zones, each with a sine of its own.
    """
    zones = [[(len(addresses) + n, layer) for n, layer in enumerate(layers)]] if layers else [[(0, (0, 127))]]
    zones += [[(index, (0, 127))] for index in range(1, len(addresses))]
    count = len(addresses) + len(layers)
    smpl = b"".join(_sine(110.0 * 2 ** (index / 5)) for index in range(count))
    pdta = _preset_tables(addresses, zones) + _instrument_tables(count) + _sample_table(count)
    info = _chunk(b"ifil", struct.pack("<HH", 2, 4)) + _chunk(b"INAM", b"Tiny\0\0")
    body = b"sfbk" + _list(b"INFO", info) + _list(b"sdta", _chunk(b"smpl", smpl)) + _list(b"pdta", pdta)
    return _chunk(b"RIFF", body)


def _sine(hertz: float) -> bytes:
    values = [round(12_000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(SAMPLE_FRAMES)]
    return struct.pack(f"<{SAMPLE_FRAMES}h", *values) + b"\0\0" * GUARD_FRAMES


def _preset_tables(addresses: Sequence[tuple[int, int]], zones: list[list[tuple[int, tuple[int, int]]]]) -> bytes:
    headers, bags, generators = b"", b"", b""
    bag_count = generator_count = 0
    for (bank, program), preset_zones in zip(addresses, zones, strict=True):
        headers += struct.pack("<20sHHHIII", f"P{bank}:{program}".encode(), program, bank, bag_count, 0, 0, 0)
        for instrument, (softest, loudest) in preset_zones:
            bags += struct.pack("<HH", generator_count, 0)
            generators += struct.pack("<HBB", _VELOCITY_RANGE, softest, loudest)
            generators += struct.pack("<HH", _INSTRUMENT, instrument)
            bag_count, generator_count = bag_count + 1, generator_count + 2
    headers += struct.pack("<20sHHHIII", b"EOP", 0, 0, bag_count, 0, 0, 0)
    bags += struct.pack("<HH", generator_count, 0)
    return (
        _chunk(b"phdr", headers)
        + _chunk(b"pbag", bags)
        + _chunk(b"pmod", bytes(10))
        + _chunk(b"pgen", generators + bytes(4))
    )


def _instrument_tables(count: int) -> bytes:
    headers = b"".join(struct.pack("<20sH", f"I{n}".encode(), n) for n in range(count))
    bags = b"".join(struct.pack("<HH", 3 * n, 0) for n in range(count + 1))
    generators = b"".join(
        struct.pack("<HBBHHHH", _KEY_RANGE, 0, 127, _SAMPLE_MODES, 1, _SAMPLE, n) for n in range(count)
    )
    return (
        _chunk(b"inst", headers + struct.pack("<20sH", b"EOI", count))
        + _chunk(b"ibag", bags)
        + _chunk(b"imod", bytes(10))
        + _chunk(b"igen", generators + bytes(4))
    )


def _sample_table(count: int) -> bytes:
    rows = b""
    for n in range(count):
        start = n * (SAMPLE_FRAMES + GUARD_FRAMES)
        end = start + SAMPLE_FRAMES
        rows += struct.pack("<20sIIIIIBbHH", f"S{n}".encode(), start, end, start + 400, end - 400, RATE, 60, 0, 0, 1)
    return _chunk(b"shdr", rows + struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body


def _list(name: bytes, body: bytes) -> bytes:
    return _chunk(b"LIST", name + body)
