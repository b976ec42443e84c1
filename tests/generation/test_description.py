"""What a model of sound is told of a wish, and how its songs are called."""

import pytest

from domain.generation.description import described
from domain.generation.model import GenerationRequest, PromptSection
from domain.generation.sampled_song import title_of
from domain.kit.audio.audio_engine import AudioSection


def test_every_field_becomes_words_before_the_prompt() -> None:
    request = GenerationRequest(
        prompt=" night drive ",
        duration_seconds=30.0,
        genre="house",
        mood="dreamy",
        bpm=122.5,
        key_scale="F#m",
        meter="6/8",
        instruments=("piano", "upright bass"),
        energy=0.9,
        instrumental=True,
    )
    wishes = "house, dreamy, 122.5 bpm, in F# minor, in 6/8 time, with piano, upright bass, energetic, instrumental"
    assert described(request) == [AudioSection(f"{wishes}, night drive", 30.0)]


def test_what_was_not_said_is_not_said() -> None:
    request = GenerationRequest(prompt="night drive", energy=0.5, instrumental=False)
    assert described(request) == [AudioSection("night drive", 60.0)]


def test_each_section_says_its_own_and_then_all_of_it() -> None:
    sections = (PromptSection(" drums ", 4.0), PromptSection("", 5.0))
    request = GenerationRequest(prompt="night drive", bpm=90, sections=sections)
    assert described(request) == [
        AudioSection("drums, 90 bpm, night drive", 4.0),
        AudioSection("90 bpm, night drive", 5.0),
    ]


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("warm jazz, slowly", "Warm jazz"),
        ("  épic choir\nwith drums", "Épic choir"),
        ("one two three four five six seven eight", "One two three four five six"),
        (", nothing", ""),
        ("a" * 200, "A" + "a" * 119),
    ],
)
def test_a_song_is_called_by_the_first_words_of_its_prompt(prompt: str, title: str) -> None:
    assert title_of(prompt) == title
