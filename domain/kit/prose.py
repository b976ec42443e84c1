"""What people write in their own words: how long it may be, and which signs it may hold. Pure."""

import unicodedata

from domain.kit.errors import Issue

LINE_SIGNS = frozenset("\n\r\t")


def has_control_signs(text: str, allowed: frozenset[str] = frozenset()) -> bool:
    return any(unicodedata.category(sign) == "Cc" and sign not in allowed for sign in text)


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
    return []
