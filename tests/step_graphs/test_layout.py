"""Rows that are stepped together lie side by side, and every slot keeps what is its own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from triton_models.step_graph.layout import RowLayout

SLOTS = 6


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["open", "close", "step"]), st.integers(0, 2**SLOTS - 1)), max_size=40))
def test_contents_follow_their_slots(orders: list[tuple[str, int]]) -> None:
    layout, places = RowLayout(SLOTS), [""] * SLOTS
    opened: set[int] = set()
    for order, number in orders:
        slot = number % SLOTS
        if order == "open" and slot not in opened:
            layout.open(slot)
            places[layout.place(slot)] = f"row of {slot}"
            opened.add(slot)
        elif order == "close" and slot in opened:
            layout.close(slot)
            opened.remove(slot)
        elif order == "step" and (chosen := [each for each in sorted(opened) if number >> each & 1]):
            first, moves = layout.gather(chosen[::-1])
            for one, other in moves:
                places[one], places[other] = places[other], places[one]
            assert sorted(layout.place(each) for each in chosen) == list(range(first, first + len(chosen)))
        assert sorted(layout.place(each) for each in range(SLOTS)) == list(range(SLOTS))
        assert [places[layout.place(each)] for each in sorted(opened)] == [f"row of {each}" for each in sorted(opened)]


def test_rows_that_come_and_go_in_order_are_never_moved() -> None:
    layout = RowLayout(4)
    for slot in (0, 1, 2):
        layout.open(slot)
        assert layout.gather(range(slot + 1)) == (0, [])
    layout.close(2)
    assert layout.gather([0, 1]) == (0, [])
    layout.open(3)
    assert layout.gather([3]) == (2, [])
    assert layout.gather([3, 0, 1]) == (0, [])


def test_a_gap_is_filled_with_one_move() -> None:
    layout = RowLayout(4)
    for slot in (0, 1, 2):
        layout.open(slot)
    layout.close(0)
    assert layout.gather([1, 2]) == (1, [])
    layout.open(3)
    assert layout.gather([3, 2]) == (0, [(1, 2)])
    assert layout.place(1) == 2
