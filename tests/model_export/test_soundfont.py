"""Subsetting a SoundFont: what is kept sounds the same, what is not is gone, what is wrong is said."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from tinysoundfont import Synth

from model_export.soundfont.__main__ import main
from model_export.soundfont.errors import MissingPresetError, SoundFontError
from model_export.soundfont.presets import CADENZA_PRESETS, LayerFold, PresetAddress
from model_export.soundfont.riff import read_chunks
from model_export.soundfont.subset import Changes, subset_soundfont
from tests.model_export.soundfont_builder import build_soundfont

ADDRESSES = [(0, 0), (0, 40), (8, 40), (128, 0)]


def play(font: bytes, bank: int, program: int, velocity: int = 100, key: int = 64) -> npt.NDArray[np.float32]:
    """Half a second of one held note, [frames, 2]."""
    synth = Synth(samplerate=44_100)
    synth.program_select(0, synth.sfload(font), bank, program, bank == 128)
    synth.noteon(0, key, velocity)
    return np.frombuffer(bytes(synth.generate(22_050)), np.float32).reshape(-1, 2)


def same(left: npt.NDArray[np.float32], right: npt.NDArray[np.float32]) -> bool:
    """Equal but for the last bit: a player's position in the sample data is a rounded number."""
    return bool(np.abs(left - right).max() < 1e-6)


@pytest.mark.parametrize(("bank", "program"), [(0, 40), (128, 0)])
def test_a_kept_preset_sounds_exactly_as_before(bank: int, program: int) -> None:
    full = build_soundfont(ADDRESSES, [])
    small = subset_soundfont(full, [PresetAddress(0, 40), PresetAddress(128, 0)])

    before, after = play(full, bank, program), play(small, bank, program)

    assert np.abs(before).max() > 0.05
    assert same(before, after)


def test_a_preset_that_is_not_wanted_is_gone_with_its_samples() -> None:
    full = build_soundfont(ADDRESSES, [])

    small = subset_soundfont(full, [PresetAddress(8, 40)])

    synth = Synth()
    font = synth.sfload(small)
    assert synth.sfpreset_name(font, 8, 40) == "P8:40"
    assert [synth.sfpreset_name(font, *gone) for gone in ((0, 0), (0, 40), (128, 0))] == [None] * 3
    assert len(small) < len(full) / 3


def test_subsetting_a_subset_to_the_same_presets_changes_nothing() -> None:
    wanted = [PresetAddress(0, 0), PresetAddress(128, 0)]
    once = subset_soundfont(build_soundfont(ADDRESSES, []), wanted)

    assert subset_soundfont(once, wanted) == once


def test_missing_presets_are_all_named() -> None:
    with pytest.raises(MissingPresetError) as caught:
        subset_soundfont(
            build_soundfont(ADDRESSES, []), [PresetAddress(0, 41), PresetAddress(0, 0), PresetAddress(128, 3)]
        )

    assert caught.value.missing == [(0, 41), (128, 3)]
    assert str(caught.value) == "the source SoundFont has no preset at bank 0 program 41, bank 128 program 3"


def test_a_folded_layer_is_answered_by_the_layer_below_it() -> None:
    layered = build_soundfont(ADDRESSES, [(0, 107), (108, 127)])
    address = PresetAddress(0, 0)

    folded = subset_soundfont(layered, [address], Changes(folds=(LayerFold(address, 108),)))

    assert same(play(folded, 0, 0, 100), play(layered, 0, 0, 100))
    loud = play(folded, 0, 0, 120)
    assert not same(loud, play(layered, 0, 0, 120))
    assert same(loud, play(layered, 0, 0, 100) * np.float32(1.2))


def test_without_a_fold_both_layers_stay() -> None:
    layered = build_soundfont(ADDRESSES, [(0, 107), (108, 127)])

    kept = subset_soundfont(layered, [PresetAddress(0, 0)])

    for velocity in (60, 120):
        assert same(play(kept, 0, 0, velocity), play(layered, 0, 0, velocity))


def test_an_odd_chunk_is_read_with_and_without_its_padding() -> None:
    odd, following = struct.pack("<4sI", b"aaaa", 3) + b"xyz", struct.pack("<4sI", b"bbbb", 2) + b"ok"

    for padding in (b"", b"\0"):
        chunks = read_chunks(memoryview(odd + padding + following))
        assert {name: bytes(body) for name, body in chunks.items()} == {b"aaaa": b"xyz", b"bbbb": b"ok"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no RIFF sfbk header"),
        (b"RIFF\x04\0\0\0sfbk", "no INFO list"),
        (build_soundfont(ADDRESSES, [])[:-200], "claims"),
    ],
)
def test_a_broken_font_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(SoundFontError, match=reason):
        subset_soundfont(data, [PresetAddress(0, 0)])


def test_the_command_writes_the_subset_and_prints_both_digests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "full.sf2", tmp_path / "made" / "small.sf2"
    source.write_bytes(build_soundfont(CADENZA_PRESETS, []))

    status = main(["subset", "--source", str(source), "--out", str(out)])

    lines = capsys.readouterr().out.splitlines()
    assert status == 0
    assert [line.split()[0] for line in lines] == [
        hashlib.sha256(path.read_bytes()).hexdigest() for path in (source, out)
    ]


def test_the_command_says_in_one_line_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "full.sf2", tmp_path / "small.sf2"
    source.write_bytes(build_soundfont([(0, 0)], []))

    status = main(["subset", "--source", str(source), "--out", str(out)])

    assert status == 1
    assert capsys.readouterr().err.startswith("the source SoundFont has no preset at bank 0 program 1,")
    assert not out.exists()
