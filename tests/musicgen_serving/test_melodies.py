"""Songs after a melody: the codes of the published model, what a window hears, and what a song takes."""

from dataclasses import replace
from typing import Any

import numpy as np
import onnxruntime
import pytest

from tests.generation_core.requests import drain, end_of, tokens_of
from tests.musicgen.checkpoints import CHROMA, MELODIES
from tests.musicgen_serving.conftest import WORDS, Checkpoints, Served
from tests.musicgen_serving.test_desk import FRAMES, TOLERANCE, Waiting, open_desk
from tests.musicgen_serving.test_service import document, open_service
from triton_models.code_books.delay_pattern import Codes
from triton_models.code_books.frames import FrameReader
from triton_models.codec_stream.channels import rows_of
from triton_models.codec_stream.decoding import Floats
from triton_models.generation_core.events import Outcome
from triton_models.generation_core.request import Row, Sampling
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.musicgen.checkpoint import PREFIX
from triton_models.musicgen.requests import AudioRequestError
from triton_models.musicgen.service import MusicGenService
from triton_models.musicgen.songs import Melody, Wish, request_of
from triton_models.musicgen.window_plan import Window
from triton_models.step_graph.code_books import CodeBookSettings, Guide
from triton_models.step_graph.prefixed import PrefixedModel
from triton_models.step_graph.sessions import StepGraphError, open_session

GREEDY = Sampling(temperature=0.0)
SETTINGS = CodeBookSettings(260, 6, 16)
# The tiny models have 50 frames of codes and 6.25 of chroma a second.
RATE = 8 / 64


def chroma(frames: int, seed: int = 1) -> Floats:
    one_hot: Floats = np.eye(12, dtype=np.float32)[np.random.default_rng(seed).integers(0, 12, frames)]
    return one_hot


def published(served: Served, heard: Floats) -> Codes:
    """[books, FRAMES] that transformers writes greedily with guidance."""
    steps = served.pattern.positions(FRAMES) - 1
    made = served.reference.generate(WORDS, np.ones_like(WORDS), steps, 3.0, chroma=heard[None])
    return FrameReader(served.pattern).take(made.codes.T)


@pytest.mark.parametrize("kind", MELODIES)
@pytest.mark.parametrize("frames", [7, CHROMA, 40])
def test_a_song_after_a_melody_sounds_as_the_published_model_has_it(
    checkpoints: Checkpoints, kind: str, frames: int
) -> None:
    # Given a melody that is too short, just as long as is heard, or too long
    served, melody, heard = checkpoints(kind), chroma(frames), Waiting()
    codes = published(served, melody)
    wanted = served.codec.decode(rows_of(codes, served.pattern.channels))[:, 0]

    # when a song is made after it
    wish = served.wish(FRAMES, sampling=GREEDY, melody=Melody(CHROMA, melody, RATE))
    with open_desk(served) as desk:
        desk.submit(lambda: wish, heard)
        song = heard.song()

    # then it is the published one, which differs from that of another melody
    assert np.abs(song - wanted).max() < TOLERANCE < np.abs(wanted).max()
    assert not np.array_equal(published(served, chroma(frames, 2)), codes)


def test_a_window_hears_the_melody_from_where_it_begins_and_over_and_over() -> None:
    melody = Melody(5, np.arange(8, dtype=np.float32)[:, None], RATE)

    heard = [melody.heard(start) for start in (0, 8, 24, 64, -16)]

    found = [values[:, 0].tolist() for values in heard if values is not None]
    assert found == [[0, 1, 2, 3, 4], [1, 2, 3, 4, 5], [3, 4, 5, 6, 7], [0, 1, 2, 3, 4], [6, 7, 0, 1, 2]]
    assert Melody(5).heard(8) is None


def test_a_later_window_is_asked_for_with_the_rest_of_the_melody(checkpoints: Checkpoints) -> None:
    served, melody = checkpoints("melody"), Melody(CHROMA, chroma(60), RATE)
    wish = served.wish(200, words=4, melody=melody)
    context = np.ones((4, 30), np.int64)

    request = request_of("a", wish, Window(1, 0, 30, 60, 0, 80), context, served.pattern, 10)

    told, untold = (row.conditioning for row in request.rows)
    assert isinstance(told, Guide)
    assert isinstance(untold, Guide)
    assert told.melody is not None
    assert np.array_equal(told.melody, chroma(60)[10 : 10 + CHROMA])
    assert (untold.melody, untold.states, untold.words) == (None, None, 4)
    # positions of the melody, of the words, of the first token and of the context
    assert [len(row.prompt) for row in request.rows] == [CHROMA + 4 + 31] * 2
    assert request.positions == CHROMA + 4 + served.pattern.positions(90) - 1


def test_melodies_are_taken_in_in_chunks_and_nobody_notices_another(checkpoints: Checkpoints) -> None:
    # Given songs after melodies of their own, with texts of many lengths, and every third without guidance
    served = checkpoints("stereo melody")

    def wish(number: int) -> Wish:
        melody = Melody(CHROMA, chroma(30, number) if number % 4 else None, RATE)
        guidance = 1.0 if number % 3 == 0 else 3.0
        return served.wish(9 + number, 1 + number % 7, seed=number, melody=melody, guidance=guidance)

    together, alone = (Scheduler(served.open(SETTINGS), Limits(prompt_chunk=16)) for _ in range(2))
    events = []
    for number in range(10):
        together.submit(served.request(str(number), wish(number), 8))
        events += together.step()
    events += drain(together)

    for number in range(10):
        alone.submit(served.request(str(number), wish(number), 8))
        assert tokens_of(events, str(number)) == tokens_of(drain(alone), str(number))


class Counted:
    """A session that counts its runs."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self.runs = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run_with_iobinding(self, binding: onnxruntime.IOBinding) -> None:
        self.runs += 1
        self._session.run_with_iobinding(binding)


def test_what_no_melody_is_taken_in_as_is_computed_once(checkpoints: Checkpoints) -> None:
    # Given chunks of eight positions, of which three are a melody
    served = checkpoints("melody")
    step: Any = Counted(open_session(served.step, 1))
    prefix = open_session(served.folder / PREFIX, 1)
    scheduler = Scheduler(PrefixedModel(step, prefix, served.pattern, CodeBookSettings(300, 2, 16)), Limits(8, 8))
    wish = served.wish(20, sampling=GREEDY)
    followed = served.wish(20, sampling=GREEDY, melody=Melody(CHROMA, chroma(CHROMA), RATE))

    # when one song after the other is drawn
    drawn, runs = [], []
    for number, wanted in enumerate((wish, wish, followed, wish)):
        before = step.runs
        scheduler.submit(served.request(str(number), wanted, 8))
        drawn.append(tokens_of(drain(scheduler), str(number)))
        runs.append(step.runs - before)

    # then the second row of the first song has those of the first row, and later ones have them in both
    steps = served.pattern.positions(20) - 1
    assert runs == [steps + 5, steps + 2, steps + 5, steps + 2]
    assert drawn[0] == drawn[1] == drawn[3] != drawn[2]


@pytest.mark.parametrize(
    ("guide", "words"),
    [
        (Guide(9, melody=chroma(CHROMA - 1), words=3), r"the melody has shape \[23, 12\], it must be \[24, 12\]"),
        (Guide(9), r"shape \[0, 24\], it must be \[1 to 16 words, 24\]"),
        (Guide(9, np.zeros((17, 24), np.float32)), r"shape \[17, 24\], it must be \[1 to 16 words, 24\]"),
        (None, "is a NoneType, it must be a Guide"),
    ],
)
def test_what_does_not_fit_is_refused(checkpoints: Checkpoints, guide: Guide | None, words: str) -> None:
    with pytest.raises(StepGraphError, match=words):
        checkpoints("melody").open(SETTINGS).open(0, guide)


def test_models_of_other_kinds_refuse_melodies(checkpoints: Checkpoints) -> None:
    served = checkpoints("mono")
    request, scheduler = served.request("a", served.wish(9), 5), Scheduler(served.open(SETTINGS), Limits())
    guide = Guide(9, served.states, chroma(CHROMA))

    scheduler.submit(replace(request, row=Row(request.row.prompt, guide)))

    events = drain(scheduler)
    assert "this model hears no melodies" in str(end_of(events, "a").error)


def test_a_song_takes_memory_and_positions_for_what_stands_before_it(checkpoints: Checkpoints) -> None:
    # Two layers of four heads: keys and values of 100 positions, 24 frames of a melody and 16 words, of 8 numbers each
    served = checkpoints("melody")
    row = 4 * 2 * 2 * 4 * (100 + CHROMA + 16) * 8
    model = served.open(CodeBookSettings(100, 5, 16, 3 * row))

    scheduler = Scheduler(model, Limits())
    scheduler.submit(served.request("fits", served.wish(96, words=4), 50))

    assert (model.slots, model.context) == (3, 100 + CHROMA + 16)
    assert end_of(drain(scheduler), "fits").outcome is Outcome.LENGTH
    with pytest.raises(StepGraphError, match=f"a guided song takes {2 * row} bytes"):
        served.open(CodeBookSettings(100, 5, 16, 2 * row - 1))


def sound(seconds: float, channels: int = 1, seed: int = 5) -> Floats:
    """Noise whose loudest class changes."""
    made: Floats = np.random.default_rng(seed).normal(0, 0.2, (channels, int(400 * seconds))).astype(np.float32)
    return made


def follow(service: MusicGenService, melody: Floats | None, **fields: Any) -> Floats:
    listener = Waiting()
    service.submit(document(**fields), listener, None, melody)
    return listener.song()


def test_a_request_may_have_a_melody(checkpoints: Checkpoints) -> None:
    with open_service(checkpoints("stereo melody")) as service:
        song = follow(service, sound(3, 2), duration_seconds=2)

        # it is another song than without, or with another melody, and the same again
        assert song.shape == (2, 800)
        assert not np.array_equal(song, follow(service, None, duration_seconds=2))
        assert not np.array_equal(song, follow(service, sound(3, 2, 6), duration_seconds=2))
        assert np.array_equal(song, follow(service, sound(3, 2), duration_seconds=2))
        assert service.cached().hits == 1
        # channels are mixed
        assert np.array_equal(song, follow(service, sound(3, 2).mean(axis=0, keepdims=True), duration_seconds=2))


def test_of_a_melody_as_much_is_heard_as_the_song_is_long(checkpoints: Checkpoints) -> None:
    # Given songs of several windows of four seconds, and melodies that differ from their ninth second on
    with open_service(checkpoints("melody")) as service:
        melody = sound(14)
        other = np.concatenate([melody[:, :3600], sound(5, seed=9)], axis=1)

        songs = [follow(service, given, duration_seconds=9) for given in (melody, other)]
        longer = [follow(service, given, duration_seconds=13) for given in (melody, other)]

    # then the shorter song does not know, and the longer one is the same until a window hears it
    assert np.array_equal(songs[0], songs[1])
    assert songs[0].shape == (1, 3600)
    apart = np.flatnonzero((longer[0] != longer[1])[0])[0] / 400
    assert 4 < apart < 9.5


@pytest.mark.parametrize(
    ("kind", "melody", "words"),
    [
        ("mono", sound(1), "MELODY must not be given: this model hears no melodies"),
        ("melody", sound(1)[0], r"MELODY must be FP32 with a shape of \[1 or 2, samples\], not float32 of \[400\]"),
        ("melody", sound(1, 3), r"not float32 of \[3, 400\]"),
        ("melody", sound(1)[:, :0], "MELODY must have samples"),
        ("melody", np.full((1, 9), np.nan, np.float32), "MELODY must hold finite numbers only"),
    ],
)
def test_a_melody_that_cannot_be_followed_is_refused(
    checkpoints: Checkpoints, kind: str, melody: Floats, words: str
) -> None:
    with open_service(checkpoints(kind)) as service, pytest.raises(AudioRequestError, match=words):
        service.submit(document(), Waiting(), None, melody)
