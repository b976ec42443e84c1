"""Keys and meters in the notations people use."""

import pytest

from domain.music.keys import Key, as_mode
from domain.music.meters import METERS, Meter, meter_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Am", Key("A", "minor")),
        ("A minor", Key("A", "minor")),
        ("a min", Key("A", "minor")),
        ("F# maj", Key("F#", "major")),
        ("F♯", Key("F#", "major")),
        ("Bb dorian", Key("Bb", "dorian")),
        ("B♭m", Key("Bb", "minor")),
        ("C♯ minor", Key("C#", "minor")),
        ("c#m", Key("C#", "minor")),
        ("E flat major", Key("Eb", "major")),
        ("G sharp harmonic minor", Key("G#", "harmonic_minor")),
        ("d-moll", Key("D", "minor")),
        ("fis-moll", Key("F#", "minor")),
        ("h-Moll", Key("B", "minor")),
        ("B-Dur", Key("Bb", "major")),
        ("la menor", Key("A", "minor")),
        ("si bemol mayor", Key("Bb", "major")),
        ("fa dièse mineur", Key("F#", "minor")),
        ("sol mixolydian", Key("G", "mixolydian")),
        ("CM", Key("C", "major")),
        ("B", Key("B", "major")),
        ("A", Key("A", "major")),
    ],
)
def test_reads_a_key(text: str, expected: Key) -> None:
    assert Key.parse(text) == expected


@pytest.mark.parametrize("text", ["", "H", "X minor", "minor", "A blue", "Hm", "piano", "A minor B major", "🎵"])
def test_refuses_what_is_no_key(text: str) -> None:
    assert Key.parse(text) is None


def test_a_label_reads_back_as_the_same_key() -> None:
    key = Key("Eb", "harmonic_minor")

    assert key.label() == "Eb harmonic minor"
    assert Key.parse(key.label()) == key


def test_an_impossible_key_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="no such key: H major"):
        Key("H", "major")


def test_a_mode_is_looked_up_by_its_public_name() -> None:
    assert as_mode("dorian") == "dorian"
    with pytest.raises(ValueError, match="no such mode: locrian"):
        as_mode("locrian")


def test_meters_know_their_beat_and_their_label() -> None:
    assert [label for label, meter in METERS.items() if meter.is_compound] == ["6/8", "12/8"]
    assert all(meter.label() == label for label, meter in METERS.items())
    assert Meter.parse(" 7/8 ") == Meter(7, 8)
    assert Meter.parse("9/8") is None


def test_a_meter_that_is_not_composed_becomes_the_nearest() -> None:
    assert meter_of("9/8") == Meter(6, 8)
    assert meter_of("2/4") == Meter(4, 4)
    assert meter_of("24/7") is None
