"""What a person asks for, what was understood, and what may be asked at all. Pure data and rules."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.idempotency.model import key_issues
from domain.kit.errors import Issue
from domain.kit.prose import is_seen, text_issues
from domain.library.model import Descent
from domain.music.brief import BriefOverrides, MusicBrief
from domain.music.genres import GENRES
from domain.music.instruments import ALL_PERCUSSION, INSTRUMENTS
from domain.music.keys import Key
from domain.music.meters import METERS
from domain.music.moods import MOODS

JOB_KIND = "generate_track"
MAX_PROMPT = 2000
MAX_TITLE = 120
MIN_DURATION_SECONDS = 5.0
MAX_DURATION_SECONDS = 600.0
MIN_BPM = 30.0
MAX_BPM = 240.0
MAX_SEED = 2**31 - 1
MAX_INSTRUMENTS = 8
MAX_VARIATIONS = 8
DEFAULT_MODEL = "composer"


@dataclass(frozen=True)
class ModelCard:
    """An engine that people may choose. `triton_models` are the served models it stands on."""

    id: str
    name: str
    description: str
    licence: str
    max_duration_seconds: float
    triton_models: tuple[str, ...]


MODEL_CARDS = (
    ModelCard(
        id=DEFAULT_MODEL,
        name="Composer",
        description="Writes multi-track scores by the rules of a genre and plays them with sampled instruments.",
        licence="Apache-2.0; sounds MIT (MuseScore General)",
        max_duration_seconds=MAX_DURATION_SECONDS,
        triton_models=("text_embedding", "composer", "renderer"),
    ),
)


@dataclass(frozen=True)
class GenerationRequest:
    """The wish as it came in: a prompt and the fields that were filled in besides it.

    `duration_seconds` is the length of the finished song, `seed` makes it repeatable (chosen when None),
    `key_scale` is text such as "A minor", `energy` is 0..1. With a `descent` the songs
    become versions of a track that is there.
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
    model_id: str = DEFAULT_MODEL
    variation_count: int = 1
    descent: Descent | None = None
    idempotency_key: str | None = None

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
    """The request of one job, with the ids its result will have and what was understood so far."""

    job_id: str
    owner_id: str
    track_id: str
    version_id: str
    artist: str
    seed: int
    request: GenerationRequest
    brief: MusicBrief | None
    title: str | None


def request_issues(request: GenerationRequest) -> list[Issue]:
    """Everything that is wrong with a request, in the order of its fields."""
    issues = [
        *_text_issues(request),
        *_number_issues(request),
        *_musical_issues(request),
        *_nothing_left(request),
        *_descent_issues(request),
    ]
    if both := set(request.instruments or ()) & set(request.excluded_instruments or ()):
        names = ", ".join(sorted(both))
        issues.append(Issue("excludedInstruments", f"Wanted and excluded at the same time: {names}."))
    return issues


def _text_issues(request: GenerationRequest) -> list[Issue]:
    issues = []
    length = len(request.prompt.strip())
    if not is_seen(request.prompt):
        issues.append(Issue("prompt", "Describe the music you want, for example 'calm lofi beat with piano'."))
    elif length > MAX_PROMPT:
        issues.append(Issue("prompt", f"The prompt has {length:,} characters; at most {MAX_PROMPT:,} are read."))
    title = None if request.title is None else request.title.strip()
    return issues + text_issues("title", title, 1, MAX_TITLE, "A title") + key_issues(request.idempotency_key)


def _number_issues(request: GenerationRequest) -> list[Issue]:
    checks = (
        ("durationSeconds", request.duration_seconds, MIN_DURATION_SECONDS, MAX_DURATION_SECONDS, "seconds"),
        ("bpm", request.bpm, MIN_BPM, MAX_BPM, "beats per minute"),
        ("energy", request.energy, 0.0, 1.0, ""),
        ("seed", request.seed, 0, MAX_SEED, ""),
        ("variationCount", request.variation_count, 1, MAX_VARIATIONS, ""),
    )
    return [
        Issue(path, f"{path} must be between {low:g} and {high:.10g} {unit}".rstrip() + f", not {value:.10g}.")
        for path, value, low, high, unit in checks
        if value is not None and not low <= value <= high
    ]


def _musical_issues(request: GenerationRequest) -> list[Issue]:
    issues = [
        *_unknown("genre", request.genre, GENRES),
        *_unknown("mood", request.mood, MOODS),
        *_unknown("meter", request.meter, METERS),
    ]
    if request.key_scale is not None and Key.parse(request.key_scale) is None:
        issues.append(Issue("keyScale", f"{request.key_scale!r} is not a key. Write it like 'A minor' or 'F#'."))
    for path, names in (("instruments", request.instruments), ("excludedInstruments", request.excluded_instruments)):
        for name in names or ():
            issues += _unknown(path, name, INSTRUMENTS)
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


def _nothing_left(request: GenerationRequest) -> list[Issue]:
    melodic = set(INSTRUMENTS) - set(ALL_PERCUSSION)
    if melodic <= set(request.excluded_instruments or ()):
        return [Issue("excludedInstruments", "Leave at least one melodic instrument to play.")]
    return []


def _unknown(path: str, value: str | None, known: Collection[str]) -> list[Issue]:
    if value is None or value in known:
        return []
    return [Issue(path, f"{value!r} is not known here. Choose one of: {', '.join(known)}.")]
