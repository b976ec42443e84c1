"""Sections of pieces made of parts that sound different, and of pieces that have only one."""

import numpy as np
import pytest

from domain.kit.audio.media import Audio
from domain.kit.audio.sound import Section
from tests.media.listening import analysed
from tests.media.music import SAMPLE_RATE, Piece, played
from tests.media.scoring import BOUNDARY_TOLERANCE, score

LOUD, SOFT = Piece(bpm=120.0, tonic=9, seconds=16.0), Piece(bpm=120.0, tonic=9, seconds=16.0, drums=False)


def sections_of(audio: Audio, expected_bpm: float | None = None) -> tuple[Section, ...]:
    return analysed(audio, expected_bpm).structure.sections


def one_after_the_other(*pieces: Piece) -> Audio:
    audio: Audio = np.concatenate([played(piece) for piece in pieces])
    return audio


@pytest.mark.parametrize("expected_bpm", [120.0, None])
def test_a_section_begins_where_the_drums_come_in_and_go(expected_bpm: float | None) -> None:
    sections = sections_of(one_after_the_other(SOFT, LOUD, SOFT, LOUD), expected_bpm)

    starts = [section.start_seconds for section in sections[1:]]
    assert starts == pytest.approx([16.0, 32.0, 48.0], abs=2.1)
    assert all(section.confidence > 0.5 for section in sections)


def test_sections_cover_the_whole_without_gaps() -> None:
    sections = sections_of(one_after_the_other(SOFT, LOUD, LOUD))

    assert sections[0].start_seconds == 0.0
    assert sections[-1].end_seconds == 48.0
    ends, starts = ([getattr(each, name) for each in sections] for name in ("end_seconds", "start_seconds"))
    assert ends[:-1] == starts[1:]


def test_what_stays_the_same_is_one_section() -> None:
    assert sections_of(one_after_the_other(LOUD, LOUD, LOUD)) == (Section(0.0, 48.0, 1.0),)


def test_silence_and_very_short_sounds_are_one_section() -> None:
    assert sections_of(np.zeros((30 * SAMPLE_RATE, 2), np.float32)) == (Section(0.0, 30.0, 1.0),)
    assert sections_of(played(Piece(seconds=2.0))) == (Section(0.0, 2.0, 1.0),)


def test_sections_are_found_without_beats() -> None:
    # given surf, then a held chord, then surf
    random = np.random.default_rng(2)
    noise = random.uniform(-0.2, 0.2, 20 * SAMPLE_RATE)
    time = np.arange(20 * SAMPLE_RATE) / SAMPLE_RATE
    chord = sum((0.1 * np.sin(2.0 * np.pi * hertz * time) for hertz in (220.0, 277.2, 329.6)), np.zeros(len(time)))
    mono = np.concatenate([noise, chord, noise])

    sections = sections_of(np.stack([mono, mono], axis=1).astype(np.float32))

    found = [section.start_seconds for section in sections[1:]]
    assert score(found, [20.0, 40.0], BOUNDARY_TOLERANCE).f_measure == 1.0
