"""Splits free text of any script into words that remember what stood between them. Linear in the text."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

_WORD = re.compile(r"\d+(?:\.\d+|,\d(?!\d))?|[^\W\d_]+(?:[#♯♭][^\W\d_]*)?|[&+]")
_STOPS = frozenset(".;!?\n。！？؟")
_COMMAS = frozenset(',:()[]{}|/•、，—–-«»"')
_AND = frozenset("&+")


@dataclass(frozen=True)
class Word:
    """`raw` keeps the case, `text` is folded; both are free of accents. `gap` is what stood before the word."""

    raw: str
    text: str
    gap: str
    index: int

    @cached_property
    def glued(self) -> bool:
        """True when no space parts this word from the one before: `lo-fi`, `90bpm`, `6/8`."""
        return self.index > 0 and not any(sign.isspace() for sign in self.gap)

    @cached_property
    def after_stop(self) -> bool:
        """True at the start of the text and of every sentence."""
        return self.index == 0 or any(sign in _STOPS for sign in self.gap)

    @cached_property
    def after_comma(self) -> bool:
        """True after a sign that parts phrases; a hyphen or slash inside a word does not."""
        if self.glued and self.gap in ("-", "/", "–"):
            return False
        return any(sign in _COMMAS for sign in self.gap)

    @property
    def after_break(self) -> bool:
        """True where no phrase can continue from the word before."""
        return self.after_stop or self.after_comma

    @property
    def number(self) -> float | None:
        """The value of a word made of digits, else None."""
        return float(self.text.replace(",", ".")) if self.text[0].isdecimal() else None


def unaccented(text: str) -> str:
    """Compatibility-decomposed text without combining marks; letters keep their case."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def split_words(text: str) -> tuple[Word, ...]:
    """The words of `text` in order; `&` and `+` count as the word `and`."""
    plain = unaccented(text)
    words: list[Word] = []
    end = 0
    for match in _WORD.finditer(plain):
        raw = "and" if match.group() in _AND else match.group()
        words.append(Word(raw, raw.casefold(), plain[end : match.start()], len(words)))
        end = match.end()
    return tuple(words)


def phrase(text: str) -> tuple[str, ...]:
    """The folded words of a phrase, the form in which vocabularies are looked up."""
    return tuple(word.text for word in split_words(text))
