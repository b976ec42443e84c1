"""Reads the explicit musical terms out of a prompt of any length and language; never raises on odd text.

Conflicts are settled so: the first of several tempos, keys, meters or moods counts; of several genres the last
of the first group (`jazz house` is house), and adjectives (`jazzy`) only when no genre is named outright.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.music.genre_names import CLASSICAL
from domain.music.instruments import FAMILIES, members
from domain.music.key_terms import read_key
from domain.music.keys import Key, Mode, as_mode
from domain.music.lexicon import prompt_lexicon
from domain.music.mentions import Kind, Mention, find_mentions
from domain.music.meters import METERS, Meter
from domain.music.numbers import read_bpm, read_meter
from domain.music.refusal import mark_refused
from domain.music.structure import read_sections
from domain.music.text import Word, split_words

_INTENSIFIERS: Final = frozenset({"very", "really", "super", "extremely", "ultra", "insanely", "sehr", "muy", "tres"})
_MODERATE_PACE: Final = 0.5
_VERY: Final = 0.5  # how far beyond `slow` or `fast` the intensified words go, in tempo ranges
_ORCHESTRAL: Final = frozenset(
    {"strings", "violin", "cello", "french horn", "flute", "clarinet", "trumpet", "timpani", "harp", "choir"}
    | {"any strings", "any brass", "any woodwind", "trombone", "harpsichord"}
)


@dataclass(frozen=True)
class PromptTerms:
    """What a prompt says outright; None or empty where it says nothing.

    `instruments` may hold families (`any guitar`), which a genre turns into instruments; `excluded` holds
    instruments only. `pace` is a place in the genre's tempo range (0 slow end, 1 fast end). `mode` is set
    only without a tonic. `energy` is 0 to 1.
    """

    genre: str | None = None
    refused_genres: frozenset[str] = frozenset()
    mood: str | None = None
    moods: tuple[str, ...] = ()
    refused_moods: frozenset[str] = frozenset()
    bpm: float | None = None
    pace: float | None = None
    key: Key | None = None
    mode: Mode | None = None
    meter: Meter | None = None
    instruments: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    energy: float | None = None
    sections: tuple[str, ...] | None = None
    instrumental: bool | None = None


def read_terms(prompt: str) -> PromptTerms:
    """The explicit terms of a prompt, in time linear in its length."""
    words = split_words(prompt)
    lexicon = prompt_lexicon()
    bpm, meter, key = read_bpm(words), read_meter(words), read_key(words, lexicon)
    claimed: frozenset[int] = frozenset().union(*(reading.words for reading in (bpm, meter, key) if reading))
    mentions = mark_refused(words, find_mentions(words, lexicon, claimed))
    wanted = [mention for mention in mentions if not mention.refused]
    refused = [mention for mention in mentions if mention.refused]
    instruments, excluded = _instruments(words, wanted, refused)
    genre = _genre(words, wanted, instruments)
    moods = _values(wanted, Kind.MOOD)
    return PromptTerms(
        genre=genre,
        refused_genres=_refused_genres(refused) - frozenset(filter(None, [genre])),
        mood=moods[0] if moods else None,
        moods=moods,
        refused_moods=frozenset(_values(refused, Kind.MOOD)),
        bpm=bpm.value if bpm else _tempo_term(wanted),
        pace=_pace(words, mentions),
        key=key.value if key else None,
        mode=None if key else _mode(wanted),
        meter=meter.value if meter else _meter(wanted),
        instruments=instruments,
        excluded=excluded,
        energy=_energy(wanted),
        sections=read_sections(words, mentions),
        instrumental=_instrumental(wanted, refused),
    )


def _values(mentions: Iterable[Mention], kind: Kind) -> tuple[str, ...]:
    """Values of one kind in order, each once."""
    return tuple(dict.fromkeys(mention.value for mention in mentions if mention.kind is kind))


def _genre(words: Sequence[Word], wanted: Sequence[Mention], instruments: Sequence[str]) -> str | None:
    """The genre a prompt names; `classical` depends on whether an orchestra plays."""
    named = [mention for mention in wanted if mention.kind is Kind.GENRE]
    head = _head(words, named)
    if head is None:
        flavours = _values(wanted, Kind.FLAVOUR)
        return flavours[0] if flavours else None
    if head != CLASSICAL:
        return head
    plays_orchestra = _ORCHESTRAL & set(instruments) and "piano" not in instruments
    return "orchestral" if plays_orchestra else "classical piano"


def _head(words: Sequence[Word], named: Sequence[Mention]) -> str | None:
    """The last genre of the first group that stands together: English puts the head noun last."""
    head: Mention | None = None
    for mention in named:
        first = words[mention.start]
        if head is not None and (mention.start != head.end or first.after_break or "/" in first.gap):
            break
        head = mention
    return head.value if head else None


def _refused_genres(refused: Iterable[Mention]) -> frozenset[str]:
    """Genres refused by name; refusing `classical` refuses both forms of it."""
    values = set(_values(refused, Kind.GENRE)) | set(_values(refused, Kind.FLAVOUR))
    if CLASSICAL in values:
        values = (values - {CLASSICAL}) | {"classical piano", "orchestral"}
    return frozenset(values)


def _instruments(
    words: Sequence[Word], wanted: Sequence[Mention], refused: Sequence[Mention]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Wanted and excluded instruments, without overlap.

    An instrument wanted by its own name survives the exclusion of its family (`no guitars except acoustic
    guitar`); where both were said equally exactly, the exclusion wins.
    """
    played = _values(wanted, Kind.INSTRUMENT)
    exact = _values(refused, Kind.INSTRUMENT)
    broad = [*exact, *_values(wanted, Kind.BAN), *_solo_bans(words, wanted)]
    spared = {name for name in played if name not in FAMILIES and name not in exact}
    banned = {member for name in broad for member in members(name)} - spared
    kept = tuple(name for name in played if name in spared or not _gone(name, exact, banned))
    ordered = dict.fromkeys(member for name in broad for member in members(name) if member in banned)
    return kept, tuple(ordered)


def _gone(name: str, exact: Sequence[str], banned: set[str]) -> bool:
    """True when nothing of a wanted instrument or family is left after the exclusions."""
    return name in exact or all(member in banned for member in FAMILIES.get(name, (name,)))


def _solo_bans(words: Sequence[Word], wanted: Sequence[Mention]) -> list[str]:
    """`solo piano` and `piano only` leave no room for drums; `guitar solo` does."""
    played = [mention for mention in wanted if mention.kind is Kind.INSTRUMENT]
    starts, ends = {mention.start for mention in played}, {mention.end for mention in played}
    for mention in wanted:
        if mention.kind is not Kind.SOLO or "drums" in {other.value for other in played}:
            continue
        before = mention.end in starts and not words[mention.end].after_break
        closes = mention.end == len(words) or words[mention.end].after_break
        behind = mention.start in ends and closes and mention.value == "only"
        if before or (behind and not words[mention.start].after_break):
            return ["any drums"]
    return []


def _tempo_term(wanted: Sequence[Mention]) -> float | None:
    """Beats per minute of the first Italian term."""
    terms = _values(wanted, Kind.TEMPO)
    return float(terms[0]) if terms else None


def _pace(words: Sequence[Word], mentions: Sequence[Mention]) -> float | None:
    """Place in the tempo range: `very fast` lies beyond its end, `not too fast` in its middle."""
    for mention in mentions:
        if mention.kind is Kind.PACE:
            value = float(mention.value)
            if mention.refused:
                return _MODERATE_PACE
            very = mention.start > 0 and words[mention.start - 1].text in _INTENSIFIERS
            stretch = _VERY if value > _MODERATE_PACE else -_VERY
            return value + stretch if very and value != _MODERATE_PACE else value
    return None


def _mode(wanted: Sequence[Mention]) -> Mode | None:
    """A mode without a tonic, as in `in a minor key`."""
    modes = _values(wanted, Kind.MODE)
    return as_mode(modes[0]) if modes else None


def _meter(wanted: Sequence[Mention]) -> Meter | None:
    """A meter in words, `waltz time`."""
    labels = _values(wanted, Kind.METER)
    return METERS[labels[0]] if labels else None


def _energy(wanted: Sequence[Mention]) -> float | None:
    """Mean of the energies named, 0 to 1."""
    values = [float(value) for value in _values(wanted, Kind.ENERGY)]
    return round(sum(values) / len(values), 3) if values else None


def _instrumental(wanted: Sequence[Mention], refused: Sequence[Mention]) -> bool | None:
    """True without voices, False with them, None when nothing is said."""
    if "sung" in _values(refused, Kind.VOCALS) or "instrumental" in _values(wanted, Kind.VOCALS):
        return True
    return False if "sung" in _values(wanted, Kind.VOCALS) else None
