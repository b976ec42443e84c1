"""What a model of sound is told: a wish as words, section by section. Pure."""

from collections.abc import Sequence

from domain.generation.model import GenerationRequest
from domain.kit.audio.audio_engine import AudioSection
from domain.music.keys import Key

CALM, FULL = 1 / 3, 2 / 3


def described(request: GenerationRequest) -> Sequence[AudioSection]:
    """What each section is, then the fields that were filled in, then the prompt, which holds for all of it.

    In this order, as models hear the beginning of a long text only. The request must be free of issues.
    """
    whole = ", ".join([*_wishes(request), request.prompt.strip()])
    if not request.sections:
        return [AudioSection(whole, request.duration_seconds)]
    return [
        AudioSection(", ".join(filter(None, (section.prompt.strip(), whole))), section.seconds)
        for section in request.sections
    ]


def _wishes(request: GenerationRequest) -> list[str]:
    """As the captions of music say such things."""
    wishes = [wish for wish in (request.genre, request.mood) if wish is not None]
    if request.bpm is not None:
        wishes.append(f"{request.bpm:g} bpm")
    if request.key_scale is not None and (key := Key.parse(request.key_scale)) is not None:
        wishes.append(f"in {key.label()}")
    if request.meter is not None:
        wishes.append(f"in {request.meter} time")
    if request.instruments:
        wishes.append(f"with {', '.join(request.instruments)}")
    if request.energy is not None and not CALM <= request.energy <= FULL:
        wishes.append("calm" if request.energy < CALM else "energetic")
    if request.instrumental:
        wishes.append("instrumental")
    return wishes
