"""The form: it fills the bars, suits the length, and obeys explicit sections."""

import pytest

from tests.composer.measures import bar_quarters
from triton_models.composer.brief import Brief
from triton_models.composer.composer import compose
from triton_models.composer.form import fitting_sections, usual_form
from triton_models.composer.genres import GENRES
from triton_models.composer.randomness import stream
from triton_models.score.model import Score


def names(score: Score) -> list[str]:
    return [section.name for section in score.sections]


def bars(score: Score) -> list[int]:
    """Length of each section in whole bars; the last one is cut short by the end of the piece."""
    return [int((section.end - section.start) / bar_quarters(score)) for section in score.sections]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (8.0, ["verse"]),
        (18.0, ["verse", "chorus"]),
        (45.0, ["intro", "verse", "chorus", "outro"]),
    ],
)
def test_short_pieces_have_short_forms(seconds: float, expected: list[str]) -> None:
    assert names(compose(Brief("pop", seconds, 4, bpm=120.0))) == expected


def test_a_three_minute_song_has_all_that_a_song_has() -> None:
    for seed in range(8):
        form = names(compose(Brief("pop", 180.0, seed)))

        assert form[0] == "intro"
        assert form[-2:] == ["chorus", "outro"]
        assert form.count("verse") >= 2
        assert form.count("chorus") >= 2
        assert "bridge" in form


def test_club_music_breaks_down_instead_of_bridging() -> None:
    form = names(compose(Brief("house", 180.0, 1)))

    assert "breakdown" in form
    assert "bridge" not in form


def test_a_blues_has_choruses_of_twelve_bars() -> None:
    score = compose(Brief("blues", 120.0, 2, meter="4/4"))
    lengths = dict(zip(names(score), bars(score), strict=True)) if len(set(names(score))) > 1 else {}

    assert lengths["verse"] == 12


@pytest.mark.parametrize(
    "sections",
    [
        ("chorus",),
        ("verse", "chorus", "verse", "chorus"),
        ("intro", "verse", "pre-chorus", "chorus", "bridge", "solo", "breakdown", "outro"),
        ("outro", "intro"),
    ],
)
def test_explicit_sections_are_kept_in_order(sections: tuple[str, ...]) -> None:
    assert names(compose(Brief("rock", 60.0, 9, sections=sections))) == list(sections)


def test_as_many_sections_as_bars_still_fit() -> None:
    score = compose(Brief("pop", 12.0, 1, bpm=120.0, sections=("intro", "verse", "chorus", "verse", "outro")))

    assert bars(score)[:-1] == [1, 1, 1, 1]


def test_sections_without_a_bar_are_dropped() -> None:
    asked = ("intro", "verse", "chorus", "verse", "chorus", "bridge", "chorus", "outro")

    assert names(compose(Brief("pop", 5.0, 1, bpm=60.0, meter="4/4", sections=asked))) == ["intro"]
    assert names(compose(Brief("pop", 14.0, 1, bpm=60.0, meter="4/4", sections=asked))) == ["intro", "chorus", "outro"]


@pytest.mark.parametrize(
    ("bars", "expected"),
    [
        (1, "intro"),
        (2, "intro outro"),
        (3, "intro chorus outro"),
        (4, "intro verse chorus outro"),
        (5, "intro verse chorus bridge outro"),
        (6, "intro verse chorus verse bridge outro"),
        (7, "intro verse chorus verse bridge chorus outro"),
        (99, "intro verse chorus verse bridge chorus outro"),
    ],
)
def test_ends_and_a_chorus_stay_longest(bars: int, expected: str) -> None:
    asked = ("intro", "verse", "chorus", "verse", "bridge", "chorus", "outro")

    assert fitting_sections(asked, bars) == tuple(expected.split())


def test_a_chorus_at_an_end_is_chorus_enough() -> None:
    assert fitting_sections(("verse", "bridge", "chorus", "solo", "chorus"), 3) == ("verse", "bridge", "chorus")


@pytest.mark.parametrize("seconds", [5.0, 7.3, 15.0, 33.3, 61.0, 95.0, 150.0, 240.0, 600.0])
def test_sections_are_whole_bars_without_gaps(seconds: float) -> None:
    for genre in ("pop", "celtic", "blues", "techno", "lullaby"):
        score = compose(Brief(genre, seconds, 3))
        starts = [section.start / bar_quarters(score) for section in score.sections]

        assert starts[0] == 0
        assert all(start == int(start) for start in starts)
        assert [s.end for s in score.sections[:-1]] == [s.start for s in score.sections[1:]]
        assert score.sections[-1].end == score.duration_beats


def test_a_free_tempo_makes_phrases_fit() -> None:
    # when the composer may choose the tempo, bodies of whole four-bar phrases are the rule
    fitting = 0
    for seed in range(40):
        score = compose(Brief("pop", 30.0, seed))
        final = score.chords[-1].start / bar_quarters(score)
        fitting += final % 4 == 0

    assert fitting >= 32


@pytest.mark.parametrize("genre", ["pop", "house", "blues"])
@pytest.mark.parametrize("length", [1, 5, 13, 30, 60])
def test_the_usual_form_of_a_genre_fills_the_bars(genre: str, length: int) -> None:
    sections = usual_form(length, GENRES[genre], stream(3, "form", genre))

    assert sum(count for _, count in sections) == length
    assert all(count >= 1 for _, count in sections)
    assert [name for name, _ in sections].count("breakdown") == (genre == "house" and length >= 30)
    assert (12 in [count for _, count in sections]) == (genre == "blues" and length > 12)
