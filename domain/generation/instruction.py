"""What a change of a song is to keep to: what the song is, unless the instruction says otherwise in words. Pure."""

from domain.generation.outline import ScoreOutline
from domain.music.brief import BriefOverrides, MusicBrief
from domain.music.genres import DEFAULT_GENRE, GENRES
from domain.music.keys import Key
from domain.music.meters import Meter
from domain.music.moods import MOODS
from domain.music.prompt import read_terms


def as_written(outline: ScoreOutline) -> MusicBrief:
    """The brief without an instruction."""
    return MusicBrief(
        genre=_genre(outline),
        mood=_mood(outline),
        bpm=outline.bpm,
        key=Key.parse(outline.key),
        meter=Meter.parse(outline.meter),
    )


def kept(instruction: str, outline: ScoreOutline) -> BriefOverrides:
    """Tempo, key and meter are those of the song; genre and mood as well, unless other ones are named."""
    terms = read_terms(instruction)
    return BriefOverrides(
        genre=None if terms.genre is not None else _genre(outline),
        mood=None if terms.mood is not None else _mood(outline),
        bpm=outline.bpm,
        key=Key.parse(outline.key),
        meter=Meter.parse(outline.meter),
    )


def _genre(outline: ScoreOutline) -> str:
    return outline.genre if outline.genre in GENRES else DEFAULT_GENRE


def _mood(outline: ScoreOutline) -> str | None:
    return outline.mood if outline.mood in MOODS else None
