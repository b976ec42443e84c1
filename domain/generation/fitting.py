"""What a chosen model cannot do of a request. Pure."""

from domain.generation.description import described
from domain.generation.edits import Edit, Extend
from domain.generation.joining import MOST_DROPPED_SECONDS
from domain.generation.limits import MAX_PROMPT
from domain.generation.model import GenerationRequest
from domain.generation.models import SCORE_MODEL, ModelCard, ModelKind
from domain.kit.errors import Issue


def misfits(card: ModelCard, request: GenerationRequest) -> list[Issue]:
    """Everything that this model cannot do; the request must be free of other issues."""
    beyond = _beyond_score if card.kind is ModelKind.SCORE else _beyond_sound
    return [*beyond(card, request), *_beyond_hearing(card, request)]


def _beyond_hearing(card: ModelCard, request: GenerationRequest) -> list[Issue]:
    if request.melody_version_id is None or card.hears_melodies:
        return []
    text = f"{card.name} hears no melodies. Leave it out, or choose a model of which `models` says that it does."
    return [Issue("melodyVersionId", text)]


def made_seconds(card: ModelCard, request: GenerationRequest) -> float:
    """How much this model has to make: a score is played anew as a whole, a recording goes on behind its end."""
    if card.kind is ModelKind.AUDIO and isinstance(request.edit, Extend):
        return request.edit.seconds
    return request.duration_seconds


def _beyond_score(card: ModelCard, request: GenerationRequest) -> list[Issue]:
    if request.edit is not None and not card.changes_scores:
        text = f"{card.name} writes new songs only. Choose {SCORE_MODEL}, or a model of the kind AUDIO."
        return [Issue("modelId", text)]
    if not request.sections:
        return []
    text = f"{card.name} finds the form by itself. Leave the sections out, or choose a model of the kind AUDIO."
    return [Issue("sections", text)]


def _beyond_sound(card: ModelCard, request: GenerationRequest) -> list[Issue]:
    if request.edit is not None:
        return _beyond_going_on(card, request.edit)
    issues = [
        Issue(
            f"sections[{number}].prompt" if request.sections else "prompt",
            f"With all wishes it has {len(section.prompt):,} characters; at most {MAX_PROMPT:,} are read.",
        )
        for number, section in enumerate(described(request))
        if len(section.prompt) > MAX_PROMPT
    ]
    if request.duration_seconds > card.max_duration_seconds:
        text = f"{card.name} makes at most {card.max_duration_seconds:g} seconds, not {request.duration_seconds:g}."
        issues.append(Issue("sections" if request.sections else "durationSeconds", text))
    if request.excluded_instruments:
        text = f"{card.name} can only be told what to play. Describe what you want instead, or choose the composer."
        issues.append(Issue("excludedInstruments", text))
    return issues


def _beyond_going_on(card: ModelCard, edit: Edit) -> list[Issue]:
    if not isinstance(edit, Extend):
        return [Issue("modelId", f"{card.name} makes sound without notes, so it can only go on behind the end.")]
    # What is left out of a song's end is made anew besides.
    most = card.max_duration_seconds - MOST_DROPPED_SECONDS
    if edit.seconds > most:
        text = f"{card.name} goes on for at most {most:g} seconds at once, not {edit.seconds:g}."
        return [Issue("seconds", text)]
    return []
