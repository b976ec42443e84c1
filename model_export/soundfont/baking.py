"""Baking modulators into generators, for players such as TinySoundFont that ignore modulators.

A zone is split into narrow velocity and key bands, each with the values that the modulators give at its middle.
"""

from collections.abc import Iterable, Mapping
from itertools import product

import numpy as np

from model_export.soundfont.hydra import (
    GENERATOR,
    MODULATOR,
    OPERATOR_INSTRUMENT,
    OPERATOR_KEY_RANGE,
    OPERATOR_SAMPLE,
    OPERATOR_VELOCITY_RANGE,
    Zone,
)
from model_export.soundfont.modulators import SOURCE_KEY, SOURCE_VELOCITY, Modulator

OPERATOR_ATTENUATION = 48
# The E-mu hardware, which fonts are tuned to, and FluidSynth take an attenuation of 100 for 4 dB, not for the 10 dB
# that the specification and TinySoundFont read into it.
ATTENUATION_SCALE = 0.4

VELOCITY_BAND = 8
KEY_BAND = 12
_FULL_RANGE = 127 << 8

# Values of instrument generators that are absent (specification 8.1.3) where they are not zero.
_TIME_DEFAULT = -12_000
INSTRUMENT_DEFAULTS: Mapping[int, int] = {
    8: 13_500,
    **dict.fromkeys((21, 23, 25, 26, 27, 28, 30, 33, 34, 35, 36, 38), _TIME_DEFAULT),
}

Range = tuple[int, int]
Generators = dict[int, int]


def bake_zones(zones: list[Zone], defaults: Mapping[int, int]) -> list[Zone]:
    """The zones of one preset (no `defaults`) or instrument, without modulators.

    Velocity to attenuation is left to the player, which has a law of its own.
    """
    shared = zones[0] if zones and not _is_local(zones[0]) else None
    common = _values(shared) if shared else {}
    baked = [_zone(common)] if shared else []
    for zone in zones[1:] if shared else zones:
        modulators = _effective(shared, zone)
        baked += _split(_values(zone), common, modulators, defaults)
    return baked


def _is_local(zone: Zone) -> bool:
    return zone.value(OPERATOR_INSTRUMENT) is not None or zone.value(OPERATOR_SAMPLE) is not None


def _values(zone: Zone) -> Generators:
    """Signed generator amounts, attenuation at the scale that fonts mean."""
    signed = zone.generators["amount"].astype(np.uint16).view(np.int16).tolist()
    values = dict(zip(zone.generators["operator"].tolist(), signed, strict=True))
    if OPERATOR_ATTENUATION in values:
        values[OPERATOR_ATTENUATION] = round(values[OPERATOR_ATTENUATION] * ATTENUATION_SCALE)
    return values


def _effective(shared: Zone | None, zone: Zone) -> list[Modulator]:
    """The zone's own modulators and those shared ones that it does not replace, as far as they can be baked."""
    records = [*(shared.modulators if shared else ()), *zone.modulators]
    by_identity = {modulator.identity: modulator for modulator in map(Modulator.decode, records)}
    return [modulator for modulator in by_identity.values() if _is_bakeable(modulator)]


def _is_bakeable(modulator: Modulator) -> bool:
    is_level = modulator.target == OPERATOR_ATTENUATION and modulator.reads(SOURCE_VELOCITY)
    return modulator.is_static and modulator.amount != 0 and not is_level


def _split(own: Generators, common: Generators, modulators: list[Modulator], defaults: Mapping[int, int]) -> list[Zone]:
    velocities = _range(own, common, OPERATOR_VELOCITY_RANGE)
    keys = _range(own, common, OPERATOR_KEY_RANGE)
    by_velocity = any(modulator.reads(SOURCE_VELOCITY) for modulator in modulators)
    by_key = any(modulator.reads(SOURCE_KEY) for modulator in modulators)
    if not modulators:
        return [_zone(own)]
    bands = product(
        _bands(keys, KEY_BAND if by_key else 128), _bands(velocities, VELOCITY_BAND if by_velocity else 128)
    )
    return [
        _zone({**_modulated(own, common, modulators, defaults, key_band, band), **_ranges(key_band, band)})
        for key_band, band in bands
    ]


def _modulated(
    own: Generators,
    common: Generators,
    modulators: list[Modulator],
    defaults: Mapping[int, int],
    keys: Range,
    velocities: Range,
) -> Generators:
    key, velocity = sum(keys) / 2, sum(velocities) / 2
    sums: dict[int, float] = {}
    for modulator in modulators:
        sums[modulator.target] = sums.get(modulator.target, 0.0) + modulator.value(velocity, key)
    start = {**defaults, **common, **own}
    changed = {target: _clipped(start.get(target, 0) + added) for target, added in sums.items()}
    return {**own, **changed}


def _clipped(value: float) -> int:
    return max(-32_768, min(32_767, round(value)))


def _range(own: Generators, common: Generators, operator: int) -> Range:
    packed = own.get(operator, common.get(operator, _FULL_RANGE)) & 0xFFFF
    return packed & 0xFF, packed >> 8


def _bands(whole: Range, width: int) -> Iterable[Range]:
    low, high = whole
    return [(start, min(start + width - 1, high)) for start in range(low, high + 1, width)]


def _ranges(keys: Range, velocities: Range) -> Generators:
    return {
        operator: low | high << 8
        for operator, (low, high) in ((OPERATOR_KEY_RANGE, keys), (OPERATOR_VELOCITY_RANGE, velocities))
    }


def _zone(values: Generators) -> Zone:
    """Lay the generators out in the order that the specification asks for: ranges first, the reference last."""
    first = (OPERATOR_KEY_RANGE, OPERATOR_VELOCITY_RANGE)
    last = (OPERATOR_INSTRUMENT, OPERATOR_SAMPLE)
    middle = [operator for operator in values if operator not in first + last]
    order = [operator for operator in (*first, *middle, *last) if operator in values]
    generators = np.zeros(len(order), GENERATOR)
    generators["operator"] = order
    generators["amount"] = [values[operator] & 0xFFFF for operator in order]
    return Zone(generators, np.zeros(0, MODULATOR))
