"""Properties of compose over arbitrary briefs."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.composer.measures import last_sound, overlapping_pitches
from triton_models.composer.brief import SECTION_NAMES, Brief, BriefError, parse_brief
from triton_models.composer.composer import compose
from triton_models.composer.form import fitting_sections
from triton_models.composer.genres import GENRES
from triton_models.composer.instruments import INSTRUMENTS
from triton_models.composer.meter import METERS
from triton_models.composer.plan import resolve
from triton_models.score.document import from_json, to_json
from triton_models.score.midi import to_midi
from triton_models.score.model import MODES, TONICS, Key, Score

NAMES = st.sampled_from(sorted(INSTRUMENTS))


@st.composite
def briefs(draw: st.DrawFn) -> Brief:
    wanted = draw(st.lists(NAMES, max_size=6, unique=True))
    excluded = draw(st.lists(NAMES.filter(lambda name: name not in wanted), max_size=20, unique=True))
    return Brief(
        genre=draw(st.sampled_from(sorted(GENRES))),
        duration_seconds=draw(st.floats(5.0, 90.0)),
        seed=draw(st.integers(0, 2**63 - 1)),
        mood=draw(st.none() | st.sampled_from(["calm", "epic", "sad", "unheard of"])),
        bpm=draw(st.none() | st.floats(30.0, 240.0)),
        key=draw(st.none() | st.builds(Key, st.sampled_from(TONICS), st.sampled_from(MODES))),
        meter=draw(st.none() | st.sampled_from(sorted(METERS))),
        instruments=tuple(wanted),
        excluded_instruments=tuple(excluded),
        energy=draw(st.none() | st.floats(0.0, 1.0)),
        sections=draw(st.none() | st.lists(st.sampled_from(SECTION_NAMES), min_size=1, max_size=6).map(tuple)),
    )


def composed(brief: Brief) -> Score | BriefError:
    try:
        return compose(brief)
    except BriefError as refused:
        return refused


def parsed(text: str) -> Brief | BriefError:
    try:
        return parse_brief(text)
    except BriefError as refused:
        return refused


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(briefs())
def test_every_brief_gives_a_sound_score_or_names_its_field(brief: Brief) -> None:
    outcome = composed(brief)
    if isinstance(outcome, BriefError):
        assert outcome.field == "excluded_instruments"
        return

    score = outcome

    assert from_json(to_json(score)) == score
    assert score.duration_seconds <= brief.duration_seconds
    assert last_sound(score) < score.duration_beats
    assert to_midi(score).startswith(b"MThd")
    names = {track.name.lower() for track in score.tracks}
    assert set(brief.instruments) <= names
    assert names.isdisjoint(brief.excluded_instruments)
    assert all(track.notes and not overlapping_pitches(track) for track in score.tracks)
    if brief.sections is not None:
        kept = fitting_sections(brief.sections, resolve(brief).timeline.bars)
        assert [section.name for section in score.sections] == list(kept)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(["genre", "duration_seconds", "seed", "bpm", "key", "meter", "instruments", "sections", "energy"]),
)
def test_any_value_in_any_field_is_read_or_refused_by_name(value: object, name: str) -> None:
    document = {"schema": "cadenza.brief/1", "genre": "pop", "duration_seconds": 9, "seed": 1} | {name: value}
    outcome = parsed(json.dumps(document))

    assert isinstance(outcome, Brief) or outcome.field.startswith(name)
