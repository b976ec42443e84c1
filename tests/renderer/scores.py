"""Small scores for the renderer's tests."""

from collections.abc import Sequence

from triton_models.renderer.cancellation import IsCancelled
from triton_models.renderer.render import Job
from triton_models.score.model import Key, MeterChange, Note, Role, Score, TempoChange, Track

QPM = 120.0
SECONDS_PER_BEAT = 60.0 / QPM


def make_track(
    name: str = "lead",
    notes: Sequence[tuple[float, float, int, int]] = ((0.0, 1.0, 69, 90),),
    *,
    role: Role = "melody",
    bank: int = 0,
    program: int = 11,
    volume: float = 0.8,
    pan: float = 0.0,
    reverb: float = 0.0,
) -> Track:
    """A vibraphone that plays one A, unless told otherwise."""
    played = tuple(Note(*note) for note in notes)
    return Track(name, name, role, bank, program, bank == 128, volume, pan, reverb, played)


def make_score(*tracks: Track, seconds: float = 5.0, genre: str = "pop") -> Score:
    return Score(
        title="Test",
        genre=genre,
        mood="calm",
        seed=1,
        key=Key("A", "minor"),
        tempo_map=(TempoChange(0.0, QPM),),
        meter_map=(MeterChange(0.0, 4, 4),),
        sections=(),
        chords=(),
        tracks=tracks,
        duration_beats=seconds / SECONDS_PER_BEAT,
    )


def make_band(seconds: float = 5.0) -> Score:
    """Drums, bass, chords and a melody in A minor."""
    beats = int(seconds / SECONDS_PER_BEAT) - 1
    return make_score(
        make_track(
            "drums", [(b, 0.2, 36 if b % 2 == 0 else 38, 100) for b in range(beats)], role="drums", bank=128, program=0
        ),
        make_track("bass", [(b, 0.9, 33, 90) for b in range(beats)], role="bass", program=33),
        make_track(
            "chords",
            [(b, 3.8, pitch, 70) for b in range(0, beats - 3, 4) for pitch in (57, 60, 64)],
            role="chords",
            program=4,
            pan=-0.4,
            reverb=0.3,
        ),
        make_track("lead", [(b + 0.5, 0.5, 69 + b % 5, 95) for b in range(beats - 1)], program=73, pan=0.3, reverb=0.2),
        seconds=seconds,
    )


def never() -> bool:
    return False


def make_job(score: Score, seconds: float, *, stems: bool = False, cancelled: IsCancelled = never) -> Job:
    return Job(score, round(seconds * 44_100), stems, cancelled, lambda stage, part: None)
