"""The nine preset tables ("hydra") of a SoundFont as numpy records, by the SoundFont 2.04 specification, 7."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model_export.soundfont.errors import SoundFontError

Records = npt.NDArray[np.void]

PRESET = np.dtype([("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("reserved", "<u4", (3,))])
BAG = np.dtype([("generator", "<u2"), ("modulator", "<u2")])
MODULATOR = np.dtype(
    [("source", "<u2"), ("target", "<u2"), ("amount", "<i2"), ("amount_source", "<u2"), ("transform", "<u2")]
)
GENERATOR = np.dtype([("operator", "<u2"), ("amount", "<u2")])
INSTRUMENT = np.dtype([("name", "S20"), ("bag", "<u2")])
SAMPLE = np.dtype(
    [
        ("name", "S20"),
        ("start", "<u4"),
        ("end", "<u4"),
        ("loop_start", "<u4"),
        ("loop_end", "<u4"),
        ("rate", "<u4"),
        ("pitch", "u1"),
        ("correction", "i1"),
        ("link", "<u2"),
        ("kind", "<u2"),
    ]
)

OPERATOR_INSTRUMENT = 41
OPERATOR_KEY_RANGE = 43
OPERATOR_VELOCITY_RANGE = 44
OPERATOR_SAMPLE = 53
SAMPLE_MONO = 1
SAMPLE_COMPRESSED = 0x10

_MOST_RECORDS = 0xFFFE

_TABLES: dict[bytes, np.dtype[Any]] = {
    b"phdr": PRESET,
    b"pbag": BAG,
    b"pmod": MODULATOR,
    b"pgen": GENERATOR,
    b"inst": INSTRUMENT,
    b"ibag": BAG,
    b"imod": MODULATOR,
    b"igen": GENERATOR,
    b"shdr": SAMPLE,
}


@dataclass(frozen=True)
class Zone:
    """One bag: its generators and modulators."""

    generators: Records
    modulators: Records

    def value(self, operator: int) -> int | None:
        """Amount of the last generator with this operator, None when the zone has none."""
        found = self.generators[self.generators["operator"] == operator]
        return int(found["amount"][-1]) if len(found) else None

    def with_value(self, operator: int, amount: int) -> "Zone":
        """The same zone with the amount of one generator replaced."""
        generators = self.generators.copy()
        generators["amount"][generators["operator"] == operator] = amount
        return Zone(generators, self.modulators)


def read_tables(chunks: dict[bytes, memoryview]) -> dict[bytes, Records]:
    """The nine tables by chunk name, terminal records included; SoundFontError when one is absent or torn."""
    tables = {}
    for name, dtype in _TABLES.items():
        body = chunks.get(name)
        if body is None or len(body) < dtype.itemsize:
            raise SoundFontError(f"the SoundFont has no {name.decode()} table")
        tables[name] = np.frombuffer(body[: len(body) // dtype.itemsize * dtype.itemsize], dtype)
    return tables


def read_zones(headers: Records, index: int, bags: Records, generators: Records, modulators: Records) -> list[Zone]:
    """The zones of preset or instrument `index`."""
    first, stop = int(headers["bag"][index]), int(headers["bag"][index + 1])
    if stop >= len(bags):
        raise SoundFontError("a SoundFont table points past its end")
    return [
        Zone(
            generators[bags["generator"][bag] : bags["generator"][bag + 1]],
            modulators[bags["modulator"][bag] : bags["modulator"][bag + 1]],
        )
        for bag in range(first, stop)
    ]


def write_zones(groups: list[list[Zone]]) -> tuple[list[int], Records, Records, Records]:
    """Lay zones out again: first bag of each group (and of the terminal), bags, generators, modulators."""
    zones = [zone for group in groups for zone in group]
    if max(len(zones), sum(len(zone.generators) for zone in zones)) > _MOST_RECORDS:
        raise SoundFontError("the zones need more records than a SoundFont can number")
    starts = [0, *np.cumsum([len(group) for group in groups]).tolist()]
    bags = np.zeros(len(zones) + 1, BAG)
    bags["generator"][1:] = np.cumsum([len(zone.generators) for zone in zones])
    bags["modulator"][1:] = np.cumsum([len(zone.modulators) for zone in zones])
    generators = np.concatenate([*(zone.generators for zone in zones), np.zeros(1, GENERATOR)])
    modulators = np.concatenate([*(zone.modulators for zone in zones), np.zeros(1, MODULATOR)])
    return starts, bags, generators, modulators
