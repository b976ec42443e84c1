"""What every model promises that writes scores bar by bar and changes them, held against Triton and the twin."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from tritonclient.grpc.aio import InferenceServerClient

from domain.generation.outline import ScoreOutline
from domain.kit.audio.music_engine import COMPOSER, MusicEngine, ScoreChange, WritingProgress
from domain.kit.errors import DependencyUnavailable, EngineRefused
from tests.contracts.music_engines import SCORE_MODEL, brief, open_engine, task, told, written
from triton_models.score.document import from_json
from triton_models.score.model import Note, Score

SECONDS = 34.0
BAR = 4 * 60 / 84  # of the usual brief, in seconds
ENGINES = ("triton-grpc", "memory")


@pytest.fixture(params=ENGINES)
def composing(request: pytest.FixtureRequest, client: InferenceServerClient) -> MusicEngine:
    return open_engine(request.param, client)


@pytest.fixture
async def engine(composing: MusicEngine) -> MusicEngine:
    """One that has the model: its weights come with the repository."""
    assert {status.name: status.ready for status in await composing.models()}[SCORE_MODEL]
    return composing


async def by_rule(engine: MusicEngine) -> bytes:
    """A score of the composer, as most songs have."""
    return (await written(engine, task(brief(duration_seconds=SECONDS)))).score


async def changed(engine: MusicEngine, score: bytes, lasting: float = SECONDS, **fields: Any) -> Score:
    """The score with one change made to it; it now is to last so many seconds."""
    wish = brief(duration_seconds=lasting, seed=11)
    return from_json((await written(engine, task(wish, SCORE_MODEL, change=ScoreChange(score, fields)))).score)


def notes(score: Score) -> Mapping[str, tuple[Note, ...]]:
    return {track.id: track.notes for track in score.tracks}


def bars_that_differ(one: Score, other: Score) -> set[int]:
    """In which bars of four quarters another note begins, of the tracks that both have.

    A performed note belongs to the bar of the nearest twelfth of a beat; at a join it may end where its pitch begins.
    """
    before, after = notes(one), notes(other)
    differ = [start for name in before for start, _, _ in _begun(before[name]) ^ _begun(after.get(name, ()))]
    return {int((start * 12 + 0.5) // 48) for start in differ}


def _begun(row: Sequence[Note]) -> set[tuple[float, int, int]]:
    return {(note.start, note.pitch, note.velocity) for note in row}


async def test_a_new_song_is_told_bar_by_bar(engine: MusicEngine) -> None:
    text = (await engine.embed(["slow evening"]))[0]
    *before, last = await told(engine, task(brief(duration_seconds=SECONDS), SCORE_MODEL, text))
    progress = [(event.bars, event.of) for event in before if isinstance(event, WritingProgress)]
    assert len(progress) == len(before) > 1
    assert progress == sorted(progress)
    assert progress[-1][0] <= progress[-1][1]
    assert not isinstance(last, WritingProgress)
    outline, score = ScoreOutline.parse(last.score), from_json(last.score)
    assert (outline.title, outline.key, outline.meter) == ("Evening", "A minor", "4/4")
    assert outline.bpm == pytest.approx(84.0)
    assert score.duration_seconds >= SECONDS - BAR
    assert any(track.notes for track in score.tracks)
    assert last.midi[:8] == b"MThd\x00\x00\x00\x06"


async def test_equal_tasks_give_equal_scores_and_other_seeds_others(engine: MusicEngine) -> None:
    wish = brief(duration_seconds=SECONDS)
    first, second = [(await written(engine, task(wish, SCORE_MODEL))).score for _ in range(2)]
    other = (await written(engine, task({**wish, "seed": 8}, SCORE_MODEL))).score
    assert first == second
    assert notes(from_json(other)) != notes(from_json(first))


async def test_a_song_goes_on_behind_what_there_is(engine: MusicEngine) -> None:
    parent = await by_rule(engine)
    before, after = from_json(parent), await changed(engine, parent, SECONDS + 12, kind="extend", seconds=12.0)
    assert after.duration_seconds == pytest.approx(before.duration_seconds + 12, abs=BAR + 1.5)
    # the last bar rang out, and goes on now
    last = math.ceil(before.duration_beats / 4 - 1e-3) - 1
    assert min(bars_that_differ(before, after)) >= last


async def test_only_the_bars_that_a_range_touches_are_written_anew(engine: MusicEngine) -> None:
    parent = await by_rule(engine)
    start, end = 3.5 * BAR, 6.5 * BAR
    after = await changed(engine, parent, kind="repaint", from_seconds=start, to_seconds=end)
    assert bars_that_differ(from_json(parent), after) <= {3, 4, 5, 6}
    assert bars_that_differ(from_json(parent), after)
    assert {track.id for track in from_json(parent).tracks} == {track.id for track in after.tracks}


async def test_a_layer_leaves_all_others_as_they_are(engine: MusicEngine) -> None:
    parent = await by_rule(engine)
    before, after = notes(from_json(parent)), notes(await changed(engine, parent, kind="layer", instrument="violin"))
    (added,) = set(after) - set(before)
    assert after[added]
    assert {name: after[name] for name in before} == before


async def test_a_variation_is_as_long_and_not_the_same(engine: MusicEngine) -> None:
    parent = await by_rule(engine)
    before, after = from_json(parent), await changed(engine, parent, kind="vary", amount=0.5)
    assert after.duration_seconds == pytest.approx(before.duration_seconds, abs=1.5)
    assert bars_that_differ(before, after)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "repaint", "from_seconds": 100.0, "to_seconds": 110.0},
        {"kind": "backwards"},
    ],
)
async def test_what_cannot_be_changed_is_refused_in_words(engine: MusicEngine, fields: dict[str, Any]) -> None:
    parent = await by_rule(engine)
    with pytest.raises(EngineRefused) as refusal:
        await changed(engine, parent, **fields)
    assert refusal.value.engine_code == "INVALID_EDIT"
    assert refusal.value.detail


async def test_a_wish_that_cannot_be_written_is_refused(engine: MusicEngine) -> None:
    with pytest.raises(EngineRefused) as refusal:
        await written(engine, task(brief(duration_seconds=4.0), SCORE_MODEL))
    assert refusal.value.engine_code == "INVALID_BRIEF"


async def test_the_composer_changes_nothing(composing: MusicEngine) -> None:
    change = ScoreChange(b"{}", {"kind": "vary", "amount": 0.5})
    with pytest.raises(EngineRefused) as refusal:
        await written(composing, task(brief(), COMPOSER, change=change))
    assert refusal.value.engine_code == "INVALID_EDIT"


async def test_a_model_that_is_away_is_an_outage(composing: MusicEngine) -> None:
    with pytest.raises(DependencyUnavailable):
        await written(composing, task(brief(), "nobody_serves_this", np.zeros(384, np.float32)))
