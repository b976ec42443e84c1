"""Every step pattern fills its bar in every meter, and every table names what exists."""

import pytest

from triton_models.composer.bass import grid_for
from triton_models.composer.comping_patterns import COMP_PATTERNS
from triton_models.composer.drum_families import hand_lines
from triton_models.composer.drum_grooves import GROOVES
from triton_models.composer.genres import GENRES
from triton_models.composer.instruments import INSTRUMENTS
from triton_models.composer.meter import METERS, Meter, hits
from triton_models.composer.progressions import DEFAULT_POOLS, POOLS
from triton_models.composer.style import GenreStyle
from triton_models.composer.theory import chord
from triton_models.score.model import MODES, Key

EVERY_METER = pytest.mark.parametrize("meter", METERS.values(), ids=list(METERS))
EVERY_STYLE = pytest.mark.parametrize("style", GENRES.values(), ids=list(GENRES))


def test_a_pattern_reads_as_onsets_with_lengths() -> None:
    found = [(hit.step, hit.length, hit.symbol) for hit in hits("R--5.x-.")]

    assert found == [(0, 3, "R"), (3, 1, "5"), (5, 2, "x")]


@pytest.mark.parametrize(
    ("name", "quarters", "pulse"),
    [("4/4", 4, 1), ("3/4", 3, 1), ("6/8", 3, 1.5), ("12/8", 6, 1.5), ("5/4", 5, 1), ("7/8", 3.5, 1)],
)
def test_meters_have_the_right_length(name: str, quarters: float, pulse: float) -> None:
    assert (METERS[name].quarters, METERS[name].pulse_quarters) == (quarters, pulse)


@EVERY_METER
@pytest.mark.parametrize("name", COMP_PATTERNS)
def test_accompaniments_fill_the_bar(name: str, meter: Meter) -> None:
    variants = COMP_PATTERNS[name].variants(meter)

    assert {len(grid) for grid in variants} == {meter.steps}
    assert all(hits(grid) for grid in variants)


@EVERY_METER
@pytest.mark.parametrize("name", sorted({name for style in GENRES.values() for name in style.bass_lines}))
def test_bass_lines_fill_the_bar(name: str, meter: Meter) -> None:
    grid = grid_for(name, meter)

    assert len(grid) == meter.steps
    assert {hit.symbol for hit in hits(grid)} <= set("RA358a")


@EVERY_METER
@pytest.mark.parametrize("name", GROOVES)
def test_grooves_fill_the_bar_and_mark_its_first_beat(name: str, meter: Meter) -> None:
    lines = GROOVES[name].in_meter(meter)

    assert {len(line.grid) for line in lines} == {meter.steps}
    assert all(set(line.grid) <= set("xo.") and "x" in line.grid + "x" for line in lines)
    assert any(line.grid[0] == "x" for line in lines)


@EVERY_METER
def test_hand_percussion_fills_the_bar(meter: Meter) -> None:
    assert {len(line.grid) for line in hand_lines(meter)} == {meter.steps}


def test_there_are_the_genres_of_the_sketch_and_more() -> None:
    assert len(GENRES) == 31
    assert {"lofi hip hop", "house", "techno", "jazz", "blues", "classical piano", "latin"} <= set(GENRES)
    assert GENRES["waltz"].meters == ("3/4",)
    assert GENRES["celtic"].meters == ("6/8",)


@EVERY_STYLE
def test_styles_name_what_exists(style: GenreStyle) -> None:
    assert {*style.chords, *style.bass, *style.melody, *style.pad} <= set(INSTRUMENTS)
    assert set(style.comping) <= set(COMP_PATTERNS)
    assert {*style.drums, style.spare_drums} <= set(GROOVES)
    assert set(style.harmonies) <= set(POOLS)
    assert set(style.meters) <= set(METERS)
    assert 30 <= style.bpm[0] < style.bpm[1] <= 240


@pytest.mark.parametrize("name", POOLS)
def test_progressions_can_be_built_and_home_ones_begin_at_home(name: str) -> None:
    pool = POOLS[name]

    for mode in pool.modes:
        for progression in (*pool.home, *pool.away, *pool.cadence, *pool.close):
            for numeral in progression.split():
                for extension in ("triad", "seventh", "ninth", "dominant"):
                    assert chord(Key("D", mode), numeral, extension).symbol
    assert all(progression.split()[0] in ("I", "i") for progression in pool.home)
    assert all(len(progression.split()) % 4 == 0 for progression in (*pool.home, *pool.away))


def test_every_mode_has_harmony() -> None:
    assert set(DEFAULT_POOLS) == set(MODES)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_instruments_have_a_usable_range_and_a_role(name: str) -> None:
    instrument = INSTRUMENTS[name]

    assert instrument.roles
    assert instrument.high - instrument.low >= 17
    assert all(0 <= program <= 127 for program in instrument.programs)
