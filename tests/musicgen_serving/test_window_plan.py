"""Which windows a song is made in."""

import pytest

from triton_models.musicgen.window_plan import Window, WindowPlan, WindowSizes, window_sizes

# Of 30 s at 50 frames a second.
SIZES = WindowSizes(1500, 600, 100)


def windows(plan: WindowPlan, held: int | None = None) -> list[Window]:
    """All of them, each left so many frames before its end, or as early as it may be."""
    found = []
    while (window := plan.begin()) is not None:
        found.append(window)
        plan.join(window, window.fresh - min(window.tail, held if held is not None else window.tail))
    return found


def test_a_window_of_the_published_models_is_two_fifths_context() -> None:
    assert window_sizes(1500) == SIZES
    assert window_sizes(1500, 0.5) == WindowSizes(1500, 750, 100)
    assert window_sizes(1) == WindowSizes(1, 0, 0)


def test_a_song_that_fits_is_one_window_that_ends_where_it_ends() -> None:
    assert windows(WindowPlan(SIZES, [1500])) == [Window(0, 0, 0, 1500, 0)]


def test_a_longer_song_goes_on_behind_its_last_twelve_seconds() -> None:
    assert windows(WindowPlan(SIZES, [4000]), held=40) == [
        Window(0, 0, 0, 1500, 100),
        Window(1, 0, 600, 900, 100, 860),
        Window(2, 0, 600, 900, 100, 1720),
        Window(3, 0, 600, 820, 0, 2580),
    ]


def test_a_section_begins_where_the_window_of_the_one_before_was_left() -> None:
    # Given a short section, one of two windows and one that ends the song
    assert windows(WindowPlan(SIZES, [500, 1000, 300]), held=10) == [
        Window(0, 0, 0, 500, 100),
        Window(1, 1, 490, 1010, 100),
        Window(2, 2, 600, 310, 0, 890),
    ]


def test_a_section_may_be_so_short_that_little_is_chosen() -> None:
    assert windows(WindowPlan(SIZES, [4, 2, 50])) == [
        Window(0, 0, 0, 4, 1),
        Window(1, 1, 3, 3, 0),
        Window(2, 2, 6, 50, 0),
    ]


def test_what_is_gone_on_with_is_context_too() -> None:
    assert windows(WindowPlan(SIZES, [1400], reference=300), held=0) == [
        Window(0, 0, 300, 1200, 100, -300),
        Window(1, 0, 600, 200, 0, 600),
    ]


@pytest.mark.parametrize("frames", [2, 3, 7, 60])
@pytest.mark.parametrize("sections", [[1], [5, 1, 9], [300], [77, 150]])
def test_every_song_comes_to_its_end_wherever_it_is_joined(frames: int, sections: list[int]) -> None:
    sizes = window_sizes(frames)
    for held in (None, 0, 1):
        made = windows(WindowPlan(sizes, sections), held)
        kept = [window.fresh - min(window.tail, held if held is not None else window.tail) for window in made]
        assert sum(kept) == sum(sections)
        assert all(window.context + window.fresh <= frames for window in made)
        assert [window.number for window in made] == list(range(len(made)))
