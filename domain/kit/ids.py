"""Identifiers: ULIDs, which sort by creation time and need no coordination."""

import re

from ulid import ULID

_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


def new_id() -> str:
    """A fresh ULID: 26 characters of Crockford base 32, ascending with time."""
    return str(ULID())


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id."""
    return _ULID.fullmatch(text) is not None
