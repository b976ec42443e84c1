"""What encryption at rest promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.jose_box import JoseBox
from domain.kit.trust.credentials import KeyRing

NEW = KeyRing.of("a secret of thirty-two characters", "new")
OLD = KeyRing.of("an older secret of many characters", "old")
BOTH = KeyRing.of("a secret of thirty-two characters", "new", {"old": "an older secret of many characters"})


@given(st.text(max_size=500))
def test_what_was_sealed_can_be_opened(text: str) -> None:
    assert JoseBox(NEW).open("mail", JoseBox(NEW).seal("mail", text)) == text


def test_two_seals_of_the_same_text_tell_nothing() -> None:
    box = JoseBox(NEW)
    one, other = box.seal("mail", "the same"), box.seal("mail", "the same")
    assert one != other
    assert "same" not in one


def test_a_purpose_does_not_open_what_another_sealed() -> None:
    assert JoseBox(NEW).open("second factor", JoseBox(NEW).seal("mail", "text")) is None


def test_older_secrets_open_as_long_as_they_are_accepted() -> None:
    sealed = JoseBox(OLD).seal("mail", "text")
    assert JoseBox(BOTH).open("mail", sealed) == "text"
    assert JoseBox(NEW).open("mail", sealed) is None
    assert JoseBox(NEW).open("mail", JoseBox(BOTH).seal("mail", "text")) == "text"


@pytest.mark.parametrize("place", [0, 2, 3, 4])
def test_what_was_changed_cannot_be_opened(place: int) -> None:
    parts = JoseBox(NEW).seal("mail", "text").split(".")
    parts[place] = ("A" if parts[place][:1] != "A" else "B") + parts[place][1:]
    assert JoseBox(NEW).open("mail", ".".join(parts)) is None


@given(st.text(max_size=80))
def test_what_is_no_seal_is_none(text: str) -> None:
    assert JoseBox(NEW).open("mail", text) is None


def test_what_was_sealed_under_an_older_secret_is_outdated_as_long_as_it_opens_and_after() -> None:
    old, new = JoseBox(OLD).seal("mail", "text"), JoseBox(BOTH).seal("mail", "text")
    for box in (JoseBox(BOTH), JoseBox(NEW)):
        assert (box.is_outdated(old), box.is_outdated(new)) == (True, False)
    assert not JoseBox(OLD).is_outdated(old)


@given(st.text(max_size=80))
def test_what_is_no_seal_is_outdated(text: str) -> None:
    assert JoseBox(NEW).is_outdated(text)
