"""Places in sorted lists, and what cursors say of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kit.errors import ValidationFailed
from domain.kit.ids import new_id
from domain.kit.keyset import Key, KeyKind, Order, Place, SortedPageRequest, place_from_text, place_to_text

TITLE = Order("TITLE", KeyKind.TEXT, is_descending=False)
LENGTH = Order("LENGTH", KeyKind.NUMBER, is_descending=True)
MOMENT = Order("MOMENT", KeyKind.MOMENT, is_descending=True)
ID = new_id()


@given(
    st.one_of(
        st.tuples(st.just(TITLE), st.text(max_size=500)),
        st.tuples(st.just(LENGTH), st.floats(allow_nan=False, allow_infinity=False)),
        st.tuples(st.just(MOMENT), st.datetimes(timezones=st.just(UTC))),
    )
)
def test_a_place_is_read_as_it_was_written(place: tuple[Order, Key]) -> None:
    # given a place, with a moment as MongoDB keeps it
    order, key = place
    if isinstance(key, datetime):
        key = key.replace(microsecond=key.microsecond // 1000 * 1000)
    # when it goes through a cursor
    read = place_from_text(order, place_to_text(order, Place(key, ID)))
    # then it is the same
    assert read == Place(key, ID)


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (TITLE, ""),
        (TITLE, ID),
        (TITLE, f"TITLE:{ID.lower()}:a"),
        (TITLE, f"LENGTH:{ID}:6.0"),
        (TITLE, f"TITLE:{ID}:{'x' * 501}"),
        (LENGTH, f"LENGTH:{ID}:nan"),
        (LENGTH, f"LENGTH:{ID}:-inf"),
        (LENGTH, f"LENGTH:{ID}:six"),
        (LENGTH, f"LENGTH:{ID}:{'9' * 400}"),
        (MOMENT, f"MOMENT:{ID}:"),
        (MOMENT, f"MOMENT:{ID}:1e3"),
        (MOMENT, f"MOMENT:{ID}:²"),
        (MOMENT, f"MOMENT:{ID}:{'9' * 15}"),
        (MOMENT, f"MOMENT:{ID}:-{'9' * 14}"),
    ],
)
def test_what_is_no_place_in_this_order_is_refused(order: Order, text: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        place_from_text(order, text)
    assert [issue.path for issue in refusal.value.issues] == ["after"]


@pytest.mark.parametrize("first", [0, -1, 101])
def test_sorted_pages_have_the_sizes_of_others(first: int) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        SortedPageRequest(TITLE, first)
    assert [issue.message for issue in refusal.value.issues] == ["'first' must be between 1 and 100."]
