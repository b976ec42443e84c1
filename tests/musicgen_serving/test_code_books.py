"""MusicGen's graphs under the scheduler: the codes of the published model, in any company."""

from collections.abc import Iterator

import numpy as np
import pytest

from model_export.musicgen.checkpoint import read_checkpoint
from model_export.musicgen.decoder_runs import CrossGraph, StepGraph
from tests.generation_core.requests import drain, end_of, tokens_of
from tests.musicgen.checkpoints import ALL_KINDS
from tests.musicgen_serving.conftest import WORDS, Checkpoints, Served
from triton_models.code_books.frames import FrameReader
from triton_models.generation_core.events import Event, Outcome
from triton_models.generation_core.model import StepModel
from triton_models.generation_core.request import Request, Row, Sampling
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.musicgen.songs import Section, Wish
from triton_models.step_graph.code_books import CodeBookSettings, Guide, open_code_books
from triton_models.step_graph.sessions import StepGraphError

GREEDY = Sampling(temperature=0.0)
FRAMES = 100


def opened(served: Served, slots: int = 6) -> StepModel:
    return served.open(CodeBookSettings(260, slots, 16))


def songs(served: Served, count: int) -> Iterator[Request]:
    """Of all lengths, texts and ways of drawing, every third without guidance."""
    chance = np.random.default_rng(4)
    for number in range(count):
        words = 1 + number % len(served.states)
        sampling = Sampling(1.0, 20) if number % 2 else GREEDY
        guidance = 1.0 if number % 3 == 0 else 3.0
        frames = int(chance.integers(1, 40))
        wish = served.wish(frames, words, seed=number, sampling=sampling, guidance=guidance)
        yield served.request(str(number), wish, 8)


def frames_of(served: Served, events: list[Event], name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return FrameReader(served.pattern).take(np.array(tokens_of(events, name)))


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_scheduler_draws_the_codes_of_the_published_model(checkpoints: Checkpoints, kind: str) -> None:
    # Given what transformers writes with guidance, when three at once ask for the same, then each gets it
    served = checkpoints(kind)
    steps = served.pattern.positions(FRAMES) - 1
    wanted = served.reference.generate(WORDS, np.ones_like(WORDS), steps, 3.0).codes
    scheduler = Scheduler(opened(served), Limits(prompt_chunk=16))
    for number in range(3):
        scheduler.submit(served.request(str(number), served.wish(FRAMES, sampling=GREEDY), 25))

    events = drain(scheduler)

    frames = FrameReader(served.pattern).take(wanted.T)
    assert frames.shape == (served.pattern.books, FRAMES)
    assert len(np.unique(frames)) > 8
    for number in range(3):
        assert np.array_equal(frames_of(served, events, str(number)), frames)


@pytest.mark.parametrize("kind", ["stereo", "stereo melody"])
def test_a_song_is_the_same_alone_and_among_others(checkpoints: Checkpoints, kind: str) -> None:
    served = checkpoints(kind)
    together, alone = (Scheduler(opened(served), Limits()) for _ in range(2))
    events: list[Event] = []
    for number, song in enumerate(songs(served, 14)):
        together.submit(song)
        if number % 2:
            events += together.step()
    events += drain(together)

    for song in songs(served, 14):
        alone.submit(song)
        name = song.request_id
        assert tokens_of(events, name) == tokens_of(drain(alone), name)
        assert end_of(events, name).outcome is Outcome.LENGTH


def test_who_is_told_nothing_hears_what_a_text_without_words_says(checkpoints: Checkpoints) -> None:
    # Given a row with a text between two without, each in its own slot
    served = checkpoints("mono")
    d = read_checkpoint(served.folder / "checkpoint").config.decoder
    model, tokens = opened(served), np.full((3, d.books), served.pattern.start_token)
    for slot, states in ((4, None), (1, served.states), (2, None)):
        model.open(slot, Guide(FRAMES, states))

    logits = model.step(np.array([4, 1, 2]), tokens, np.zeros(3, np.int64))

    mask = np.zeros((3, len(served.states)), np.int64)
    mask[1] = 1
    cross = CrossGraph(served.cross).run(np.repeat(served.states[None], 3, axis=0), mask)
    wanted = StepGraph(served.step, d).begin(cross, FRAMES).take(tokens[:, :, None]).logits
    np.testing.assert_allclose(logits, wanted, atol=1e-5)  # texts are filled up to other lengths
    assert np.abs(logits[0] - logits[1]).max() > 0.1
    np.testing.assert_array_equal(logits[0], logits[2])


def test_a_prompt_is_gone_on_with_and_what_stands_for_no_frame_does_not_count(checkpoints: Checkpoints) -> None:
    # Given a song of which forty positions are told, with whatever stands where books have no frame
    served = checkpoints("mono")
    steps = served.pattern.positions(FRAMES) - 1
    wanted = served.reference.generate(WORDS, np.ones_like(WORDS), steps, 1.0).codes
    told = np.concatenate([np.full((1, 4), 7), wanted.T[:39]])
    guide = Guide(FRAMES, served.states)
    scheduler = Scheduler(opened(served), Limits(prompt_chunk=16))

    scheduler.submit(Request("a", Row(told, guide), steps - 39, sampling=GREEDY))

    assert tokens_of(drain(scheduler), "a") == wanted.T[39:].tolist()


@pytest.mark.parametrize("shape", [(0, 24), (17, 24), (3, 23), (24,)])
def test_a_text_that_does_not_fit_ends_its_own_song_alone(checkpoints: Checkpoints, shape: tuple[int, ...]) -> None:
    served = checkpoints("mono")
    scheduler = Scheduler(opened(served), Limits())
    scheduler.submit(served.request("wrong", Wish([Section(np.zeros(shape, np.float32), 9)]), 5))
    scheduler.submit(served.request("right", served.wish(9), 5))

    events = drain(scheduler)

    assert "must be [1 to 16 words, 24]" in str(end_of(events, "wrong").error)
    assert end_of(events, "right").outcome is Outcome.LENGTH


def test_what_is_no_guide_is_refused(checkpoints: Checkpoints) -> None:
    with pytest.raises(StepGraphError, match="is a NoneType, it must be a Guide"):
        opened(checkpoints("mono")).open(0, None)


def test_a_frame_is_there_when_its_last_book_is(checkpoints: Checkpoints) -> None:
    pattern = checkpoints("stereo").pattern
    drawn = np.arange(8 * 12).reshape(12, 8)
    reader = FrameReader(pattern)

    parts = [reader.take(drawn[start : start + count]) for start, count in ((0, 2), (2, 1), (3, 1), (4, 6), (10, 2))]

    assert [part.shape[1] for part in parts] == [0, 0, 1, 6, 2]
    assert np.array_equal(np.concatenate(parts, axis=1), FrameReader(pattern).take(drawn))


def test_as_many_songs_fit_as_their_keys_and_values_have_memory(checkpoints: Checkpoints) -> None:
    # Two layers of four heads: keys and values of 260 positions of 8, of 16 words of 8, and what hides no word
    served = checkpoints("mono")
    row = 4 * (2 * 2 * 4 * (260 * 8 + 16 * 8) + 16)

    def slots(memory: int) -> int:
        settings = CodeBookSettings(260, 5, 16, memory)
        return open_code_books(served.step, served.cross, served.pattern, settings).slots

    assert [slots(memory) for memory in (2 * row, 4 * row - 1, 9 * row)] == [2, 3, 5]
    with pytest.raises(StepGraphError, match=f"a guided song takes {2 * row} bytes .* {2 * row - 1} are given"):
        slots(2 * row - 1)
