"""The words of a track, plain or each line and word with its time, and what may be said of them. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.kit.errors import Issue
from domain.kit.prose import LINE_SIGNS, TURNING_SIGNS, has_control_signs

MAX_LYRICS = 40_000
MAX_LINES = 1_000
MAX_LINE = 500
MAX_LANGUAGE = 35

# Well-formed tags, less those of RFC 5646's list of grandfathered ones (section 2.1).
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True)
class LyricWord:
    """A word or a syllable, with the blank behind it if there is one. Times are in milliseconds from the beginning."""

    start_ms: int
    text: str


@dataclass(frozen=True)
class LyricLine:
    """`words` are empty where only the line has a time; `end_ms` is when its last word ends, if that is known."""

    text: str
    start_ms: int | None = None
    words: tuple[LyricWord, ...] = ()
    end_ms: int | None = None


@dataclass(frozen=True)
class Lyrics:
    """`source` is LRC in its tidy form if they are synchronised, else the plain text. `language` is a BCP 47 tag."""

    source: str
    is_synchronised: bool
    language: str | None = None


def plain_lyrics(text: str, language: str | None) -> Lyrics | None:
    """Without space at the ends of lines and of the whole; None when nothing is left."""
    lines = [line.rstrip() for line in text.removeprefix("\ufeff").splitlines()]
    tidy = "\n".join(lines).strip("\n")
    return Lyrics(tidy, False, language) if tidy else None


def plain_lines(lyrics: Lyrics) -> tuple[LyricLine, ...]:
    """Of lyrics that are not synchronised; `lrc.read` has those of the others."""
    return tuple(LyricLine(line) for line in lyrics.source.split("\n"))


def text_issues(path: str, text: str) -> list[Issue]:
    """What is wrong with the text as a whole, plain or LRC."""
    if len(text) > MAX_LYRICS:
        return [Issue(path, f"Lyrics have at most {MAX_LYRICS:,} characters.")]
    if has_control_signs(text, LINE_SIGNS):
        return [Issue(path, "Lyrics hold no control characters.")]
    if not TURNING_SIGNS.isdisjoint(text):
        return [Issue(path, "Lyrics hold no characters that turn the direction of writing.")]
    return []


def line_issues(path: str, lines: Sequence[str]) -> list[Issue]:
    """What is wrong with the lines of a plain text."""
    if len(lines) > MAX_LINES:
        return [Issue(path, f"Lyrics have at most {MAX_LINES:,} lines.")]
    if any(len(line) > MAX_LINE for line in lines):
        return [Issue(path, f"A line has at most {MAX_LINE} characters.")]
    return []


def language_tag(given: str) -> str | None:
    """The tag in its usual spelling (RFC 5646, section 2.1.1), such as `pt-BR`; None when it is not well-formed."""
    tag = given.strip()
    if len(tag) > MAX_LANGUAGE or not _LANGUAGE.fullmatch(tag):
        return None
    first, *others = tag.lower().split("-")
    spelled, is_free = [first], len(first) == 1
    for part in others:
        is_free = is_free or len(part) == 1
        spelled.append(part if is_free else _spelled(part))
    return "-".join(spelled)


def _spelled(part: str) -> str:
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part
