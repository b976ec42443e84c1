"""Songs as samples, heard while they are made, equal to what the published model decodes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest

from tests.musicgen.checkpoints import ALL_KINDS
from tests.musicgen_serving.conftest import WORDS, Checkpoints, Served
from triton_models.code_books.frames import FrameReader
from triton_models.codec_stream.channels import rows_of
from triton_models.codec_stream.decoding import Codes, Floats, Memory
from triton_models.generation_core.errors import QueueFullError, RequestCancelledError, SchedulerClosedError
from triton_models.generation_core.request import Sampling
from triton_models.generation_core.runner import Runner
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.musicgen.codec import CodecSessions, open_codec
from triton_models.musicgen.desk import Desk
from triton_models.musicgen.instrument import Instrument
from triton_models.musicgen.result_cache import ResultCache
from triton_models.musicgen.songs import Wish
from triton_models.musicgen.window_plan import WindowSizes
from triton_models.step_graph.code_books import CodeBookSettings

PATIENCE = 60.0
FRAMES = 200
TOLERANCE = 1e-4
# The slots have 260 positions.
SIZES = WindowSizes(256, 100, 17)


class Waiting:
    """A listener that keeps what it hears; `wants` is how many parts it stays for."""

    def __init__(self, wants: int = 1000) -> None:
        self.parts: list[Floats] = []
        self.starts: list[int] = []
        self.error: Exception | None = None
        self.begun, self.ended = threading.Event(), threading.Event()
        self._wants = wants

    def is_gone(self) -> bool:
        return len(self.parts) >= self._wants

    def hear(self, samples: Floats, start: int) -> None:
        assert not self.ended.is_set()
        self.starts.append(start)
        self.parts.append(samples)
        self.begun.set()

    def finished(self) -> None:
        assert not self.ended.is_set()
        self.ended.set()

    def failed(self, error: Exception) -> None:
        self.error = error
        self.finished()

    def song(self) -> Floats:
        assert self.ended.wait(PATIENCE)
        assert self.error is None
        return np.concatenate(self.parts, axis=1)


class Broken:
    """A codec that fails on one book's code."""

    def __init__(self, codec: CodecSessions) -> None:
        self._codec = codec
        self.fails = True

    def latents(self, codes: Codes, memory: Memory) -> tuple[Floats, Memory]:
        if self.fails:
            raise RuntimeError("the codec broke")
        return self._codec.latents(codes, memory)

    def samples(self, latents: Floats) -> Floats:
        return self._codec.samples(latents)


def instrument(served: Served) -> Instrument:
    return Instrument(served.pattern, served.shape, open_codec(served.folder, "float32", 1))


@contextmanager
def open_desk(
    served: Served,
    given: Instrument | None = None,
    sizes: WindowSizes = SIZES,
    most_songs: int = 64,
    slots: int = 6,
    cache: ResultCache | None = None,
) -> Iterator[Desk]:
    model = served.open(CodeBookSettings(260, slots, 16))
    runner = Runner(Scheduler(model, Limits()), "musicgen")
    desk = Desk(runner, given or instrument(served), sizes, most_songs, cache)
    try:
        yield desk
    finally:
        desk.close()


def greedy(served: Served, frames: int = FRAMES) -> Callable[[], Wish]:
    return partial(served.wish, frames, sampling=Sampling(temperature=0.0))


def fail(asked: threading.Event) -> Wish:
    asked.set()
    raise RuntimeError("the text broke")


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_song_sounds_as_the_published_model_has_it(checkpoints: Checkpoints, kind: str) -> None:
    served, heard = checkpoints(kind), Waiting()
    steps = served.pattern.positions(FRAMES) - 1
    codes = FrameReader(served.pattern).take(served.reference.generate(WORDS, np.ones_like(WORDS), steps, 3.0).codes.T)
    wanted = served.codec.decode(rows_of(codes, served.pattern.channels))[:, 0]

    with open_desk(served) as desk:
        desk.submit(greedy(served), heard)
        song = heard.song()

    assert song.shape == (served.pattern.channels, FRAMES * served.shape.hop)
    assert np.abs(song - wanted).max() < TOLERANCE < np.abs(wanted).max()
    # and it could be heard from early on, in parts that grew
    lengths = [part.shape[1] for part in heard.parts]
    assert lengths[0] <= 2 * served.shape.sampling_rate // 2
    assert len(lengths) >= 3
    assert max(lengths) > lengths[0]


def test_equal_wishes_give_equal_sound_whoever_else_is_heard(checkpoints: Checkpoints) -> None:
    served = checkpoints("stereo")
    listeners = [Waiting() for _ in range(6)]
    with open_desk(served) as desk:
        for number, listener in enumerate(listeners):
            desk.submit(partial(served.wish, 40 + 7 * (number % 3), seed=number % 3), listener)
        first, second, third, *again = (listener.song() for listener in listeners)

    assert [np.array_equal(one, other) for one, other in zip((first, second, third), again, strict=True)] == [True] * 3
    assert not np.array_equal(first[:, :200], second[:, :200])


def test_who_leaves_ends_the_song_and_the_next_one_has_the_slots(checkpoints: Checkpoints) -> None:
    served = checkpoints("mono")
    gone, stays = Waiting(wants=1), Waiting()
    with open_desk(served) as desk:
        desk.submit(greedy(served), gone)
        assert gone.ended.wait(PATIENCE)
        desk.submit(greedy(served, 30), stays)
        assert stays.song().shape == (1, 30 * served.shape.hop)

    assert isinstance(gone.error, RequestCancelledError)
    assert sum(part.shape[1] for part in gone.parts) < FRAMES * served.shape.hop


def test_a_codec_that_fails_ends_the_songs_that_it_failed_on(checkpoints: Checkpoints) -> None:
    served = checkpoints("mono")
    broken = Broken(open_codec(served.folder, "float32", 1))
    failed, whole = Waiting(), Waiting()
    with open_desk(served, Instrument(served.pattern, served.shape, broken)) as desk:
        desk.submit(greedy(served), failed)
        assert failed.ended.wait(PATIENCE)
        broken.fails = False
        desk.submit(greedy(served, 30), whole)
        assert whole.song().shape == (1, 30 * served.shape.hop)

    assert str(failed.error) == "the codec broke"


def test_who_is_one_too_many_is_refused_before_anything_is_read(checkpoints: Checkpoints) -> None:
    served, heard = checkpoints("mono"), [Waiting() for _ in range(2)]
    asked = threading.Event()
    with open_desk(served, most_songs=2) as desk:
        for listener in heard:
            desk.submit(greedy(served, 30), listener)
        with pytest.raises(QueueFullError, match="2 requests"):
            desk.submit(lambda: fail(asked), Waiting())
        for listener in heard:
            assert listener.song().shape[1] == 30 * served.shape.hop
        again = Waiting()
        desk.submit(greedy(served, 30), again)
        assert np.array_equal(again.song(), heard[0].song())
    assert not asked.is_set()


def test_what_cannot_be_read_ends_its_own_song_alone(checkpoints: Checkpoints) -> None:
    served, failed, whole = checkpoints("mono"), Waiting(), Waiting()
    asked = threading.Event()
    with open_desk(served) as desk:
        desk.submit(lambda: fail(asked), failed)
        desk.submit(greedy(served, 30), whole)
        assert whole.song().shape[1] == 30 * served.shape.hop

    assert asked.is_set()
    assert str(failed.error) == "the text broke"


def test_closing_tells_who_still_waits(checkpoints: Checkpoints) -> None:
    served = checkpoints("mono")
    listeners = [Waiting() for _ in range(8)]
    with open_desk(served) as desk:
        for listener in listeners:
            desk.submit(greedy(served, 250), listener)

    assert all(listener.ended.is_set() for listener in listeners)
    assert isinstance(listeners[-1].error, SchedulerClosedError)
