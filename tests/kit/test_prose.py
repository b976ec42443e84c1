"""Which texts people may write."""

import pytest

from domain.kit.prose import LINE_SIGNS, is_seen, text_issues

UNSEEN = {
    "blanks": " \u00a0\u3000\u2003",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff",
    "fillers": "\u115f\u1160\u3164\uffa0\u2800",
    "marks alone": "\u0301\ufe0f\u034f",
    "soft hyphen": "\u00ad",
    "tags": "\U000e0041\U000e0fff",
    "direction marks": "\u200e\u200f",
}
SEEN = ["a", "é", "e\u0301", "雨", "مرحبا", "می\u200cخواهم", "👩\u200d🚀", "🇫🇷", "1", "?", "…", "♯", "\u200fשלום", "ㅤa"]
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("name", UNSEEN)
def test_a_text_that_nobody_can_see_is_none(name: str) -> None:
    assert not is_seen(UNSEEN[name])
    message = "A title has at least one character that can be seen."
    assert [issue.message for issue in text_issues("title", UNSEEN[name], 1, 120, "A title")] == [message]
    # and may stand where nothing may stand
    assert text_issues("description", UNSEEN[name], 0, 120, "A description") == []


@pytest.mark.parametrize("text", SEEN)
def test_what_people_write_is_taken_in_any_script(text: str) -> None:
    assert text_issues("title", text, 1, 120, "A title") == []


@pytest.mark.parametrize("sign", TURNING)
def test_nothing_turns_the_direction_of_what_stands_beside_it(sign: str) -> None:
    message = "A title holds no characters that turn the direction of writing. Type it anew."
    assert [issue.message for issue in text_issues("title", f"a{sign}b", 1, 120, "A title")] == [message]


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\n", "\x85", "\ud800"])
def test_control_signs_and_halves_of_signs_are_refused(sign: str) -> None:
    assert [issue.message for issue in text_issues("title", f"a{sign}b", 1, 120, "A title")] == [
        "A title holds no control characters."
    ]


def test_lines_may_be_allowed() -> None:
    assert text_issues("description", "a\nb\tc", 0, 120, "A description", LINE_SIGNS) == []
