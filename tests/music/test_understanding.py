"""From a prompt and explicit fields to a brief: who wins, what likeness decides, how conflicts end."""

import json

import numpy as np
import pytest

from domain.music.anchors import Anchors, anchor_texts
from domain.music.brief import BriefOverrides, MusicBrief
from domain.music.keys import Key
from domain.music.meters import Meter
from domain.music.understanding import to_composer_json, understand
from tests.music.embedding import Embedder
from tests.music.scenes import OBLIQUE, SCENES
from triton_models.composer.brief import parse_brief

NOTHING = BriefOverrides()


def read(prompt: str, overrides: BriefOverrides = NOTHING) -> MusicBrief:
    """The brief without any likeness."""
    return understand(prompt, overrides, None, None)


def accuracy(scenes: tuple[tuple[str, tuple[str, ...]], ...], embedder: Embedder, anchors: Anchors) -> float:
    vectors = embedder.embed([prompt for prompt, _ in scenes])
    briefs = [understand(prompt, NOTHING, anchors, row) for (prompt, _), row in zip(scenes, vectors, strict=True)]
    return sum(brief.genre in accepted for brief, (_, accepted) in zip(briefs, scenes, strict=True)) / len(scenes)


def test_a_scene_without_a_genre_gets_a_fitting_one(embedder: Embedder, anchors: Anchors) -> None:
    assert accuracy(SCENES, embedder, anchors) >= 0.95
    assert accuracy((*SCENES, *OBLIQUE), embedder, anchors) >= 0.85


def test_what_likeness_decided_is_marked_with_its_confidence(embedder: Embedder, anchors: Anchors) -> None:
    prompt = "a summer hit everybody sings along to"
    brief = understand(prompt, NOTHING, anchors, embedder.embed([prompt])[0])

    assert brief.sources["genre"] == brief.sources["mood"] == brief.sources["energy"] == "similarity"
    assert (brief.genre, brief.mood) == ("pop", "sunny")
    assert set(brief.confidence) == {"genre", "mood"}
    assert 0.18 <= brief.confidence["genre"] <= 1.0


@pytest.mark.parametrize("prompt", ["", "asdf qwer zxcv", "🎵", "my tax return is due on Friday", "???"])
def test_a_prompt_like_nothing_gets_the_default(prompt: str, embedder: Embedder, anchors: Anchors) -> None:
    brief = understand(prompt, NOTHING, anchors, embedder.embed([prompt])[0])

    assert (brief.genre, brief.mood, brief.energy) == ("pop", None, None)
    assert set(brief.sources.values()) == {"default"}
    assert brief.confidence == {}


def test_without_vectors_only_the_terms_count() -> None:
    brief = read("Am, 6/8, brushed drums, no piano")

    assert brief == MusicBrief(
        genre="jazz",
        key=Key("A", "minor"),
        meter=Meter(6, 8),
        instruments=("brushed drums",),
        excluded_instruments=("piano",),
        sources={
            **dict.fromkeys(("key", "meter", "instruments", "excluded_instruments"), "prompt"),
            **dict.fromkeys(("genre", "mood", "bpm", "energy", "sections", "instrumental"), "default"),
        },
    )


def test_fields_win_over_the_prompt() -> None:
    overrides = BriefOverrides(
        genre="house",
        mood="happy",
        bpm=124.0,
        key=Key("C", "major"),
        meter=Meter(4, 4),
        instruments=("piano",),
        excluded_instruments=("flute",),
        energy=0.9,
        sections=("intro", "chorus"),
        instrumental=False,
    )

    brief = read("sad jazz in Am, 6/8, 70 bpm, flute, no piano, quiet, verse chorus outro, instrumental", overrides)

    assert (brief.genre, brief.mood, brief.bpm, brief.key) == ("house", "happy", 124.0, Key("C", "major"))
    assert (brief.meter, brief.instruments, brief.excluded_instruments) == (Meter(4, 4), ("piano",), ("flute",))
    assert (brief.energy, brief.sections, brief.instrumental) == (0.9, ("intro", "chorus"), False)
    assert set(brief.sources.values()) == {"field"}


def test_a_wanted_field_lifts_the_prompts_exclusion() -> None:
    brief = read("folk, no guitars", BriefOverrides(instruments=("acoustic guitar",)))

    assert brief.instruments == ("acoustic guitar",)
    assert "acoustic guitar" not in brief.excluded_instruments
    assert "distorted guitar" in brief.excluded_instruments


def test_an_excluded_field_beats_a_wanted_one() -> None:
    overrides = BriefOverrides(instruments=("piano", "cello"), excluded_instruments=("piano",))

    assert read("calm", overrides).instruments == ("cello",)


def test_a_number_outside_the_custom_of_a_genre_is_kept() -> None:
    assert read("ambient with 180 bpm").bpm == 180.0


def test_a_pace_is_placed_in_the_range_of_the_genre() -> None:
    assert read("slow techno").bpm == 127.0
    assert read("fast techno").bpm == 137.0
    assert read("very fast techno").bpm == 143.0
    assert read("not too fast techno").bpm == 132.0
    assert read("techno").bpm is None


def test_a_pace_in_a_compound_meter_counts_dotted_quarters() -> None:
    assert read("slow folk, 6/8").bpm == 59.0


def test_a_mode_without_a_tonic_gets_its_plainest_key() -> None:
    assert read("in a minor key").key == Key("A", "minor")
    assert read("phrygian metal").key == Key("E", "phrygian")


@pytest.mark.parametrize(
    ("prompt", "instruments"),
    [
        ("jazz with guitar and bass", ("jazz guitar", "upright bass")),
        ("metal with guitar and bass", ("distorted guitar", "electric bass")),
        ("house with bass and synth", ("synth bass", "saw lead synth")),
        ("funk with guitar", ("muted guitar",)),
        ("guitar", ("acoustic guitar",)),
        ("folk guitar, acoustic guitar", ("acoustic guitar",)),
        ("jazz guitar, no jazz guitar", ()),
        ("synth bass and synths, no synth pad", ("synth bass", "saw lead synth")),
        ("techno with synths but no saw lead synth", ("square lead synth",)),
    ],
)
def test_a_family_becomes_the_member_that_suits(prompt: str, instruments: tuple[str, ...]) -> None:
    assert read(prompt).instruments == instruments


def test_energy_lies_between_mood_and_genre() -> None:
    assert read("calm techno").energy == pytest.approx((0.15 + 0.8) / 2)
    assert read("calm techno, loud").energy == 0.85
    assert read("techno").energy is None


def test_a_refused_genre_is_not_chosen_by_likeness(embedder: Embedder, anchors: Anchors) -> None:
    # Given a prompt that is most like country, when country is refused, then another genre is chosen.
    scene = "a cowboy rides his horse across the prairie"
    row = embedder.embed([scene])[0]

    assert understand(scene, NOTHING, anchors, row).genre == "country"
    assert understand(f"{scene}, no country", NOTHING, anchors, row).genre != "country"


def test_anchors_need_one_vector_per_phrase() -> None:
    with pytest.raises(ValueError, match=f"expected {len(anchor_texts())} vectors, got shape \\(3, 384\\)"):
        Anchors.from_vectors(np.ones((3, 384)))


def test_the_composer_accepts_every_brief(embedder: Embedder, anchors: Anchors) -> None:
    prompts = [prompt for prompt, _ in OBLIQUE]
    prompts += [
        "Am, 6/8, brushed drums, no piano or strings, verse chorus x3 outro, 82 bpm, sad, with vocals",
        "piano guitar bass violin cello flute trumpet harp organ banjo sitar harmonica choir whistle clarinet",
        "no drums no percussion no guitar no bass no synths no strings no brass no woodwinds no piano",
        "chorus x8 verse x8 chorus x8 verse x8 chorus x8 verse x8 chorus x8 verse x8 chorus x8 verse x8",
    ]
    for prompt, row in zip(prompts, embedder.embed(prompts), strict=True):
        document = to_composer_json(understand(prompt, NOTHING, anchors, row), duration_seconds=30.0, seed=7)

        assert parse_brief(json.dumps(document)).seed == 7


def test_the_composers_document_is_complete() -> None:
    brief = read("lofi hip hop, Am, 6/8, 82 bpm, piano, no flute, calm, intro verse outro")

    assert to_composer_json(brief, duration_seconds=30.0, seed=1234, title="Rain") == {
        "schema": "cadenza.brief/1",
        "genre": "lofi hip hop",
        "mood": "calm",
        "bpm": 82.0,
        "key": {"tonic": "A", "mode": "minor"},
        "meter": "6/8",
        "instruments": ["piano"],
        "excluded_instruments": ["flute"],
        "energy": 0.25,
        "duration_seconds": 30.0,
        "seed": 1234,
        "sections": ["intro", "verse", "outro"],
        "title": "Rain",
        "instrumental": True,
    }
