"""The whole way from a Brief to a Score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from triton_models.composer.arrangement import Part, cast_parts, plays
from triton_models.composer.bass import bass, plan_bass
from triton_models.composer.brief import Brief
from triton_models.composer.comping import comp, plan_comping
from triton_models.composer.counter import counter
from triton_models.composer.drums import drums, plan_drums
from triton_models.composer.ending import final_events
from triton_models.composer.form import plan_form
from triton_models.composer.harmony import chord_symbols, final_chord, write_bars
from triton_models.composer.humanise import perform, performance_of
from triton_models.composer.melody import melody
from triton_models.composer.mixing import mix_track
from triton_models.composer.plan import Plan, resolve
from triton_models.composer.song import Bar, Event, SectionPlan
from triton_models.composer.titles import compose_title
from triton_models.composer.tonality import Weights, heard_clarity
from triton_models.score.balance import VOLUMES
from triton_models.score.model import MeterChange, Score, Section, TempoChange, Track

_DRAFTS: Final = 6
_DRAFTED_BARS: Final = 240  # in all drafts together, so that long pieces are written fewer times
_PLAIN_KEY: Final = 0.08
_BASS_SHARE: Final = 0.6  # of a bass note's loudness; small loudspeakers and short windows lose the rest


@dataclass(frozen=True, slots=True)
class _Draft:
    """A piece as written, before anyone has played it; `events` by part id."""

    plan: Plan
    sections: tuple[SectionPlan, ...]
    bars: tuple[Bar, ...]
    parts: tuple[Part, ...]
    events: Mapping[str, list[Event]]


def compose(brief: Brief) -> Score:
    """Compose a piece; equal briefs give equal scores.

    A draft whose notes leave the key in doubt is written anew, a few times at most. Raises BriefError
    when the brief's exclusions leave nothing to play.
    """
    return _perform(_clearest_draft(resolve(brief)))


def _clearest_draft(plan: Plan) -> _Draft:
    best = _write_draft(plan)
    best_clarity = heard_clarity(_sounding(best), plan.key)
    for number in range(1, min(_DRAFTS, _DRAFTED_BARS // plan.timeline.bars)):
        if best_clarity >= _PLAIN_KEY:
            break
        rival = _write_draft(replace(plan, draft=number))
        rival_clarity = heard_clarity(_sounding(rival), plan.key)
        if rival_clarity > best_clarity:
            best, best_clarity = rival, rival_clarity
    return best


def _write_draft(plan: Plan) -> _Draft:
    sections = plan_form(plan)
    bars = write_bars(plan, sections)
    parts = cast_parts(plan)
    written: dict[str, list[Event]] = {}
    for part in parts:
        heard = [section for section in sections if plays(part, section, sections, parts, plan)]
        row = [bar for section in heard for bar in bars[section.first : section.last + 1]]
        body = _until(plan.timeline.final, _write_part(plan, part, row, written.get("melody", [])))
        written[part.id] = body + final_events(plan, part, final_chord(plan), body)
    return _Draft(plan, sections, bars, parts, written)


def _write_part(plan: Plan, part: Part, bars: Sequence[Bar], lead: Sequence[Event]) -> list[Event]:
    rng = plan.stream("part", part.id)
    match part.role:
        case "melody":
            return melody(plan, part, bars)
        case "counter":
            return counter(plan, part, bars, lead)
        case "chords" | "pad":
            return comp(plan_comping(plan, part), bars, plan.energy)
        case "bass":
            return bass(plan_bass(plan, part), bars, plan.key, rng)
        case "drums" | "percussion":
            return drums(plan_drums(plan, part), bars, plan.meter, plan.energy, rng)


def _until(final: float, events: Sequence[Event]) -> list[Event]:
    """Only what starts before the final chord, and none of it held into that chord."""
    return [
        event if event.start + event.length <= final else event._replace(length=final - event.start)
        for event in events
        if event.start < final
    ]


def _sounding(draft: _Draft) -> Weights:
    """Weight of each pitch class over the melodic parts, shape [12]: beats times volume."""
    weights = np.zeros(12)
    for part in draft.parts:
        if part.instrument.is_drum:
            continue
        events = draft.events[part.id]
        lengths = [event.length for event in events]
        loudness = VOLUMES[part.role] * (_BASS_SHARE if part.role == "bass" else 1.0)
        weights += loudness * np.bincount([event.pitch % 12 for event in events], lengths, 12)
    return weights


def _perform(draft: _Draft) -> Score:
    plan = draft.plan
    tonic = final_chord(plan)
    return Score(
        title=_title(plan),
        genre=plan.brief.genre,
        mood=plan.mood,
        seed=plan.brief.seed,
        key=plan.key,
        tempo_map=(TempoChange(0.0, plan.qpm),),
        meter_map=(MeterChange(0.0, plan.meter.numerator, plan.meter.denominator),),
        sections=_score_sections(plan, draft.sections),
        chords=chord_symbols(draft.bars, tonic, plan.timeline.final, plan.timeline.duration),
        tracks=tuple(_track(draft, part) for part in draft.parts),
        duration_beats=plan.timeline.duration,
    )


def _track(draft: _Draft, part: Part) -> Track:
    plan = draft.plan
    how = performance_of(plan, part.role)
    notes = perform(draft.events[part.id], how, draft.sections, plan, plan.stream("feel", part.id))
    return mix_track(plan, part, notes)


def _title(plan: Plan) -> str:
    if plan.brief.title is not None:
        return plan.brief.title
    return compose_title(plan.stream("title"), plan.key.is_minor, plan.energy)


def _score_sections(plan: Plan, sections: Sequence[SectionPlan]) -> tuple[Section, ...]:
    """The last section contains the final chord and its ringing out."""
    starts = [section.first * plan.meter.quarters for section in sections]
    ends = [*starts[1:], plan.timeline.duration]
    return tuple(Section(section.name, start, end) for section, start, end in zip(sections, starts, ends, strict=True))
