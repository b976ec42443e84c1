"""Songs of every kind with caches that stay on a device: the published model's codes, in any company."""

import numpy as np
import pytest

from tests.generation_core.requests import drain, end_of, tokens_of
from tests.musicgen.checkpoints import CHROMA
from tests.musicgen_serving.conftest import WORDS, Checkpoints
from tests.musicgen_serving.on_device import FORMS, OnDevice, on_device
from tests.musicgen_serving.test_code_books import FRAMES, GREEDY, frames_of, songs
from tests.musicgen_serving.test_desk import FRAMES as HEARD
from tests.musicgen_serving.test_melodies import RATE, chroma, published
from triton_models.code_books.frames import FrameReader
from triton_models.generation_core.events import Event, Outcome
from triton_models.generation_core.request import Request
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.musicgen.songs import Melody


@pytest.fixture(scope="module", params=["mono", "stereo", "melody", "stereo melody"])
def made(checkpoints: Checkpoints, request: pytest.FixtureRequest) -> OnDevice:
    return on_device(checkpoints(request.param))


def asked(made: OnDevice, count: int) -> list[Request]:
    """Of all lengths, texts and ways of drawing, and of kinds that hear melodies half with one."""
    if made.served.melody is None:
        return list(songs(made.served, count))
    melodies = [Melody(CHROMA, chroma(30, number) if number % 2 else None, RATE) for number in range(count)]
    wishes = [
        made.served.wish(
            3 + 5 * (number % 8), 1 + number % 7, seed=number, melody=melody, guidance=3.0 if number % 3 else 1.0
        )
        for number, melody in enumerate(melodies)
    ]
    return [made.served.request(str(number), wish, 8) for number, wish in enumerate(wishes)]


def test_the_scheduler_draws_the_codes_of_the_published_model(made: OnDevice) -> None:
    served = made.served
    steps = served.pattern.positions(FRAMES) - 1
    wanted = served.reference.generate(WORDS, np.ones_like(WORDS), steps, 3.0).codes
    scheduler = Scheduler(made.open("float32"), Limits(prompt_chunk=16))
    for number in range(3):
        scheduler.submit(served.request(str(number), served.wish(FRAMES, sampling=GREEDY), 25))

    events = drain(scheduler)

    for number in range(3):
        assert np.array_equal(frames_of(served, events, str(number)), FrameReader(served.pattern).take(wanted.T))


@pytest.mark.parametrize("made", ["melody", "stereo melody"], indirect=True)
def test_a_melody_is_followed_as_the_published_model_follows_it(made: OnDevice) -> None:
    served, scheduler = made.served, Scheduler(made.open("float32"), Limits(prompt_chunk=16))
    melodies = [chroma(CHROMA, seed) for seed in (1, 2)]
    for number, melody in enumerate(melodies):
        wish = served.wish(HEARD, sampling=GREEDY, melody=Melody(CHROMA, melody, RATE))
        scheduler.submit(served.request(str(number), wish, 25))

    events = drain(scheduler)

    first, second = (frames_of(served, events, str(number)) for number in range(2))
    assert np.array_equal(first, published(served, melodies[0]))
    assert np.array_equal(second, published(served, melodies[1]))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("form", FORMS)
def test_a_song_is_the_same_alone_and_among_others_that_come_and_go(made: OnDevice, form: str) -> None:
    together, alone = (Scheduler(made.open(form), Limits(prompt_chunk=16)) for _ in range(2))
    events: list[Event] = []
    for number, song in enumerate(asked(made, 14)):
        together.submit(song)
        if number % 2:
            events += together.step()
    events += drain(together)

    for song in asked(made, 14):
        alone.submit(song)
        assert tokens_of(events, song.request_id) == tokens_of(drain(alone), song.request_id)
        assert end_of(events, song.request_id).outcome is Outcome.LENGTH
