"""What a person asks for, what was understood, and what may be asked at all. Pure data and rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.generation.checks import between, known
from domain.generation.edits import Edit, Layer
from domain.generation.limits import (
    MAX_BPM,
    MAX_DURATION_SECONDS,
    MAX_INSTRUMENTS,
    MAX_PROMPT,
    MAX_SECTIONS,
    MAX_SEED,
    MAX_TITLE,
    MAX_VARIATIONS,
    MIN_BPM,
    MIN_DURATION_SECONDS,
    MIN_SECTION_SECONDS,
)
from domain.generation.models import ModelCard
from domain.idempotency.model import key_issues
from domain.kit.audio.music_engine import COMPOSER
from domain.kit.errors import Issue
from domain.kit.prose import is_seen, text_issues
from domain.library.model import Descent
from domain.music.brief import BriefOverrides, MusicBrief
from domain.music.genres import GENRES
from domain.music.instruments import ALL_PERCUSSION, INSTRUMENTS
from domain.music.keys import Key
from domain.music.meters import METERS
from domain.music.moods import MOODS
from domain.music.prompt import read_terms

JOB_KIND = "generate_track"


@dataclass(frozen=True)
class PromptSection:
    """So many seconds of a song, of which these words say more than its prompt does."""

    prompt: str
    seconds: float


@dataclass(frozen=True)
class GenerationRequest:
    """The wish as it came in: a prompt and the fields that were filled in besides it.

    `duration_seconds` is the length of the finished song, `seed` makes it repeatable (chosen when None),
    `key_scale` is text such as "A minor", `energy` is 0..1. With a `descent` the songs
    become versions of a track that is there. With an `edit` the prompt is an instruction, which may be empty, and what
    is changed is the version it descends from, whose length is known only when that is read. With `sections`, which
    only some models take, the length is theirs in all, and the prompt holds for each. Fewer models follow the melody
    of a version. Without a `model_id` one is chosen when the request is accepted.
    """

    prompt: str
    duration_seconds: float = 60.0
    title: str | None = None
    genre: str | None = None
    mood: str | None = None
    bpm: float | None = None
    key_scale: str | None = None
    meter: str | None = None
    instruments: tuple[str, ...] | None = None
    excluded_instruments: tuple[str, ...] | None = None
    energy: float | None = None
    instrumental: bool | None = None
    seed: int | None = None
    model_id: str | None = None
    variation_count: int = 1
    descent: Descent | None = None
    idempotency_key: str | None = None
    edit: Edit | None = None
    sections: tuple[PromptSection, ...] = ()
    melody_version_id: str | None = None

    def overrides(self) -> BriefOverrides:
        """The explicit fields, which win over the prompt. The request must be free of issues."""
        return BriefOverrides(
            genre=self.genre,
            mood=self.mood,
            bpm=self.bpm,
            key=None if self.key_scale is None else Key.parse(self.key_scale),
            meter=None if self.meter is None else METERS[self.meter],
            instruments=self.instruments,
            excluded_instruments=self.excluded_instruments,
            energy=self.energy,
            instrumental=self.instrumental,
        )


@dataclass(frozen=True)
class Quote:
    """What a request would cost in credits, all variations together, and take in seconds."""

    credits: int
    available_credits: int
    wait_seconds: float
    work_seconds: float

    @property
    def is_affordable(self) -> bool:
        return self.credits <= self.available_credits


@dataclass(frozen=True)
class Generation:
    """The request of one job, with the ids its result will have and what was understood so far.

    `card` is the model that began to make it, as it was then: with it a song can end whose model has gone.
    """

    job_id: str
    owner_id: str
    track_id: str
    version_id: str
    artist: str
    seed: int
    request: GenerationRequest
    brief: MusicBrief | None
    title: str | None
    card: ModelCard | None = None

    @property
    def model_id(self) -> str:
        """The model that was named, or chosen when the request was accepted."""
        return self.request.model_id or COMPOSER


def request_issues(request: GenerationRequest) -> list[Issue]:
    """Everything that is wrong with a request, in the order of its fields."""
    if request.edit is not None:
        return _edit_issues(request, request.edit)
    issues = [
        *_text_issues(request),
        *_number_issues(request),
        *_musical_issues(request),
        *_nothing_left(request),
        *_descent_issues(request),
        *_section_issues(request.sections),
    ]
    if both := set(request.instruments or ()) & set(request.excluded_instruments or ()):
        names = ", ".join(sorted(both))
        issues.append(Issue("excludedInstruments", f"Wanted and excluded at the same time: {names}."))
    return issues


def _edit_issues(request: GenerationRequest, edit: Edit) -> list[Issue]:
    issues = [
        *edit.issues(),
        *_length_issues("instruction", "instruction", request.prompt),
        *between("seed", request.seed, 0, MAX_SEED),
        *key_issues(request.idempotency_key),
    ]
    # Only what is not too long is read.
    if not issues and isinstance(edit, Layer) and edit.instrument in read_terms(request.prompt).excluded:
        return [Issue("instrument", f"Wanted, and left out in the instruction: {edit.instrument}.")]
    return issues


def _text_issues(request: GenerationRequest) -> list[Issue]:
    issues = _length_issues("prompt", "prompt", request.prompt)
    if not is_seen(request.prompt):
        issues = [Issue("prompt", "Describe the music you want, for example 'calm lofi beat with piano'.")]
    title = None if request.title is None else request.title.strip()
    return issues + text_issues("title", title, 1, MAX_TITLE, "A title") + key_issues(request.idempotency_key)


def _length_issues(path: str, what: str, text: str) -> list[Issue]:
    length = len(text.strip())
    if length <= MAX_PROMPT:
        return []
    return [Issue(path, f"The {what} has {length:,} characters; at most {MAX_PROMPT:,} are read.")]


def _number_issues(request: GenerationRequest) -> list[Issue]:
    duration = request.duration_seconds
    return [
        *between("durationSeconds", duration, MIN_DURATION_SECONDS, MAX_DURATION_SECONDS, "seconds"),
        *between("bpm", request.bpm, MIN_BPM, MAX_BPM, "beats per minute"),
        *between("energy", request.energy, 0, 1),
        *between("seed", request.seed, 0, MAX_SEED),
        *between("variationCount", request.variation_count, 1, MAX_VARIATIONS),
    ]


def _musical_issues(request: GenerationRequest) -> list[Issue]:
    issues = [
        *known("genre", request.genre, GENRES),
        *known("mood", request.mood, MOODS),
        *known("meter", request.meter, METERS),
    ]
    if request.key_scale is not None and Key.parse(request.key_scale) is None:
        issues.append(Issue("keyScale", f"{request.key_scale!r} is not a key. Write it like 'A minor' or 'F#'."))
    for path, names in (("instruments", request.instruments), ("excludedInstruments", request.excluded_instruments)):
        for name in names or ():
            issues += known(path, name, INSTRUMENTS)
    if len(request.instruments or ()) > MAX_INSTRUMENTS:
        issues.append(Issue("instruments", f"At most {MAX_INSTRUMENTS} instruments can be asked for."))
    return issues


def _descent_issues(request: GenerationRequest) -> list[Issue]:
    if request.descent is None:
        return []
    issues = []
    if request.title is not None:
        issues.append(Issue("title", "A version has the title of its track. Leave it out, or use updateTrack."))
    if request.descent.becomes_current and request.variation_count > 1:
        issues.append(Issue("makeCurrent", "Only one version can play. Ask for one variation, or choose later."))
    return issues


def _section_issues(sections: Sequence[PromptSection]) -> list[Issue]:
    if len(sections) > MAX_SECTIONS:
        return [Issue("sections", f"A song has at most {MAX_SECTIONS} sections, not {len(sections)}.")]
    issues = []
    for number, section in enumerate(sections):
        path = f"sections[{number}]"
        issues += _length_issues(f"{path}.prompt", "prompt of a section", section.prompt)
        issues += between(f"{path}.seconds", section.seconds, MIN_SECTION_SECONDS, MAX_DURATION_SECONDS, "seconds")
    return issues


def _nothing_left(request: GenerationRequest) -> list[Issue]:
    melodic = set(INSTRUMENTS) - set(ALL_PERCUSSION)
    if melodic <= set(request.excluded_instruments or ()):
        return [Issue("excludedInstruments", "Leave at least one melodic instrument to play.")]
    return []
