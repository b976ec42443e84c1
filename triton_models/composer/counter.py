"""Counter-melodies: guide tones under the lead, answers in its pauses, or a parallel voice below it."""

from collections.abc import Sequence
from typing import Final

from triton_models.composer.arrangement import Part
from triton_models.composer.melody import Singer, chord_coloured, into_compass, nearest_chord_degree, singer_for
from triton_models.composer.meter import STEPS_PER_QUARTER, hits
from triton_models.composer.motif import Motif, invent_motif
from triton_models.composer.plan import Plan
from triton_models.composer.song import Bar, Event
from triton_models.composer.theory import nearest_degree

_CENTRE: Final = 61  # a sixth or more below where leads sing
_PARALLEL_LENGTH: Final = 0.45  # quarter notes; shorter notes of the lead are not doubled


def counter(plan: Plan, part: Part, bars: Sequence[Bar], lead: Sequence[Event]) -> list[Event]:
    """The part for the bars in which it plays; its variant decides which kind it is."""
    singer = singer_for(plan, part)
    centre = max(singer.low + 6, min(singer.high - 6, _CENTRE))
    if part.variant % 3 == 1:
        return _answers(plan, part, singer, centre, bars)
    if part.variant % 3 == 2 and lead:
        return _parallel(singer, centre, bars, lead)
    return _guide_tones(singer, centre, bars)


def _guide_tones(singer: Singer, centre: int, bars: Sequence[Bar]) -> list[Event]:
    """One long chord tone in each half of the bar, moving as little as it can, thirds first."""
    events: list[Event] = []
    degree = nearest_degree(singer.key, centre)
    starts = singer.meter.group_starts
    halfway = starts[(len(starts) + 1) // 2]
    for bar in bars:
        third = bar.chord.step + 2
        first = min((third + 7 * octave for octave in range(12)), key=lambda option: abs(option - degree))
        second = nearest_chord_degree(bar.chord, first + (1 if bar.index % 2 else -1))
        for step, length, choice in ((0, halfway, first), (halfway, singer.meter.steps - halfway, second)):
            pitch = into_compass(singer, chord_coloured(singer.key, bar.chord, choice), centre)
            start = bar.start + step / STEPS_PER_QUARTER
            events.append(Event(start, length / STEPS_PER_QUARTER * 0.96, pitch, -2.0))
        degree = nearest_degree(singer.key, centre) if abs(first - degree) > 5 else first
    return events


def _answers(plan: Plan, part: Part, singer: Singer, centre: int, bars: Sequence[Bar]) -> list[Event]:
    """A held tone in odd bars, and in even ones a short motif after the middle of the bar."""
    motif = invent_motif(singer.meter, 1.2, plan.stream("answer", part.id))
    starts = singer.meter.group_starts
    halfway = starts[len(starts) // 2]
    events: list[Event] = []
    for bar in bars:
        if bar.offset % 2 == 0 and bar.section.bars > 1:
            pitch = _tone(singer, bar, centre, nearest_degree(singer.key, centre))
            events.append(Event(bar.start, halfway / STEPS_PER_QUARTER * 0.95, pitch, -4.0))
        else:
            events.extend(_answer(singer, motif, centre, bar, halfway))
    return events


def _answer(singer: Singer, motif: Motif, centre: int, bar: Bar, halfway: int) -> list[Event]:
    home = nearest_degree(singer.key, centre)
    return [
        Event(
            bar.start + hit.step / STEPS_PER_QUARTER,
            hit.length / STEPS_PER_QUARTER * 0.95,
            _tone(singer, bar, centre, home + distance),
            0.0,
        )
        for hit, distance in zip(hits(motif.grid), motif.contour, strict=True)
        if hit.step >= halfway or hit.step == 0
    ]


def _tone(singer: Singer, bar: Bar, centre: int, degree: int) -> int:
    return into_compass(singer, chord_coloured(singer.key, bar.chord, nearest_chord_degree(bar.chord, degree)), centre)


def _parallel(singer: Singer, centre: int, bars: Sequence[Bar], lead: Sequence[Event]) -> list[Event]:
    """The lead's longer notes, each with the chord tone about a third below."""
    chords = {bar.index: bar for bar in bars}
    events: list[Event] = []
    for event in lead:
        bar = chords.get(int(event.start / singer.meter.quarters + 1e-9))
        if bar is None or event.length < _PARALLEL_LENGTH:
            continue
        degree = nearest_chord_degree(bar.chord, nearest_degree(singer.key, event.pitch) - 2)
        pitch = into_compass(singer, chord_coloured(singer.key, bar.chord, degree), centre)
        events.append(event._replace(pitch=pitch, accent=event.accent - 6.0))
    return events
