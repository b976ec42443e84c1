"""From a prompt and explicit fields to a MusicBrief: fields first, then terms of the prompt, then likeness.

A tempo outside a genre's custom is kept when it is a number (`ambient, 180 bpm` plays ambient at 180); words
like `fast` stay near the genre's range. Fields beat the prompt; among fields, a wanted instrument that is also
excluded is excluded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from numpy.typing import ArrayLike

from domain.music.anchors import Anchors
from domain.music.brief import BriefOverrides, MusicBrief, Provenance
from domain.music.genres import DEFAULT_GENRE, GENRES
from domain.music.instruments import FAMILIES, suited
from domain.music.keys import WHITE_KEY_TONIC, Key
from domain.music.meters import Meter
from domain.music.moods import MOODS
from domain.music.numbers import FASTEST_BPM, SLOWEST_BPM
from domain.music.prompt import PromptTerms, read_terms

SCHEMA: Final = "cadenza.brief/1"
GENRE_FLOOR: Final = 0.18
MOOD_FLOOR: Final = 0.25
MOST_INSTRUMENTS: Final = 12
_HINT_WEIGHT: Final = 0.1  # how much likeness a fitting palette or tempo is worth
_COMPOUND: Final = 2 / 3  # dotted quarters per quarter at one speed
_T = TypeVar("_T")


@dataclass(frozen=True)
class Choice:
    """A value, where it came from, and how alike it was when likeness chose it."""

    value: str | None
    source: Provenance
    likeness: float | None = None


def understand(
    prompt: str, overrides: BriefOverrides, anchors: Anchors | None, embedding: ArrayLike | None
) -> MusicBrief:
    """The brief for a prompt; without anchors or embedding [size] nothing is decided by likeness."""
    terms = read_terms(prompt)
    genre_scores, mood_scores = _scores(anchors, embedding)
    genre = choose_genre(terms, overrides, genre_scores)
    mood = choose_mood(terms, overrides, mood_scores)
    name = genre.value or DEFAULT_GENRE
    wanted, excluded = choose_instruments(terms, overrides, "" if genre.source == "default" else name)
    meter, meter_source = _first(overrides.meter, terms.meter)
    bpm, bpm_source = _first(overrides.bpm, _bpm(terms, name, meter))
    key, key_source = _first(overrides.key, terms.key or _key_of_mode(terms))
    energy, energy_source = choose_energy(terms, overrides, name, mood)
    sections, sections_source = _first(overrides.sections, terms.sections)
    instrumental, instrumental_source = _first(overrides.instrumental, terms.instrumental)
    return MusicBrief(
        genre=name,
        mood=mood.value,
        bpm=bpm,
        key=key,
        meter=meter,
        instruments=wanted,
        excluded_instruments=excluded,
        energy=energy,
        sections=sections,
        instrumental=True if instrumental is None else instrumental,
        sources={
            "genre": genre.source,
            "mood": mood.source,
            "bpm": bpm_source,
            "key": key_source,
            "meter": meter_source,
            "instruments": _first(overrides.instruments, wanted or None)[1],
            "excluded_instruments": _first(overrides.excluded_instruments, excluded or None)[1],
            "energy": energy_source,
            "sections": sections_source,
            "instrumental": instrumental_source,
        },
        confidence={
            field: round(min(max(choice.likeness, 0.0), 1.0), 4)
            for field, choice in (("genre", genre), ("mood", mood))
            if choice.likeness is not None
        },
    )


def _scores(anchors: Anchors | None, embedding: ArrayLike | None) -> tuple[dict[str, float], dict[str, float]]:
    """Likeness to every genre and every mood; empty without anchors or embedding."""
    if anchors is None or embedding is None:
        return {}, {}
    return anchors.genres.scores(embedding), anchors.moods.scores(embedding)


def _first(field: _T | None, term: _T | None) -> tuple[_T | None, Provenance]:
    """The field if given, else the prompt's term, with its source."""
    if field is not None:
        return field, "field"
    return term, "default" if term is None else "prompt"


def choose_genre(terms: PromptTerms, overrides: BriefOverrides, scores: Mapping[str, float]) -> Choice:
    """The genre; by likeness only above GENRE_FLOOR, with wanted instruments and tempo as small hints."""
    if overrides.genre is not None:
        return Choice(overrides.genre, "field")
    if terms.genre is not None:
        return Choice(terms.genre, "prompt")
    allowed = [name for name in GENRES if name not in terms.refused_genres] or list(GENRES)
    hints = {name: _fit(name, terms) for name in allowed}
    best = max(allowed, key=lambda name: scores.get(name, 0.0) + _HINT_WEIGHT * hints[name])
    if scores.get(best, 0.0) >= GENRE_FLOOR:
        return Choice(best, "similarity", scores[best])
    hinted = max(allowed, key=lambda name: (hints[name], name == DEFAULT_GENRE))
    return Choice(hinted, "default")


def _fit(name: str, terms: PromptTerms) -> float:
    """How well a genre suits the wanted instruments and the tempo, 0 to 2."""
    genre = GENRES[name]
    at_home = [any(m in genre.palette for m in FAMILIES.get(i, (i,))) for i in terms.instruments]
    palette = sum(at_home) / len(at_home) if at_home else 0.0
    low, high = genre.bpm
    tempo = terms.bpm is not None and low <= terms.bpm <= high
    return palette + (1.0 if tempo else 0.0)


def choose_mood(terms: PromptTerms, overrides: BriefOverrides, scores: Mapping[str, float]) -> Choice:
    """The mood; None, which leaves it to the composer, when nothing is alike enough."""
    if overrides.mood is not None:
        return Choice(overrides.mood, "field")
    if terms.mood is not None:
        return Choice(terms.mood, "prompt")
    allowed = [name for name in scores if name not in terms.refused_moods]
    best = max(allowed, key=lambda name: scores[name], default=None)
    if best is None or scores[best] < MOOD_FLOOR:
        return Choice(None, "default")
    return Choice(best, "similarity", scores[best])


def choose_instruments(
    terms: PromptTerms, overrides: BriefOverrides, genre: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Wanted and excluded instruments without overlap, families turned into the member that suits.

    An empty `genre` leaves a family at its first member.
    """
    fixed = overrides.instruments
    excluded = overrides.excluded_instruments
    banned = excluded if excluded is not None else tuple(n for n in terms.excluded if n not in (fixed or ()))
    named = fixed if fixed is not None else _members(terms, genre, banned)
    wanted = tuple(dict.fromkeys(name for name in named if name not in banned))
    return wanted[:MOST_INSTRUMENTS], tuple(dict.fromkeys(banned))


def _members(terms: PromptTerms, genre: str, banned: tuple[str, ...]) -> tuple[str, ...]:
    """The instruments to play for the prompt's terms; of a family one that is not excluded."""
    found = []
    for name in terms.instruments:
        specific = [other for other in terms.instruments if other in FAMILIES.get(name, ())]
        fallback = [member for member in FAMILIES.get(name, ()) if member not in banned]
        choice = suited(name, genre)
        if not specific:
            found.append(fallback[0] if choice in banned and fallback else choice)
    return tuple(found)


def _bpm(terms: PromptTerms, genre: str, meter: Meter | None) -> float | None:
    """Beats per minute from the prompt: a number as it is, a pace placed in the genre's range."""
    if terms.bpm is not None or terms.pace is None or genre not in GENRES:
        return terms.bpm
    low, high = GENRES[genre].bpm
    quarters = low + (high - low) * terms.pace
    beats = quarters * _COMPOUND if meter and meter.is_compound else quarters
    return float(round(min(max(beats, SLOWEST_BPM), FASTEST_BPM)))


def _key_of_mode(terms: PromptTerms) -> Key | None:
    """A mode without a tonic gets the tonic that needs no accidentals."""
    return Key(WHITE_KEY_TONIC[terms.mode], terms.mode) if terms.mode else None


def choose_energy(
    terms: PromptTerms, overrides: BriefOverrides, genre: str, mood: Choice
) -> tuple[float | None, Provenance]:
    """Energy 0 to 1: as stated, else halfway between the moods' arousal and the genre's custom, else None."""
    stated, source = _first(overrides.energy, terms.energy)
    named = terms.moods if mood.source == "prompt" else (mood.value or "",)
    moods = [MOODS[name].energy for name in named if name in MOODS]
    if stated is not None or not moods:
        return stated, source
    custom = GENRES[genre].energy if genre in GENRES else 0.5
    return round((sum(moods) / len(moods) + custom) / 2, 3), mood.source


def to_composer_json(
    brief: MusicBrief, *, duration_seconds: float, seed: int, title: str | None = None
) -> dict[str, Any]:
    """The brief as a cadenza.brief/1 document, ready for json.dumps."""
    return {
        "schema": SCHEMA,
        "genre": brief.genre,
        "mood": brief.mood,
        "bpm": brief.bpm,
        "key": {"tonic": brief.key.tonic, "mode": brief.key.mode} if brief.key else None,
        "meter": brief.meter.label() if brief.meter else None,
        "instruments": list(brief.instruments),
        "excluded_instruments": list(brief.excluded_instruments),
        "energy": brief.energy,
        "duration_seconds": duration_seconds,
        "seed": seed,
        "sections": list(brief.sections) if brief.sections else None,
        "title": title,
        "instrumental": brief.instrumental,
    }
