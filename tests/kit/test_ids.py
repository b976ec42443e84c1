"""Ids and what is none."""

import time

import pytest

from domain.kit.ids import is_id, new_id


def test_a_new_id_has_the_form_of_an_id() -> None:
    assert all(is_id(new_id()) for _ in range(100))


def test_ids_are_unique() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_later_ids_sort_after_earlier_ones() -> None:
    earlier = new_id()
    time.sleep(0.002)
    assert new_id() > earlier


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01ARZ3NDEKTSV4RRFFQ69G5FA",
        "01ARZ3NDEKTSV4RRFFQ69G5FAVV",
        "01arz3ndektsv4rrffq69g5fav",
        "01ARZ3NDEKTSV4RRFFQ69G5FAU",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV\n",
        " 01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "$01ARZ3NDEKTSV4RRFFQ69G5FA",
    ],
    ids=["empty", "short", "long", "lower case", "a letter outside", "line end", "space", "operator"],
)
def test_what_only_looks_like_an_id_is_none(text: str) -> None:
    assert is_id("01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert not is_id(text)
