"""The public vocabulary agrees with what the composer can play, and every word leads somewhere."""

from domain.music.anchor_phrases import GENRE_PHRASES
from domain.music.anchors import anchor_texts
from domain.music.genre_names import CLASSICAL, FLAVOURS, GENRE_NAMES
from domain.music.genres import DEFAULT_GENRE, GENRES
from domain.music.instruments import FAMILIES, FAMILY_NAMES, INSTRUMENTS
from domain.music.keys import MODES
from domain.music.lexicon import prompt_lexicon
from domain.music.mentions import Kind
from domain.music.meters import METERS, NEAREST
from domain.music.moods import MOODS
from domain.music.phrases import SECTIONS
from domain.music.prompt import read_terms
from domain.music.structure import SECTIONS as FORM
from triton_models.composer.brief import SECTION_NAMES
from triton_models.composer.genres import GENRES as COMPOSED_GENRES
from triton_models.composer.instruments import INSTRUMENTS as PLAYED_INSTRUMENTS
from triton_models.composer.meter import METERS as COMPOSED_METERS
from triton_models.composer.moods import MOODS as COMPOSED_MOODS


def test_the_vocabulary_is_the_composers() -> None:
    assert set(GENRES) == set(COMPOSED_GENRES)
    assert set(INSTRUMENTS) == set(PLAYED_INSTRUMENTS)
    assert set(METERS) == set(COMPOSED_METERS)
    assert set(COMPOSED_MOODS) <= set(MOODS)
    assert set(FORM) == set(SECTION_NAMES) == set(SECTIONS)


def test_genres_carry_the_tempo_and_energy_that_the_composer_uses() -> None:
    ours = {name: (genre.bpm, genre.energy) for name, genre in GENRES.items()}

    assert ours == {name: (style.bpm, style.energy) for name, style in COMPOSED_GENRES.items()}


def test_every_genre_has_names_and_anchor_phrases() -> None:
    assert set(GENRE_PHRASES) == set(GENRES)
    assert {*GENRE_NAMES, *FLAVOURS} - {CLASSICAL} == set(GENRES)
    assert all(len(phrases) >= 3 for phrases in GENRE_PHRASES.values())
    assert DEFAULT_GENRE in GENRES
    assert len(anchor_texts()) == len(set(anchor_texts()))


def test_palettes_and_families_hold_known_instruments() -> None:
    assert {name for genre in GENRES.values() for name in genre.palette} <= set(INSTRUMENTS)
    assert {name for members in FAMILIES.values() for name in members} <= set(INSTRUMENTS)
    assert set(FAMILY_NAMES) <= set(FAMILIES)


def test_moods_lie_on_the_circumplex() -> None:
    assert len(MOODS) >= 30
    assert all(-1 <= mood.valence <= 1 and -1 <= mood.arousal <= 1 for mood in MOODS.values())
    assert MOODS["calm"].energy < 0.3 < 0.8 < MOODS["aggressive"].energy


def test_a_phrase_names_one_thing_of_a_kind() -> None:
    # Given the lexicon, then no phrase stands for two genres, two moods or two instruments.
    entries = prompt_lexicon().entries
    kinds = (Kind.GENRE, Kind.MOOD, Kind.INSTRUMENT, Kind.METER, Kind.PACE, Kind.ENERGY, Kind.SECTION)
    doubled = [
        (words, kind)
        for words, senses in entries.items()
        for kind in kinds
        if sum(sense.kind is kind for sense in senses) > 1
    ]

    assert doubled == []


def test_an_idiom_has_no_other_sense() -> None:
    mixed = [
        words
        for words, senses in prompt_lexicon().entries.items()
        if len(senses) > 1 and any(sense.kind is Kind.IDIOM for sense in senses)
    ]

    assert mixed == []


def test_every_public_name_is_read_as_itself() -> None:
    assert {name: read_terms(name).genre for name in GENRES} == {name: name for name in GENRES}
    assert {name: read_terms(name).mood for name in MOODS} == {name: name for name in MOODS}
    assert {name: read_terms(name).instruments for name in INSTRUMENTS} == {name: (name,) for name in INSTRUMENTS}
    assert {label: read_terms(label).meter for label in METERS} == dict(METERS)
    assert set(NEAREST.values()) <= set(METERS)


def test_every_mode_is_read_with_and_without_a_tonic() -> None:
    keyed = {mode: read_terms(f"in D {mode.replace('_', ' ')}").key for mode in MODES}

    assert {mode: key.mode for mode, key in keyed.items() if key} == {mode: mode for mode in MODES}
