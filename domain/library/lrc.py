"""LRC, the text format of synchronised lyrics, with stamps of lines and (enhanced LRC) of words: in and out. Pure.

A line may have several stamps and becomes as many lines. What is written is tidy: tags, then lines by time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.library.errors import DamagedLine, LyricsDamaged
from domain.library.lyrics import MAX_LINE, MAX_LINES, LyricLine, Lyrics, LyricWord, plain_lines

MAX_TAGS = 20
MAX_TAG_TEXT = 200
MAX_OFFSET_MS = 600_000
MAX_TOLD = 20

_TAG = re.compile(r"\[([A-Za-z#][A-Za-z0-9_#]{0,19}):(.*)\]\s*")
_LINE_STAMP = re.compile(r"\[(\d+:[\d.:]*)\]\s*", re.ASCII)
_WORD_STAMP = re.compile(r"<(\d+:[\d.:]*)>", re.ASCII)
_TIME = re.compile(r"(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?", re.ASCII)
_OFFSET = re.compile(r"[+-]?\d{1,6}", re.ASCII)
_OPEN_STAMP = re.compile(r"\[\d", re.ASCII)


@dataclass(frozen=True)
class LrcDocument:
    """Stamps as they are written; a positive offset makes everything come that much earlier."""

    lines: tuple[LyricLine, ...]
    tags: tuple[tuple[str, str], ...] = ()
    offset_ms: int = 0

    @property
    def text(self) -> str:
        """The words alone."""
        return "\n".join(line.text for line in self.lines)

    def played(self) -> tuple[LyricLine, ...]:
        """The lines with the offset taken into account, none before the beginning."""
        return tuple(self._moved(line) for line in self.lines)

    def _moved(self, line: LyricLine) -> LyricLine:
        words = tuple(LyricWord(self._at(word.start_ms), word.text) for word in line.words)
        start = None if line.start_ms is None else self._at(line.start_ms)
        return LyricLine(line.text, start, words, None if line.end_ms is None else self._at(line.end_ms))

    def _at(self, stamp_ms: int) -> int:
        return max(0, stamp_ms - self.offset_ms)


class _Damaged(Exception):
    """What is wrong with one line, in words."""


def read(text: str) -> LrcDocument:
    """Raises `LyricsDamaged` with the first lines that cannot be read, and what is wrong with each."""
    reader = _Reader()
    damaged = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        try:
            reader.take(line.strip())
        except _Damaged as told:
            damaged.append(DamagedLine(number, str(told)))
            if len(damaged) == MAX_TOLD:
                break
    if not damaged and not reader.lines:
        damaged = [DamagedLine(1, "No line has a time stamp; send such lyrics as plain text.")]
    if damaged:
        raise LyricsDamaged(damaged)
    lines = sorted(reader.lines, key=lambda line: line.start_ms or 0)
    return LrcDocument(tuple(lines), tuple(reader.tags), reader.offset_ms or 0)


def written(document: LrcDocument) -> str:
    """The tidy form; reading it gives the same document."""
    head = [f"[{name}:{text}]" for name, text in document.tags]
    if document.offset_ms:
        head.append(f"[offset:{document.offset_ms:+d}]")
    return "\n".join([*head, *(_line(line) for line in document.lines)])


def lines_of(lyrics: Lyrics) -> tuple[LyricLine, ...]:
    """As they are sung."""
    return read(lyrics.source).played() if lyrics.is_synchronised else plain_lines(lyrics)


def text_of(lyrics: Lyrics) -> str:
    """The words alone, line by line."""
    return read(lyrics.source).text if lyrics.is_synchronised else lyrics.source


class _Reader:
    def __init__(self) -> None:
        self.lines: list[LyricLine] = []
        self.tags: list[tuple[str, str]] = []
        self.offset_ms: int | None = None

    def take(self, line: str) -> None:
        if not line:
            return
        stamps, rest = _line_stamps(line)
        if stamps:
            self._take_words(stamps, rest)
        elif (tag := _TAG.fullmatch(line)) is not None:
            self._take_tag(tag[1], tag[2].strip())
        elif _OPEN_STAMP.match(line):
            raise _Damaged(f"The time stamp is not written like [01:23.45]: {line[:20]!r}.")
        elif line.startswith("["):
            raise _Damaged(f"This is neither a time stamp nor a tag such as [ar:Ada]: {line[:20]!r}.")
        else:
            raise _Damaged("The line has no time stamp.")

    def _take_words(self, stamps: Sequence[int], rest: str) -> None:
        if len(self.lines) + len(stamps) > MAX_LINES:
            raise _Damaged(f"Lyrics have at most {MAX_LINES:,} lines, those with several stamps counted for each.")
        start, words, end = stamps[0], *_words(rest, stamps[0])
        if words and len(stamps) > 1:
            raise _Damaged("A line whose words have stamps has one stamp itself.")
        text = "".join(word.text for word in words) if words else " ".join(_WORD_STAMP.sub("", rest).split())
        if len(text) > MAX_LINE:
            raise _Damaged(f"A line has at most {MAX_LINE} characters.")
        self.lines += [LyricLine(text, stamp, words, end) for stamp in (stamps if not words else [start])]

    def _take_tag(self, name: str, text: str) -> None:
        if name.lower() == "offset":
            self._take_offset(text)
            return
        if len(self.tags) == MAX_TAGS:
            raise _Damaged(f"There are at most {MAX_TAGS} tags.")
        if len(text) > MAX_TAG_TEXT:
            raise _Damaged(f"A tag has at most {MAX_TAG_TEXT} characters.")
        self.tags.append((name, text))

    def _take_offset(self, text: str) -> None:
        if self.offset_ms is not None:
            raise _Damaged("There is a second offset.")
        if not _OFFSET.fullmatch(text) or abs(int(text)) > MAX_OFFSET_MS:
            raise _Damaged(f"An offset is a number of milliseconds, at most {MAX_OFFSET_MS:,}: {text[:20]!r}.")
        self.offset_ms = int(text)


def _line_stamps(line: str) -> tuple[list[int], str]:
    """The stamps that a line begins with, and what is behind them."""
    stamps, place = [], 0
    while (found := _LINE_STAMP.match(line, place)) is not None:
        stamps.append(_milliseconds(found[1]))
        place = found.end()
    return stamps, line[place:]


def _words(rest: str, line_start: int) -> tuple[tuple[LyricWord, ...], int | None]:
    """The words of an enhanced line and when the last of them ends; none of a line without stamps of words.

    A stamp without a word only says when the line ends, if it is the last one.
    """
    head, *others = _WORD_STAMP.split(rest)
    starts = [_milliseconds(stamp) for stamp in others[::2]]
    texts = others[1::2]
    if head.strip():
        starts, texts = [line_start, *starts], [head, *texts]
    for before, after in zip([line_start, *starts], starts, strict=False):
        if after < before:
            raise _Damaged(f"The time goes back from {_stamp(before)} to {_stamp(after)} within the line.")
    if not others or not "".join(texts).strip():
        return (), None
    sung: list[tuple[int, str]] = []
    for start, text in zip(starts, texts, strict=True):
        if text.strip():
            sung.append((start, text))
        elif sung:
            sung[-1] = (sung[-1][0], sung[-1][1] + text)
    end = None if texts[-1].strip() else starts[-1]
    spaced = _spaced([text for _, text in sung])
    return tuple(LyricWord(start, text) for (start, _), text in zip(sung, spaced, strict=True)), end


def _spaced(texts: Sequence[str]) -> list[str]:
    """The blank between two words belongs to the first, and is one."""
    spaced = []
    for text, after in zip(texts, [*texts[1:], ""], strict=True):
        is_apart = text.endswith((" ", "\t")) or after.startswith((" ", "\t"))
        spaced.append(" ".join(text.split()) + (" " if is_apart else ""))
    spaced[-1] = spaced[-1].rstrip()
    return spaced


def _milliseconds(text: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None:
        raise _Damaged(f"The time is not written like 01:23.45: {text[:20]!r}.")
    minutes, seconds, fraction = int(found[1]), int(found[2]), found[3] or ""
    if seconds > 59:
        raise _Damaged(f"A minute has no second {seconds}: {text!r}.")
    return (minutes * 60 + seconds) * 1_000 + int(fraction.ljust(3, "0"))


def _line(line: LyricLine) -> str:
    words = "".join(f"<{_stamp(word.start_ms)}>{word.text}" for word in line.words) or line.text
    end = "" if line.end_ms is None else f"<{_stamp(line.end_ms)}>"
    return f"[{_stamp(line.start_ms or 0)}]{words}{end}"


def _stamp(milliseconds: int) -> str:
    """Hundredths, as players expect them, and thousandths where they are needed."""
    seconds, fraction = divmod(milliseconds, 1_000)
    digits = f"{fraction:03d}" if fraction % 10 else f"{fraction // 10:02d}"
    return f"{seconds // 60:02d}:{seconds % 60:02d}.{digits}"
