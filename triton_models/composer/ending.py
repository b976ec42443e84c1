"""The ending: every part's last notes on the tonic chord, held until the last sound."""

from collections.abc import Sequence
from typing import Final

from triton_models.composer.arrangement import Part
from triton_models.composer.bass import plan_bass, root_pitch
from triton_models.composer.comping import plan_comping
from triton_models.composer.drum_keys import CRASH, FLOOR_TOM, HIGH_CONGA, KICK, TAMBOURINE
from triton_models.composer.drums import STROKE_LENGTH
from triton_models.composer.plan import Plan
from triton_models.composer.song import Event
from triton_models.composer.theory import ChordTones
from triton_models.composer.voicing import lead_voices

_CYMBALLESS: Final = frozenset({"orchestral", "classical piano", "lullaby", "ambient"})


def final_events(plan: Plan, part: Part, tonic: ChordTones, before: Sequence[Event]) -> list[Event]:
    """What the part plays on the final chord, given what it played before."""
    start = plan.timeline.final
    length = plan.timeline.last_sound - start
    match part.role:
        case "drums":
            keys = (KICK, FLOOR_TOM) if plan.style.name in _CYMBALLESS else (KICK, CRASH)
            return [Event(start, STROKE_LENGTH, key, -4.0) for key in keys]
        case "percussion":
            return [Event(start, STROKE_LENGTH, key, 0.0) for key in (HIGH_CONGA, TAMBOURINE)]
        case "bass":
            return [Event(start, length, root_pitch(plan_bass(plan, part), tonic.root), 2.0)]
        case "melody" | "counter":
            return [Event(start, length, _goal(part, tonic, before), 0.0)]
        case "chords" | "pad":
            return [Event(start, length, pitch, 0.0) for pitch in _last_chord(plan, part, tonic)]


def _goal(part: Part, tonic: ChordTones, before: Sequence[Event]) -> int:
    """The lead closes on the nearest tonic, a counter-melody on the nearest third."""
    last = before[-1].pitch if before else (part.instrument.low + part.instrument.high) // 2
    goal = tonic.root if part.role == "melody" else (tonic.root + tonic.third) % 12
    options = [pitch for pitch in range(part.instrument.low, part.instrument.high + 1) if pitch % 12 == goal]
    return min(options, key=lambda pitch: abs(pitch - last))


def _last_chord(plan: Plan, part: Part, tonic: ChordTones) -> tuple[int, ...]:
    comping = plan_comping(plan, part)
    if comping.texture == "power":
        root = comping.low + (tonic.root - comping.low) % 12
        return (root, root + tonic.fifth, root + 12)
    return lead_voices(tonic, 4, None, comping.low, comping.high)
