"""The form of a piece: which sections it has and how many bars each of them lasts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from triton_models.composer.plan import Plan
from triton_models.composer.progressions import POOLS
from triton_models.composer.randomness import pick
from triton_models.composer.song import SectionPlan
from triton_models.composer.style import FormKind, GenreStyle

_INTENSITY: Final[Mapping[str, float]] = MappingProxyType(
    {
        "intro": 0.35,
        "verse": 0.55,
        "pre-chorus": 0.65,
        "chorus": 0.9,
        "bridge": 0.5,
        "solo": 0.75,
        "breakdown": 0.3,
        "outro": 0.45,
    }
)
_IDEAL_BARS: Final[Mapping[str, int]] = MappingProxyType(
    {"intro": 4, "verse": 8, "pre-chorus": 4, "chorus": 8, "bridge": 8, "solo": 8, "breakdown": 4, "outro": 4}
)
_SHORT_SECTIONS: Final = frozenset({"intro", "pre-chorus", "breakdown", "outro"})
_WHOLE_PIECE_INTENSITY: Final = 0.7
_BLUES: Final = 12  # bars of a chorus
_LONG_CYCLE: Final = 40  # bars of two verses and choruses with a contrasting section between them


@dataclass(frozen=True, slots=True)
class _Slot:
    name: str
    ideal: int


def plan_form(plan: Plan) -> tuple[SectionPlan, ...]:
    """Divide the bars into sections: those of the brief that find a bar, else a form that suits the length."""
    bars = plan.timeline.bars
    rng = plan.stream("form")
    if plan.brief.sections is not None:
        slots = _slots(plan.brief.sections, bars)
        return _section_plans(slots, _allot(slots, bars))
    slots, lengths = _usual(bars, plan.style.form, plan.pool.phrase, rng)
    return _section_plans(slots, lengths)


def usual_form(bars: int, style: GenreStyle, rng: np.random.Generator) -> tuple[tuple[str, int], ...]:
    """Sections that suit so many bars of a style, and how many bars each of them lasts."""
    twelve = all(POOLS[name].phrase == _BLUES for name in style.harmonies)
    slots, lengths = _usual(bars, style.form, _BLUES if twelve else 4, rng)
    return tuple((slot.name, length) for slot, length in zip(slots, lengths, strict=True))


def _usual(bars: int, form: FormKind, phrase: int, rng: np.random.Generator) -> tuple[list[_Slot], list[int]]:
    if phrase == _BLUES and bars >= _BLUES:
        slots = _blues_form(bars)
        return slots, [slot.ideal for slot in slots]
    slots = [_Slot(name, _IDEAL_BARS[name]) for name in _names_for(bars, _contrast(form, rng), rng)]
    return slots, _allot(slots, bars)


def divided(names: Sequence[str], bars: int) -> tuple[tuple[str, int], ...]:
    """Those of the sections that find a bar, and how many bars each of them lasts; together they fill `bars`."""
    slots = _slots(names, bars)
    return tuple((slot.name, length) for slot, length in zip(slots, _allot(slots, bars), strict=True))


def fitting_sections(names: Sequence[str], bars: int) -> tuple[str, ...]:
    """At most `bars` (at least 1) of the names, in their order.

    First to stay are the first, the last and one chorus, then each name once, then what comes early.
    """
    others = [name for name in dict.fromkeys(names) if name not in (names[0], names[-1])]
    others.sort(key=lambda name: name != "chorus")
    preferred = dict.fromkeys([0, len(names) - 1, *map(names.index, others), *range(len(names))])
    return tuple(names[index] for index in sorted(list(preferred)[:bars]))


def _slots(names: Sequence[str], bars: int) -> list[_Slot]:
    return [_Slot(name, _IDEAL_BARS[name]) for name in fitting_sections(names, bars)]


def _contrast(form: FormKind, rng: np.random.Generator) -> str:
    """The name of the section that breaks the alternation of verse and chorus."""
    if form == "club":
        return "breakdown"
    if form == "instrumental":
        return pick(rng, ("bridge", "solo"))
    return "bridge"


def _names_for(bars: int, contrast: str, rng: np.random.Generator) -> Sequence[str]:
    if bars < 6:
        return ("verse",)
    if bars < 10:
        return ("verse", "chorus")
    if bars < 15:
        return pick(rng, (("intro", "verse", "chorus"), ("verse", "chorus", "outro")))
    if bars < 26:
        return ("intro", "verse", "chorus", "outro")
    if bars < 34:
        return pick(
            rng,
            (
                ("intro", "verse", "pre-chorus", "chorus", "outro"),
                ("intro", "verse", "chorus", contrast, "chorus", "outro"),
            ),
        )
    if bars < 50:
        return pick(
            rng,
            (
                ("intro", "verse", "chorus", "verse", "chorus", "outro"),
                ("intro", "verse", "chorus", contrast, "chorus", "outro"),
            ),
        )
    return _long_form(bars, contrast, rng)


def _long_form(bars: int, contrast: str, rng: np.random.Generator) -> Sequence[str]:
    verse = pick(rng, (("verse", "chorus"), ("verse", "pre-chorus", "chorus")))
    cycle = (*verse, *verse, contrast)
    return ("intro", *(cycle * max(1, round((bars - 16) / _LONG_CYCLE))), "chorus", "outro")


def _allot(slots: Sequence[_Slot], bars: int) -> list[int]:
    """Bars for each slot near its ideal share, in twos and fours while the room allows, at least one."""
    quanta = _quanta(slots, bars)
    scale = bars / sum(slot.ideal for slot in slots)
    lengths = [
        max(quantum, quantum * round(slot.ideal * scale / quantum)) for slot, quantum in zip(slots, quanta, strict=True)
    ]
    while sum(lengths) > bars:
        _shrink(lengths, quanta, [slot.ideal for slot in slots])
    while (spare := bars - sum(lengths)) > 0:
        grow = _most_wanting(lengths, quanta, slots, spare)
        lengths[grow] += quanta[grow] if quanta[grow] <= spare else spare
    return lengths


def _quanta(slots: Sequence[_Slot], bars: int) -> list[int]:
    quanta = [2 if slot.name in _SHORT_SECTIONS else 4 for slot in slots]
    while sum(quanta) > bars and max(quanta) > 1:
        quanta = [max(1, quantum // 2) for quantum in quanta]
    return quanta


def _shrink(lengths: list[int], quanta: Sequence[int], ideals: Sequence[int]) -> None:
    able = [index for index in range(len(lengths)) if lengths[index] > quanta[index]]
    index = max(able, key=lambda i: (lengths[i] / ideals[i], lengths[i], i))
    lengths[index] -= quanta[index]


def _most_wanting(lengths: Sequence[int], quanta: Sequence[int], slots: Sequence[_Slot], spare: int) -> int:
    able = [index for index in range(len(lengths)) if quanta[index] <= spare]
    if not able:
        return len(lengths) - 1
    return min(able, key=lambda i: ((lengths[i] + quanta[i]) / slots[i].ideal, -i))


def _blues_form(bars: int) -> list[_Slot]:
    """Choruses of twelve bars, with what is over as intro and outro."""
    count, spare = divmod(bars, _BLUES)
    cycle = ("verse", "chorus", "solo", "chorus")
    body = [_Slot(cycle[index % 4], _BLUES) for index in range(count)]
    intro = 4 if spare >= 4 else 0
    outro = spare - intro
    return [*([_Slot("intro", intro)] if intro else []), *body, *([_Slot("outro", outro)] if outro else [])]


def _section_plans(slots: Sequence[_Slot], lengths: Sequence[int]) -> tuple[SectionPlan, ...]:
    seen: Counter[str] = Counter()
    plans: list[SectionPlan] = []
    first = 0
    for slot, bars in zip(slots, lengths, strict=True):
        intensity = min(1.0, _INTENSITY[slot.name] + 0.05 * min(2, seen[slot.name]))
        if len(slots) == 1:
            intensity = max(intensity, _WHOLE_PIECE_INTENSITY)
        plans.append(SectionPlan(slot.name, first, bars, intensity, seen[slot.name]))
        seen[slot.name] += 1
        first += bars
    return tuple(plans)
