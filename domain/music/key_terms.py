"""Keys in prose. Letters and the words `a`, `minor` and `major` have other lives: context decides.

Not a key: `Am I`, `a minor change`, `a major hit`, `key lime`. A mode alone: `in a minor key`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.music.keys import Key, Mode, compact_key, mode_of, tonic_of
from domain.music.mentions import Kind, Lexicon
from domain.music.numbers import Reading
from domain.music.text import Word

_LEADS: Final = frozenset({"in", "key", "of", "en", "tonart", "is", "tonalidad", "tonalite", "auf", "scale"})
_GERMAN: Final = frozenset({"dur", "moll"})
_MAY_FOLLOW: Final = frozenset(
    {"with", "at", "and", "in", "for", "about", "song", "piece", "track", "beat", "melody", "ballad", "tune", "mit"}
    | {"chords", "progression", "music", "con", "using", "featuring", "please", "around", "but", "then", "or", "to"}
    | {"scale", "pentatonic", "blues", "theme", "groove", "loop", "riff", "arpeggio", "arpeggios", "tempo", "bpm"}
)
_MODE_ONLY: Final = frozenset({"key", "keys", "mode", "tonality", "scale", "mood", "feel", "sound"})
_ENGLISH_MODES: Final = frozenset({"major", "minor", "maj", "min"})
_SYLLABLES: Final = frozenset({"do", "ut", "re", "mi", "fa", "sol", "la", "si"})
_INSIDE_WORDS: Final = frozenset({".", "'", "’"})  # e.g. major, I'd
_LONGEST_MODE: Final = 2
_LONGEST_TONIC: Final = 2


@dataclass(frozen=True)
class Setting:
    """The words of a prompt and the lexicon that tells which of them are about music."""

    words: Sequence[Word]
    lexicon: Lexicon

    def text(self, index: int) -> str:
        """The folded word at `index`, or nothing beyond either end."""
        return self.words[index].text if 0 <= index < len(self.words) else ""

    def ends(self, index: int) -> bool:
        """True when no phrase can go on into the word at `index`."""
        return index >= len(self.words) or self.words[index].after_break

    def musical(self, index: int) -> bool:
        """True when the word at `index` starts a number or a phrase about music."""
        if index >= len(self.words):
            return False
        _, senses = self.lexicon.at(self.words, index, frozenset())
        about = any(sense.kind not in (Kind.TURN, Kind.IDIOM) for sense in senses)
        return about or self.words[index].number is not None or self.text(index) in _MAY_FOLLOW


def read_key(words: Sequence[Word], lexicon: Lexicon) -> Reading[Key] | None:
    """The first key of a prompt with the words it was read from."""
    setting = Setting(words, lexicon)
    for word in words:
        if reading := _named(setting, word.index) or _compact(setting, word.index) or _bare(setting, word.index):
            return reading
    return None


def _named(setting: Setting, start: int) -> Reading[Key] | None:
    """Tonic and mode as words: `F sharp minor`, `d-moll`, `la menor`."""
    words = setting.words
    for size in range(_LONGEST_TONIC, 0, -1):
        middle = start + size
        for length in range(_LONGEST_MODE, 0, -1):
            span = words[start : middle + length]
            if len(span) < size + length or any(word.after_break for word in span[1:]):
                continue
            texts = tuple(word.text for word in span)
            mode = mode_of(texts[size:])
            tonic = tonic_of(texts[:size], german=texts[-1] in _GERMAN) if mode else None
            if mode and tonic and _is_tonic(setting, start, middle, middle + length, mode):
                return Reading(Key(tonic, mode), frozenset(range(start, middle + length)))
    return None


def _is_tonic(setting: Setting, start: int, middle: int, end: int, mode: Mode) -> bool:
    """Whether an `a` before a mode is the note or the article; other letters are nearly always notes."""
    word, mode_word = setting.words[start], setting.words[middle]
    if word.glued and word.gap in _INSIDE_WORDS:
        return False
    if word.text in _SYLLABLES and setting.text(end - 1) in _ENGLISH_MODES:
        return False
    if word.text != "a" or middle - start > 1 or mode not in ("major", "minor"):
        return True
    if mode_word.glued and mode_word.gap == "-":
        return True
    capital = word.raw == "A"
    certain = capital and not word.after_stop
    led = setting.text(start - 1) in _LEADS
    if setting.ends(end):
        return led or word.after_break or capital
    if setting.text(end) in _MODE_ONLY:
        return certain and not setting.words[end].glued
    return certain or (setting.musical(end) and (led or capital))


def _compact(setting: Setting, index: int) -> Reading[Key] | None:
    """`Am`, `F#m`, `Bbmaj`; in lower case only behind `in` or `key`."""
    word = setting.words[index]
    raw = word.raw.removesuffix("or") if word.text.endswith(("major", "minor")) else word.raw
    key = None if raw.endswith(("b", "#", "♯", "♭")) or len(raw) < 2 else compact_key(raw)
    led = setting.text(index - 1) in _LEADS and not word.after_break
    marked = any(sign in raw for sign in "#♯♭")
    if key is None or word.glued or not (led or marked or (raw[0].isupper() and raw[1:].islower())):
        return None
    if led or marked or setting.ends(index + 1):
        return Reading(key, frozenset({index}))
    verb = word.text == "am" and word.after_stop and setting.text(index + 1) in _MAY_FOLLOW
    return Reading(key, frozenset({index})) if setting.musical(index + 1) and not verb else None


def _bare(setting: Setting, index: int) -> Reading[Key] | None:
    """A tonic alone behind `key of`, `key:` or `in`: a major key."""
    before, word = setting.text(index - 1), setting.words[index]
    if before not in ("of", "in", "key") or (before == "of" and setting.text(index - 2) != "key"):
        return None
    size = 2 if setting.text(index + 1) in ("sharp", "flat") else 1
    tonic = tonic_of(tuple(word.text for word in setting.words[index : index + size]))
    letters = len(word.raw.rstrip("#♯♭")) == 1 or word.raw[1:] == "b"
    if tonic is None or not letters or word.after_stop:
        return None
    capital = word.raw[0].isupper()
    end = index + size
    settled = setting.ends(end) or setting.musical(end)
    if not capital and (before == "in" or word.text == "a"):
        return None
    return Reading(Key(tonic, "major"), frozenset(range(index, end))) if settled else None
