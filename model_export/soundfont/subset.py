"""Subsetting: a SoundFont with only the wanted presets, and the instruments and samples that they need."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model_export.soundfont.baking import INSTRUMENT_DEFAULTS, bake_zones
from model_export.soundfont.errors import MissingPresetError, SoundFontError
from model_export.soundfont.hydra import (
    INSTRUMENT,
    OPERATOR_INSTRUMENT,
    OPERATOR_SAMPLE,
    OPERATOR_VELOCITY_RANGE,
    PRESET,
    Records,
    Zone,
    read_tables,
    read_zones,
    write_zones,
)
from model_export.soundfont.presets import LayerFold, PresetAddress
from model_export.soundfont.riff import list_chunk, read_soundfont, riff
from model_export.soundfont.samples import copy_samples

MAX_VELOCITY = 127


@dataclass(frozen=True)
class _Entry:
    header: np.void
    zones: list[Zone]


@dataclass(frozen=True)
class Changes:
    """What may differ from the source: velocity layers to fold, and whether to bake modulators."""

    folds: tuple[LayerFold, ...] = ()
    bake: bool = False


def subset_soundfont(data: bytes, wanted: Sequence[PresetAddress], changes: Changes = Changes()) -> bytes:
    """A SoundFont file holding the wanted presets of `data`, in the order of `wanted`.

    Every kept sample and loop is unchanged, and so is every zone but for the `changes`. Raises
    MissingPresetError, or SoundFontError when `data` is no sound SoundFont.
    """
    lists = read_soundfont(data)
    tables = read_tables(lists[b"pdta"])
    presets = [
        _Entry(entry.header, _fold_layers(entry.zones, _fold_from(changes.folds, address)))
        for address, entry in zip(wanted, _read_presets(tables, wanted), strict=True)
    ]
    instrument_ids = _references(presets, OPERATOR_INSTRUMENT)
    instruments = [_Entry(tables[b"inst"][index], _zones(tables, "i", index)) for index in instrument_ids]
    if changes.bake:
        presets = [_Entry(entry.header, bake_zones(entry.zones, {})) for entry in presets]
        instruments = [_Entry(e.header, bake_zones(e.zones, INSTRUMENT_DEFAULTS)) for e in instruments]
    sample_ids = _references(instruments, OPERATOR_SAMPLE)
    headers, samples = copy_samples(tables[b"shdr"][:-1], _sample_data(lists[b"sdta"]), sample_ids)
    pdta = {
        **_write_table(presets, PRESET, b"EOP", "p", OPERATOR_INSTRUMENT, instrument_ids),
        **_write_table(instruments, INSTRUMENT, b"EOI", "i", OPERATOR_SAMPLE, sample_ids),
        b"shdr": headers.tobytes(),
    }
    info = {name: bytes(body) for name, body in lists[b"INFO"].items()}
    return riff([list_chunk(b"INFO", info), list_chunk(b"sdta", {b"smpl": samples}), list_chunk(b"pdta", pdta)])


def _read_presets(tables: dict[bytes, Records], wanted: Sequence[PresetAddress]) -> list[_Entry]:
    headers = tables[b"phdr"]
    found = {
        PresetAddress(int(header["bank"]), int(header["program"])): index for index, header in enumerate(headers[:-1])
    }
    missing = [(address.bank, address.program) for address in wanted if address not in found]
    if missing:
        raise MissingPresetError(missing)
    return [_Entry(headers[found[address]], _zones(tables, "p", found[address])) for address in wanted]


def _zones(tables: dict[bytes, Records], level: str, index: int) -> list[Zone]:
    headers = tables[b"phdr" if level == "p" else b"inst"]
    if index >= len(headers) - 1:
        raise SoundFontError("a preset names an instrument that the SoundFont does not have")
    bag, generator, modulator = (tables[f"{level}{name}".encode()] for name in ("bag", "gen", "mod"))
    return read_zones(headers, index, bag, generator, modulator)


def _sample_data(chunks: dict[bytes, memoryview]) -> memoryview:
    if b"smpl" not in chunks:
        raise SoundFontError("the SoundFont has no sample data")
    return chunks[b"smpl"]


def _fold_from(folds: Sequence[LayerFold], address: PresetAddress) -> int | None:
    return next((fold.low for fold in folds if fold.preset == address), None)


def _fold_layers(zones: list[Zone], low: int | None) -> list[Zone]:
    """Leave out the zones that start at velocity `low` and stretch those that end just below it to 127."""
    if low is None:
        return zones
    folded = []
    for zone in zones:
        velocities = zone.value(OPERATOR_VELOCITY_RANGE)
        softest, loudest = (0, MAX_VELOCITY) if velocities is None else (velocities & 0xFF, velocities >> 8)
        if softest >= low:
            continue
        stretched = softest | MAX_VELOCITY << 8
        folded.append(zone.with_value(OPERATOR_VELOCITY_RANGE, stretched) if loudest == low - 1 else zone)
    return folded


def _references(entries: list[_Entry], operator: int) -> list[int]:
    """What the zones point to, each once, in the order of first use."""
    values = (zone.value(operator) for entry in entries for zone in entry.zones)
    return list(dict.fromkeys(value for value in values if value is not None))


def _write_table(
    entries: list[_Entry], dtype: np.dtype[np.void], end: bytes, level: str, operator: int, kept: list[int]
) -> dict[bytes, bytes]:
    """Header, bag, modulator and generator chunks of one level, references renumbered to `kept`."""
    renumbered = {old: new for new, old in enumerate(kept)}
    groups = [[_renumber(zone, operator, renumbered) for zone in entry.zones] for entry in entries]
    starts, bags, generators, modulators = write_zones(groups)
    headers = np.zeros(len(entries) + 1, dtype)
    for index, entry in enumerate(entries):
        headers[index] = entry.header
    headers["name"][-1] = end
    headers["bag"] = starts
    header_name = b"phdr" if level == "p" else b"inst"
    tables = {"bag": bags, "mod": modulators, "gen": generators}
    chunks = {f"{level}{name}".encode(): table.tobytes() for name, table in tables.items()}
    return {header_name: headers.tobytes(), **chunks}


def _renumber(zone: Zone, operator: int, renumbered: dict[int, int]) -> Zone:
    value = zone.value(operator)
    return zone if value is None else zone.with_value(operator, renumbered[value])
