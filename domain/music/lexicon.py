"""Joins all vocabularies into the one lexicon that prompts are read with. Built once, on first use."""

from collections.abc import Iterator, Mapping
from functools import cache

from domain.music.genre_names import FLAVOURS, GENRE_NAMES
from domain.music.instruments import FAMILY_NAMES, INSTRUMENT_NAMES
from domain.music.mentions import Kind, Lexicon, Sense
from domain.music.meters import METER_WORDS
from domain.music.moods import MOODS
from domain.music.phrases import (
    ALSO_CHOIR,
    BANS,
    ENERGY,
    EXCEPT,
    IDIOMS,
    MODE_PHRASES,
    PACE,
    REFUSE,
    REFUSE_ONE,
    SECTIONS,
    SOLO,
    TEMPO_TERMS,
    TURN,
    VOCALS,
)

Row = tuple[str, Sense]


def named(kind: Kind, names: Mapping[str, tuple[str, ...]], *, with_name: bool = False) -> Iterator[Row]:
    """Rows for a table of name to phrases; `with_name` adds the name itself as a phrase."""
    for name, phrases in names.items():
        for phrase in (name, *phrases) if with_name else phrases:
            yield phrase, Sense(kind, name)


def plain(kind: Kind, phrases: tuple[str, ...]) -> Iterator[Row]:
    """Rows for phrases whose kind says it all."""
    return ((phrase, Sense(kind, phrase)) for phrase in phrases)


def plurals(names: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The names with an `s` (`trompetas`, `fuzz guitars`), unless that is a phrase of its own already."""
    known = {phrase for table in (INSTRUMENT_NAMES, FAMILY_NAMES) for row in table.values() for phrase in row}
    known |= set(names)
    return {
        name: tuple(f"{one}s" for one in (name, *row) if not one.endswith("s") and f"{one}s" not in known)
        for name, row in names.items()
    }


def rows() -> Iterator[Row]:
    """Every phrase of every vocabulary with its sense."""
    yield from plain(Kind.IDIOM, IDIOMS)
    yield from named(Kind.GENRE, GENRE_NAMES)
    yield from named(Kind.FLAVOUR, FLAVOURS)
    yield from named(Kind.MOOD, {mood.name: mood.words for mood in MOODS.values()}, with_name=True)
    yield from named(Kind.INSTRUMENT, INSTRUMENT_NAMES, with_name=True)
    yield from named(Kind.INSTRUMENT, FAMILY_NAMES)
    yield from named(Kind.INSTRUMENT, plurals(INSTRUMENT_NAMES))
    yield from named(Kind.BAN, BANS)
    yield from ((phrase, Sense(Kind.INSTRUMENT, "choir")) for phrase in ALSO_CHOIR)
    yield from ((phrase, Sense(Kind.METER, label)) for phrase, label in METER_WORDS.items())
    yield from named(Kind.MODE, MODE_PHRASES)
    yield from named(Kind.PACE, PACE)
    yield from ((term, Sense(Kind.TEMPO, str(bpm))) for term, bpm in TEMPO_TERMS.items())
    yield from named(Kind.ENERGY, ENERGY)
    yield from named(Kind.VOCALS, VOCALS)
    yield from named(Kind.SECTION, SECTIONS)
    yield from plain(Kind.REFUSE, REFUSE)
    yield from plain(Kind.REFUSE_ONE, REFUSE_ONE)
    yield from plain(Kind.EXCEPT, EXCEPT)
    yield from plain(Kind.TURN, TURN)
    yield from plain(Kind.SOLO, SOLO)


@cache
def prompt_lexicon() -> Lexicon:
    """The lexicon of all phrases."""
    return Lexicon.build(list(rows()))
