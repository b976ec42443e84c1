"""What people write in their own words: how long it may be, and which signs it may hold. Pure."""

import unicodedata

from domain.kit.errors import Issue

LINE_SIGNS = frozenset("\n\r\t")
# What turns the direction of all that follows, also of what others have written beside it (UAX #9, explicit
# formatting). The marks U+200E and U+200F turn nothing, and languages written from right to left need
# them.
TURNING_SIGNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters and symbols without any ink: fillers of Hangul, the empty braille pattern.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Not assigned, and never to be shown (Unicode, Default_Ignorable_Code_Point).
_NEVER_SHOWN = (range(0x2065, 0x2066), range(0xFFF0, 0xFFF9), range(0xE0000, 0xE1000))


def has_control_signs(text: str, allowed: frozenset[str] = frozenset()) -> bool:
    """Also halves of surrogate pairs, which are no signs and which nothing can store."""
    return any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in allowed for sign in text)


def is_seen(text: str) -> bool:
    """Whether anything of it has ink: neither space, nor marks without a letter, nor signs of no width alone."""
    return any(_has_ink(sign) for sign in text)


def text_issues(
    path: str, text: str | None, least: int, most: int, what: str, allowed: frozenset[str] = frozenset()
) -> list[Issue]:
    """What is wrong with one text, of which None says nothing. `allowed` are control signs that it may hold."""
    if text is None:
        return []
    if not least <= len(text) <= most:
        return [Issue(path, f"{what} has {least} to {most:,} characters.")]
    if has_control_signs(text, allowed):
        return [Issue(path, f"{what} holds no control characters.")]
    if not TURNING_SIGNS.isdisjoint(text):
        return [Issue(path, f"{what} holds no characters that turn the direction of writing. Type it anew.")]
    if least and not is_seen(text):
        return [Issue(path, f"{what} has at least one character that can be seen.")]
    return []


def _has_ink(sign: str) -> bool:
    if sign in _BLANK or any(ord(sign) in hidden for hidden in _NEVER_SHOWN):
        return False
    category = unicodedata.category(sign)
    return category[0] not in "ZM" and category not in ("Cc", "Cf", "Cs")
