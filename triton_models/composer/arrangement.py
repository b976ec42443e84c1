"""Instrumentation: who takes which role, and who plays in which section."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from triton_models.composer.brief import Brief, BriefError
from triton_models.composer.instruments import INSTRUMENTS, Instrument
from triton_models.composer.plan import Plan
from triton_models.composer.randomness import pick
from triton_models.composer.song import SectionPlan
from triton_models.score.model import Role

_ORDER: Final[tuple[Role, ...]] = ("melody", "counter", "chords", "pad", "bass", "drums", "percussion")
_EVERYWHERE: Final[frozenset[Role]] = frozenset(_ORDER)
_LAYERS: Final[Mapping[str, frozenset[Role]]] = MappingProxyType(
    {
        "verse": frozenset({"melody", "chords", "bass", "drums", "percussion"}),
        "pre-chorus": frozenset({"melody", "chords", "bass", "drums", "pad", "percussion"}),
        "chorus": _EVERYWHERE,
        "bridge": _EVERYWHERE - {"percussion"},
        "solo": _EVERYWHERE - {"counter"},
        "breakdown": frozenset({"melody", "chords", "pad"}),
        "outro": _EVERYWHERE - {"counter"},
    }
)
_INTROS: Final[tuple[frozenset[Role], ...]] = (
    frozenset({"chords", "pad"}),
    frozenset({"chords", "bass"}),
    frozenset({"chords", "bass", "drums"}),
    frozenset({"chords", "pad", "drums", "percussion"}),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One player: `variant` counts the parts of the same role from 0, `wanted` says the brief named it."""

    instrument: Instrument
    role: Role
    variant: int
    wanted: bool
    program: int

    @property
    def id(self) -> str:
        return self.role if self.variant == 0 else f"{self.role}-{self.variant + 1}"


@dataclass(frozen=True, slots=True)
class _Casting:
    instrument: Instrument
    role: Role
    wanted: bool


def cast_parts(plan: Plan) -> tuple[Part, ...]:
    """Give every wanted instrument a role, then fill the free roles from the genre's tables.

    Raises BriefError when the exclusions leave nothing to play.
    """
    brief = plan.brief
    wanted = [INSTRUMENTS[name] for name in brief.instruments]
    melodic = _cast_wanted([instrument for instrument in wanted if not instrument.is_drum])
    castings = [*_fill_roles(plan, melodic), *_cast_drums(plan, wanted)]
    if not any(not casting.instrument.is_drum for casting in castings):
        raise BriefError("excluded_instruments", "leaves no melodic instrument to play")
    return _number_parts(plan, castings)


def _cast_wanted(instruments: Sequence[Instrument]) -> list[_Casting]:
    """First everyone whose favourite role is free, then the others with what they can still do."""
    taken: set[Role] = set()
    cast: dict[str, Role] = {}
    for instrument in instruments:
        favourite = instrument.roles[0]
        if favourite not in taken:
            taken.add(favourite)
            cast[instrument.name] = favourite
    for instrument in instruments:
        if instrument.name not in cast:
            role = next((role for role in instrument.roles if role not in taken), _spare_role(instrument))
            taken.add(role)
            cast[instrument.name] = role
    return [_Casting(instrument, cast[instrument.name], True) for instrument in instruments]


def _spare_role(instrument: Instrument) -> Role:
    if instrument.roles[0] == "bass":
        return "bass"
    return "chords" if "chords" in instrument.roles and "counter" not in instrument.roles else "counter"


def _fill_roles(plan: Plan, wanted: list[_Casting]) -> list[_Casting]:
    style, rng = plan.style, plan.stream("ensemble")
    tables: tuple[tuple[Role, tuple[str, ...], float], ...] = (
        ("chords", style.chords, 1.0),
        ("melody", style.melody, style.melody_chance),
        ("bass", style.bass, 1.0),
        ("pad", style.pad, style.pad_chance * (0.7 + 0.6 * plan.energy)),
    )
    castings = list(wanted)
    for role, names, chance in tables:
        joins = rng.random() < chance
        draw = int(rng.integers(2**31))
        if joins and not any(casting.role == role for casting in castings):
            instrument = _choose(plan, role, names, castings, draw)
            if instrument is not None:
                castings.append(_Casting(instrument, role, False))
    return castings


def _choose(plan: Plan, role: Role, names: Sequence[str], castings: Sequence[_Casting], draw: int) -> Instrument | None:
    """From the genre's list, else anything that likes the role; a pad whose players are busy is left out."""
    if not names:
        return None
    excluded = set(plan.brief.excluded_instruments)
    busy = set() if plan.style.solo else {casting.instrument.name for casting in castings}
    listed = [name for name in names if name not in excluded]
    if role == "pad" and listed and busy.issuperset(listed):
        return None
    spare = [
        name
        for name, instrument in INSTRUMENTS.items()
        if role in instrument.roles and name not in excluded and name not in busy
    ]
    options = [name for name in listed if name not in busy] or spare
    return INSTRUMENTS[options[draw % len(options)]] if options else None


def _cast_drums(plan: Plan, wanted: Sequence[Instrument]) -> list[_Casting]:
    castings = [_Casting(instrument, instrument.roles[0], True) for instrument in wanted if instrument.is_drum]
    if any(casting.role == "drums" for casting in castings) or not plan.style.drums:
        return castings
    kit = default_kit(plan.brief, drum_pattern(plan))
    if kit is not None and plan.stream("drums").random() < plan.style.drums_chance:
        castings.append(_Casting(kit, "drums", False))
    return castings


def drum_pattern(plan: Plan) -> str:
    """Name of the groove of the piece."""
    if not plan.style.drums:
        return plan.style.spare_drums
    return pick(plan.stream("groove"), plan.style.drums)


def default_kit(brief: Brief, pattern: str) -> Instrument | None:
    """The kit that plays when none is asked for; to exclude the drums excludes every such kit."""
    name = "brushed drums" if pattern == "brush" else "drums"
    if "drums" in brief.excluded_instruments or name in brief.excluded_instruments:
        return None
    return INSTRUMENTS[name]


def _number_parts(plan: Plan, castings: Sequence[_Casting]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for role in _ORDER:
        same = [casting for casting in castings if casting.role == role]
        for variant, casting in enumerate(same):
            program = _program(plan, casting.instrument)
            parts.append(Part(casting.instrument, role, variant, casting.wanted, program))
    return tuple(parts)


def _program(plan: Plan, instrument: Instrument) -> int:
    if not instrument.programs:
        return plan.style.kit
    return pick(plan.stream("program", instrument.name), instrument.programs)


def plays(part: Part, section: SectionPlan, sections: Sequence[SectionPlan], parts: Sequence[Part], plan: Plan) -> bool:
    """Whether a part is heard in a section: sparse intro and breakdown, full chorus, and a wanted
    instrument everywhere but in those two. Nobody rests in a piece of one or two sections."""
    if len(sections) <= 2 or len(parts) == 1:
        return True
    layers = _layers(section, plan)
    if not any(other.role in layers for other in parts):
        return True
    if part.role in layers:
        return True
    return part.wanted and section.name not in ("intro", "breakdown")


def _layers(section: SectionPlan, plan: Plan) -> frozenset[Role]:
    if section.name == "intro":
        return pick(plan.stream("intro"), _INTROS)
    layers = _LAYERS[section.name]
    if section.name == "verse" and (section.occurrence > 0 or plan.energy > 0.75):
        return layers | {"pad", "counter"}
    return layers
