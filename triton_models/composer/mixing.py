"""The score's tracks of the parts, balanced by role."""

from triton_models.composer.arrangement import Part
from triton_models.composer.plan import Plan
from triton_models.score.balance import VOLUMES, place_of, reverb_of
from triton_models.score.model import DRUM_BANK, Note, Track


def mix_track(plan: Plan, part: Part, notes: tuple[Note, ...]) -> Track:
    """The score's track of a part."""
    return Track(
        id=part.id,
        name=part.instrument.name.capitalize(),
        role=part.role,
        bank=DRUM_BANK if part.instrument.is_drum else 0,
        program=part.program,
        is_drum=part.instrument.is_drum,
        volume=VOLUMES[part.role],
        pan=place_of(part.role, part.variant),
        reverb=reverb_of(part.role, plan.style.reverb),
        notes=notes,
    )
