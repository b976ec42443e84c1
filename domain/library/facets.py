"""What lists are filtered, sorted and searched by, in the form in which it is compared. Pure."""

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from domain.library.lrc import text_of
from domain.library.model import Track, VersionKind
from domain.music.keys import Key
from domain.music.text import unaccented

# One more whenever the same track would get other facets; then all tracks are gone over again.
FORMAT = 4
# Into so many equal parts a library is divided by chance. A track drawn from some of them is drawn from all.
LOTS = 1024
MAX_TITLE_KEY = 200
MAX_WORDS = 400
MAX_WORD = 40

_WORD = re.compile(r"[^\W_]+")
# Letters that people type without their strokes, and that Unicode does not take apart.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
# The same keys of a keyboard under the names that are not used here.
_SHARPS = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#", "Cb": "B", "Fb": "E", "E#": "F", "B#": "C"}


@dataclass(frozen=True)
class Facets:
    """`bpm` and `key` are as composed, else as measured: None and empty where there is neither. `words` are sorted.

    `lot`, of 1,024, says nothing of the track; tracks are drawn by chance by it.
    """

    format: int
    title: str
    artist: str
    genre: str
    tags: tuple[str, ...]
    words: tuple[str, ...]
    kind: VersionKind
    bpm: float | None
    key: str
    lot: int


def facets_of(track: Track) -> Facets:
    facts = track.current
    sung = "" if track.lyrics is None else text_of(track.lyrics)
    texts = (track.title, track.artist, *track.tags, track.description, sung)
    return Facets(
        format=FORMAT,
        title=title_key(track.title),
        artist=folded(track.artist),
        genre=folded(track.genre),
        tags=tuple(folded(tag) for tag in track.tags),
        words=tuple(sorted(words_of(texts, MAX_WORDS))),
        kind=facts.origin.kind,
        bpm=facts.bpm or facts.analysis.tempo_bpm or None,
        key=key_name(facts.key or facts.analysis.key) or "",
        lot=lot_of(track.id),
    )


def lot_of(track_id: str) -> int:
    """The same for the same track, and as good as random over many."""
    return zlib.crc32(track_id.encode()) % LOTS


def folded(text: str) -> str:
    """Without case, accents and needless space."""
    if text.isascii():
        # comes to the same, in a tenth of the time
        return " ".join(text.lower().split())
    return " ".join(unaccented(text.casefold()).casefold().translate(_PLAIN).split())


def title_key(title: str) -> str:
    return folded(title)[:MAX_TITLE_KEY]


def words_of(texts: Iterable[str], most: int) -> list[str]:
    """The first words, folded, each once and none longer than what is compared."""
    found = (word[:MAX_WORD] for text in texts for word in _WORD.findall(folded(text)))
    return list(dict.fromkeys(found))[:most]


def key_name(text: str) -> str | None:
    """One name for each key on a keyboard, however it is written; None for what is none."""
    parsed = Key.parse(text)
    if parsed is None:
        return None
    return Key(_SHARPS.get(parsed.tonic, parsed.tonic), parsed.mode).label()
