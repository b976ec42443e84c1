"""Asking for pages and cutting them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kit.errors import Issue, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.paging import MAX_PAGE, Page, PageRequest


@pytest.mark.parametrize("first", [1, 20, MAX_PAGE])
def test_a_page_has_up_to_a_hundred_items(first: int) -> None:
    assert PageRequest(first).first == first


@pytest.mark.parametrize("first", [0, -1, MAX_PAGE + 1])
def test_other_sizes_are_refused_by_the_name_of_the_argument(first: int) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        PageRequest(first)
    assert refusal.value.issues == [Issue("first", "'first' must be between 1 and 100.")]


def test_a_page_goes_on_after_an_id() -> None:
    after = new_id()
    assert PageRequest(5, after).after == after


@pytest.mark.parametrize("after", ["", "1", "cursor", new_id().lower(), new_id() + "0"])
def test_a_cursor_that_is_no_id_is_refused(after: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        PageRequest(5, after)
    assert [issue.path for issue in refusal.value.issues] == ["after"]


@given(st.integers(1, MAX_PAGE), st.integers(0, MAX_PAGE + 1))
def test_the_item_too_many_only_says_that_more_follows(first: int, there: int) -> None:
    # given a query that asked for one more than wanted
    found = list(range(min(there, first + 1)))
    # when it is cut
    page = Page.cut(found, PageRequest(first))
    # then there are never more than wanted
    assert page.items == found[:first]
    assert page.has_next == (there > first)


def test_mapping_changes_the_items_and_nothing_else() -> None:
    assert Page([1, 2], has_next=True).map(str) == Page(["1", "2"], has_next=True)
