"""What a cadenza.brief/1 means to the score model: wishes, how many bars, which sections. Pure."""

from typing import Final

from triton_models.composer.brief import Brief, BriefError
from triton_models.composer.form import divided, usual_form
from triton_models.composer.genres import GENRES
from triton_models.composer.instruments import INSTRUMENTS, KITS
from triton_models.composer.meter import Meter as FeltMeter
from triton_models.composer.randomness import stream
from triton_models.composer.timeline import Timeline, lay_out
from triton_models.score_language.conditioning import Instrument, Wishes
from triton_models.score_language.music import METERS, MOST_TRACKS, Meter, Section

_EVERY_KIT: Final = (*KITS, 40)


def wishes_of(brief: Brief, *, text: bool) -> Wishes:
    """The wishes of a brief; `text` says whether a description in words goes with it.

    A program that one wanted name stands for is not avoided for the sake of another name. Raises BriefError when more
    instruments are wanted than there are tracks.
    """
    if len(brief.instruments) > MOST_TRACKS:
        raise BriefError("instruments", f"names {len(brief.instruments)}, this model has {MOST_TRACKS} tracks")
    wanted = tuple(frozenset(programs_of(name)) for name in brief.instruments)
    spared = frozenset[Instrument]().union(*wanted)
    avoided = (frozenset(_shunned(name)) - spared for name in brief.excluded_instruments)
    return Wishes(
        genre=brief.genre,
        mood=brief.mood,
        bpm=brief.bpm,
        mode=None if brief.key is None else brief.key.mode,
        tonic=None if brief.key is None else brief.key.pitch_class,
        meter=next((meter for meter in METERS if str(meter) == brief.meter), None),
        wanted=wanted,
        avoided=tuple(filter(None, avoided)),
        text=text,
    )


def programs_of(name: str) -> tuple[Instrument, ...]:
    """The programs or kits that a name of an instrument stands for; the plain drums are any kit but the brushes."""
    entry = INSTRUMENTS[name]
    return tuple((program, entry.is_drum) for program in entry.programs or KITS)


def _shunned(name: str) -> tuple[Instrument, ...]:
    """As programs_of, but whoever wants no drums wants no brushes either."""
    return tuple((kit, True) for kit in _EVERY_KIT) if name == "drums" else programs_of(name)


def timeline_of(seconds: float, qpm: float, meter: Meter) -> Timeline:
    """Whole bars and a last one, in which the piece ends, within so many seconds; as the composer lays it out."""
    sixteenths = 16 * meter.numerator // meter.denominator
    return lay_out(seconds, qpm, FeltMeter(str(meter), meter.numerator, meter.denominator, (sixteenths,)))


def bars_of(timeline: Timeline, meter: Meter) -> int:
    """How many bars are written: those of the timeline, and the one that holds the last chord."""
    quarters = 4 * meter.numerator / meter.denominator
    return int(timeline.final // quarters) + 1


def sections_of(brief: Brief, bars: int) -> tuple[Section, ...]:
    """The sections that a brief names, over so many bars; where it names none, those that suit its genre."""
    if brief.sections is not None:
        return tuple(Section(*row) for row in divided(brief.sections, bars))
    rows = usual_form(bars, GENRES[brief.genre], stream(brief.seed, "form", brief.genre))
    return tuple(Section(*row) for row in rows)
