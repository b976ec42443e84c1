"""Many songs at one model: each as if it were alone, cancelled at once, refused when there are too many."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.patience import eventually
from tests.score_writer.scenes import BRIEF, CONTEXT, LANGUAGE, PATIENCE, ChanceModel, Waiting, written
from triton_models.generation_core.errors import QueueFullError, RequestCancelledError, SchedulerClosedError
from triton_models.generation_core.request import Boundaries
from triton_models.generation_core.runner import Runner
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.score_language.conditioning import Wishes
from triton_models.score_language.vocabulary import MOST_BARS_LEFT
from triton_models.score_writer.desk import Desk
from triton_models.score_writer.songs import Finished, Task, task_of
from triton_models.score_writer.windows import Manner, Song, Taste
from triton_models.score_writer.writing import Progress, Writer

CUTS = Boundaries(frozenset(LANGUAGE.vocabulary.id("Bar", left) for left in range(1, MOST_BARS_LEFT + 1)))
BRIEFS = [replace(BRIEF, seed=seed, duration_seconds=8.0 + seed) for seed in range(6)]


@pytest.fixture
def model() -> ChanceModel:
    return ChanceModel()


@pytest.fixture
def runner(model: ChanceModel) -> Runner:
    return Runner(Scheduler(model, Limits(most_waiting=8)), "test-runner")


@pytest.fixture
def desk(model: ChanceModel, runner: Runner) -> Iterator[Desk]:
    made = Desk(runner, CONTEXT, CUTS, most_songs=8)
    yield made
    model.gate.set()
    made.close()


def submit(desk: Desk, seed: int, manner: Manner | None = None) -> Waiting:
    customer = Waiting()
    task = task_of(BRIEFS[seed], None, LANGUAGE, CONTEXT, text=False)
    desk.submit(task, manner or Manner(seed), customer)
    return customer


def test_songs_written_at_once_are_those_written_alone(desk: Desk) -> None:
    manners = [Manner(seed, taste=Taste(guidance=1.0 + seed % 2), owner=str(seed % 3)) for seed in range(6)]

    customers = [submit(desk, seed, manner) for seed, manner in enumerate(manners)]

    for seed, customer in enumerate(customers):
        assert customer.ended.wait(PATIENCE)
        assert customer.error is None
        assert customer.song == written(BRIEFS[seed], manner=manners[seed])


def test_progress_counts_bars_upwards_to_all_of_them(desk: Desk) -> None:
    customer = submit(desk, 0)

    assert customer.ended.wait(PATIENCE)
    bars = [bars for bars, _ in customer.told]
    assert bars == sorted(set(bars))
    assert customer.told[-1] == (4, 4)


async def test_a_song_that_nobody_wants_any_more_ends_and_leaves_its_slot(
    desk: Desk, runner: Runner, model: ChanceModel
) -> None:
    customer, other = submit(desk, 5), submit(desk, 0)
    assert customer.begun.wait(PATIENCE)
    model.gate.clear()
    customer.gone = True
    model.gate.set()

    assert customer.ended.wait(PATIENCE)
    if customer.song is None:
        assert isinstance(customer.error, RequestCancelledError)
    assert other.ended.wait(PATIENCE)
    assert other.song == written(BRIEFS[0])
    await eventually(lambda: runner.snapshot().active_slots == 0)


def test_more_songs_than_there_is_room_for_are_refused_at_once(desk: Desk, model: ChanceModel) -> None:
    model.gate.clear()
    customers = [submit(desk, 0) for _ in range(8)]

    with pytest.raises(QueueFullError, match="8 requests are waiting already"):
        submit(desk, 0)

    model.gate.set()
    assert all(customer.ended.wait(PATIENCE) and customer.song for customer in customers)
    assert submit(desk, 0).ended.wait(PATIENCE)


def test_a_song_that_fails_is_told_and_hurts_no_other(desk: Desk) -> None:
    def broken() -> Song[Finished]:
        yield from Writer(LANGUAGE, CONTEXT, Wishes()).plan()
        raise ZeroDivisionError("a bug")

    failing = Waiting()

    desk.submit(Task(broken(), Progress()), Manner(1), failing)
    other = submit(desk, 1)

    assert failing.ended.wait(PATIENCE)
    assert repr(failing.error) == "ZeroDivisionError('a bug')"
    assert other.ended.wait(PATIENCE)
    assert other.song is not None


def test_closing_ends_every_song(model: ChanceModel, runner: Runner) -> None:
    desk = Desk(runner, CONTEXT, CUTS)
    customers = [submit(desk, seed) for seed in range(6)]
    assert customers[0].begun.wait(PATIENCE)

    desk.close()

    assert all(customer.ended.is_set() for customer in customers)
    ends = [customer.error for customer in customers if customer.song is None]
    assert all(isinstance(error, SchedulerClosedError) for error in ends)
    with pytest.raises(SchedulerClosedError):
        submit(desk, 0)
