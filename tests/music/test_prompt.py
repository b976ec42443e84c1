"""Explicit terms: exact readings of realistic prompts, and calm in the face of hostile text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.music.prompt import PromptTerms, read_terms
from tests.music.readings import READINGS

FRAGMENTS = (
    *("no ", "not ", "a ", "A minor ", "Am ", "in ", "6/", "8", "120 ", "bpm ", "-", ", ", "or ", "and ", "piano "),
    *("drums", "less ", "free ", "verse ", "chorus ", "x", "2 ", "key of ", "#", "b", "\n", ".", "🎵", "é", "no no "),
    *("flat ", "except ", "very ", "90-", "at ", "solo ", "مرحبا ", "\u202e", "\ud83d", "\x00", "٣", "²", "=", "♩"),
)


@pytest.mark.parametrize(("prompt", "expected"), READINGS, ids=[prompt for prompt, _ in READINGS])
def test_reads_exactly_the_terms_of_a_prompt(prompt: str, expected: PromptTerms) -> None:
    assert read_terms(prompt) == expected


@pytest.mark.parametrize("prompt", ["", "   ", "!!!???", ".,;:-", "🎵🎧🔥", "\u202e\u202d", "…", "😀" * 500])
def test_text_without_words_says_nothing(prompt: str) -> None:
    assert read_terms(prompt) == PromptTerms()


def test_right_to_left_text_may_hold_terms() -> None:
    # Given a Hebrew sentence around English terms, when it is read, then the terms are found.
    terms = read_terms("שיר שמח, 100 bpm, piano, בלי מילים")

    assert (terms.bpm, terms.instruments) == (100.0, ("piano",))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=400).map("".join))
def test_any_mixture_of_terms_is_read_in_consistent_bounds(prompt: str) -> None:
    terms = read_terms(prompt)

    assert not set(terms.instruments) & set(terms.excluded)
    assert terms.bpm is None or 30.0 <= terms.bpm <= 240.0
    assert terms.energy is None or 0.0 <= terms.energy <= 1.0
    assert terms.sections is None or 2 <= len(terms.sections) <= 64


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=2000))
def test_any_text_can_be_read(prompt: str) -> None:
    assert isinstance(read_terms(prompt), PromptTerms)


HOSTILE = (
    *("no ", "no piano, ", "drum and ", "a minor ", "A ", "6/", "9", "90-", "verse ", "-", "x2 ", "bpm ", "b p "),
    *("not ", "in a ", "♯", "ab#", "no no piano or ", "solo ", "except ", "#b", "\u0301", "1,", "1.", "(", "lo-"),
)


@pytest.mark.parametrize("fragment", HOSTILE)
def test_reading_time_grows_with_the_length_only(fragment: str) -> None:
    # Given a text and one four times as long, when both are read,
    # then the longer one takes no more than about four times as long (never sixteen times).
    short, long = fragment * (2_500 // len(fragment)), fragment * (10_000 // len(fragment))

    assert fastest(long) < 8 * fastest(short) + 0.05


def fastest(prompt: str) -> float:
    """Seconds of processor time, of which other programs take nothing."""
    times = []
    for _ in range(5):
        begin = time.thread_time()
        read_terms(prompt)
        times.append(time.thread_time() - begin)
    return min(times)


def test_a_prompt_of_ten_thousand_characters_is_read_at_once() -> None:
    prompt = ("dreamy lofi, no drums or bass, Am, 6/8, 82 bpm, verse chorus, " * 200)[:10_000]

    assert fastest(prompt) < 0.5
    assert read_terms(prompt).bpm == 82.0
