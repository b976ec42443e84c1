"""Modulators become generators: what they give, and how zones are split for them."""

import numpy as np
import pytest

from model_export.soundfont.baking import INSTRUMENT_DEFAULTS, bake_zones
from model_export.soundfont.hydra import GENERATOR, MODULATOR, OPERATOR_INSTRUMENT, OPERATOR_SAMPLE, Zone
from model_export.soundfont.modulators import Modulator

KEY_RANGE, VELOCITY_RANGE, FILTER, ENVELOPE_FILTER, ATTENUATION = 43, 44, 8, 11, 48
NONE, VELOCITY, VELOCITY_FALLING, VELOCITY_CONCAVE_FALLING, KEY_BIPOLAR, WHEEL = 0, 2, 0x102, 0x502, 0x203, 0x81


def make_zone(generators: dict[int, int], modulators: list[tuple[int, int, int, int]] | None = None) -> Zone:
    """`modulators` are (source, target, amount, amount source)."""
    rows = [(operator, amount & 0xFFFF) for operator, amount in generators.items()]
    records = [(source, target, amount, by, 0) for source, target, amount, by in modulators or []]
    return Zone(np.array(rows, GENERATOR), np.array(records, MODULATOR))


def span(low: int, high: int) -> int:
    return low | high << 8


def table(zones: list[Zone], operator: int) -> list[tuple[tuple[int, int], int]]:
    """(velocity or key band, signed value) of each zone."""
    rows = []
    for zone in zones:
        packed = zone.value(VELOCITY_RANGE)
        value = zone.value(operator)
        assert packed is not None
        assert value is not None
        rows.append(((packed & 0xFF, packed >> 8), value - 0x10000 if value > 0x7FFF else value))
    return rows


@pytest.mark.parametrize(
    ("source", "velocity", "key", "factor"),
    [
        (NONE, 10, 10, 1.0),
        (VELOCITY, 127, 0, 1.0),
        (VELOCITY, 63.5, 0, 0.5),
        (VELOCITY_FALLING, 127, 0, 0.0),
        (KEY_BIPOLAR, 0, 0, -1.0),
        (KEY_BIPOLAR, 0, 127, 1.0),
        (KEY_BIPOLAR, 0, 63.5, 0.0),
        (VELOCITY_CONCAVE_FALLING, 127, 0, 0.0),
        (VELOCITY_CONCAVE_FALLING, 12.7, 0, 40 / 96),
        (VELOCITY_CONCAVE_FALLING, 0, 0, 1.0),
    ],
)
def test_a_source_gives_the_factor_of_the_specification(
    source: int, velocity: float, key: float, factor: float
) -> None:
    record = make_zone({}, [(source, FILTER, 1000, NONE)]).modulators[0]

    assert Modulator.decode(record).value(velocity, key) == pytest.approx(1000 * factor)


def test_a_velocity_modulator_is_added_in_bands_to_what_the_zone_says() -> None:
    zone = make_zone(
        {VELOCITY_RANGE: span(100, 115), ENVELOPE_FILTER: -500, OPERATOR_INSTRUMENT: 3},
        [(VELOCITY, ENVELOPE_FILTER, 1270, NONE)],
    )

    baked = bake_zones([zone], {})

    assert table(baked, ENVELOPE_FILTER) == [((100, 107), 535), ((108, 115), 615)]
    assert [zone.value(OPERATOR_INSTRUMENT) for zone in baked] == [3, 3]
    assert [zone.generators["operator"][-1] for zone in baked] == [OPERATOR_INSTRUMENT] * 2
    assert not any(len(zone.modulators) for zone in baked)


def test_an_absent_generator_of_an_instrument_counts_from_its_default() -> None:
    zone = make_zone({VELOCITY_RANGE: span(0, 7), OPERATOR_SAMPLE: 0}, [(VELOCITY_FALLING, FILTER, -1270, NONE)])

    (baked,) = bake_zones([zone], INSTRUMENT_DEFAULTS)

    assert baked.value(FILTER) == 13_500 - 1235


def test_a_shared_modulator_holds_unless_a_zone_replaces_it() -> None:
    shared = make_zone({FILTER: 6000, VELOCITY_RANGE: span(120, 127)}, [(VELOCITY, FILTER, 1270, NONE)])
    follower = make_zone({OPERATOR_SAMPLE: 0})
    replacer = make_zone({OPERATOR_SAMPLE: 1}, [(VELOCITY, FILTER, 0, NONE)])

    first, second, third = bake_zones([shared, follower, replacer], INSTRUMENT_DEFAULTS)

    assert first.value(FILTER) == 6000
    assert table([second], FILTER) == [((120, 127), 7235)]
    assert third.value(FILTER) is None


def test_velocity_to_loudness_and_moving_controllers_are_left_out() -> None:
    zone = make_zone(
        {ATTENUATION: 100, OPERATOR_INSTRUMENT: 0},
        [(VELOCITY_CONCAVE_FALLING, ATTENUATION, 960, NONE), (WHEEL, FILTER, 5000, NONE)],
    )

    (baked,) = bake_zones([zone], {})

    assert baked.generators.tolist() == [(ATTENUATION, 40), (OPERATOR_INSTRUMENT, 0)]


def test_key_and_velocity_bands_cover_the_zone_without_overlap() -> None:
    zone = make_zone(
        {KEY_RANGE: span(0, 30), VELOCITY_RANGE: span(1, 20), OPERATOR_INSTRUMENT: 0},
        [(KEY_BIPOLAR, FILTER, 2000, VELOCITY)],
    )

    covered = []
    for baked in bake_zones([zone], {}):
        keys, velocities = baked.value(KEY_RANGE), baked.value(VELOCITY_RANGE)
        assert keys is not None
        assert velocities is not None
        covered += [
            (key, velocity)
            for key in range(keys & 0xFF, (keys >> 8) + 1)
            for velocity in range(velocities & 0xFF, (velocities >> 8) + 1)
        ]

    assert sorted(covered) == [(key, velocity) for key in range(31) for velocity in range(1, 21)]
