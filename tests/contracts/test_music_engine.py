"""What every music engine promises, held against Triton, with and without shared memory, and the twin."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
from tritonclient.grpc.aio import InferenceServerClient

from adapters import triton
from adapters.memory.music_engine import MemoryEngine
from domain.generation.outline import ScoreOutline
from domain.kit.audio.music_engine import (
    SAMPLE_RATE,
    MusicEngine,
    RenderedChunk,
    RenderEvent,
    RenderFinished,
    RenderProgress,
)
from domain.kit.errors import DependencyUnavailable, EngineRefused
from domain.kit.queue import QueueName
from tests.contracts.closed_port import closed_address
from tests.contracts.music_engines import SCORE_MODEL, SECONDS, brief, on_triton, task, written

SHARED_MEMORY = Path("/dev", "shm")


async def score_of(engine: MusicEngine, seconds: float = SECONDS) -> tuple[bytes, tuple[str, ...]]:
    """A score and the names of its tracks."""
    score = (await written(engine, task(brief(duration_seconds=seconds)))).score
    return score, ScoreOutline.parse(score).track_ids


async def rendered(engine: MusicEngine, seconds: float = SECONDS, *, with_stems: bool = True) -> list[RenderEvent]:
    score, stems = await score_of(engine, seconds)
    return await played(engine, score, seconds, stems if with_stems else ())


async def played(engine: MusicEngine, score: bytes, seconds: float, stems: tuple[str, ...]) -> list[RenderEvent]:
    async with aclosing(
        engine.render(score, duration_seconds=seconds, stem_names=stems, queue=QueueName.STANDARD)
    ) as events:
        return [event async for event in events]


def chunks_of(events: list[RenderEvent]) -> list[RenderedChunk]:
    return [event for event in events if isinstance(event, RenderedChunk)]


async def test_every_text_becomes_a_vector_of_length_one(engine: MusicEngine) -> None:
    texts = ["calm piano", "", "Grüße 🎹", "a long text " * 200, "calm piano"]
    vectors = await engine.embed(texts)
    assert (vectors.shape, vectors.dtype) == ((5, 384), np.dtype(np.float32))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(5), abs=1e-3)
    assert vectors[0] @ vectors[4] == pytest.approx(1.0, abs=1e-3)
    assert vectors[0] @ vectors[2] < 0.9


async def test_no_texts_become_no_vectors(engine: MusicEngine) -> None:
    assert (await engine.embed([])).shape == (0, 384)


async def test_more_texts_than_one_batch_keep_their_places(engine: MusicEngine) -> None:
    texts = [f"song number {number} " + "la " * (number % 40) for number in range(70)]
    together = await engine.embed(texts)
    alone = await engine.embed(texts[63:64])
    assert together[63] @ alone[0] == pytest.approx(1.0, abs=1e-2)


async def test_a_brief_becomes_a_score_and_the_same_music_as_midi(engine: MusicEngine) -> None:
    composition = await written(engine, task(brief()))
    outline = ScoreOutline.parse(composition.score)
    assert (outline.title, outline.genre, outline.key) == ("Evening", "lofi hip hop", "A minor")
    assert (outline.bpm, outline.meter) == (84.0, "4/4")
    assert len(outline.track_ids) > 1
    assert composition.score.startswith(b"{")
    assert b'"cadenza.score/1"' in composition.score[:60]
    # A Standard MIDI File begins with the chunk "MThd" of six bytes.
    assert composition.midi[:8] == b"MThd\x00\x00\x00\x06"


async def test_a_brief_that_cannot_be_composed_is_refused_in_words(engine: MusicEngine) -> None:
    with pytest.raises(EngineRefused) as refusal:
        await written(engine, task(brief(duration_seconds=4.0)))
    assert refusal.value.engine_code == "INVALID_BRIEF"
    assert "duration_seconds" in refusal.value.detail


@pytest.mark.parametrize("score", [b"no score", b"{}", b"[]", b'{"schema": "cadenza.score/1", "tracks": []}'])
async def test_a_score_that_cannot_be_played_is_refused(engine: MusicEngine, score: bytes) -> None:
    with pytest.raises(EngineRefused) as refusal:
        await played(engine, score, SECONDS, ("bass",))
    assert refusal.value.engine_code == "INVALID_SCORE"


async def test_a_rendering_tells_its_progress_then_gives_its_chunks_then_ends(engine: MusicEngine) -> None:
    events = await rendered(engine)
    kinds = [type(event) for event in events]
    first, last = kinds.index(RenderedChunk), len(kinds) - 1
    assert first > 0
    assert set(kinds[:first]) == {RenderProgress}
    assert set(kinds[first:last]) == {RenderedChunk}
    assert kinds[last] is RenderFinished


async def test_progress_grows_stage_by_stage(engine: MusicEngine) -> None:
    reports = [event for event in await rendered(engine) if isinstance(event, RenderProgress)]
    stages = list(dict.fromkeys(report.stage for report in reports))
    assert stages == ["synthesis", "mastering"]
    for stage in stages:
        parts = [report.progress for report in reports if report.stage == stage]
        assert parts == sorted(parts)
        assert parts[0] >= 0.0
        assert parts[-1] == 1.0


async def test_chunks_add_up_to_the_exact_length_with_every_stem(engine: MusicEngine) -> None:
    events = await rendered(engine)
    _, stems = await score_of(engine)
    chunks, end = chunks_of(events), events[-1]
    frames = round(SECONDS * SAMPLE_RATE)
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert sum(len(chunk.mix) for chunk in chunks) == frames
    assert isinstance(end, RenderFinished)
    assert end.frames == frames
    for chunk in chunks:
        assert tuple(chunk.stems) == stems
        for audio in (chunk.mix, *chunk.stems.values()):
            assert (audio.shape, audio.dtype) == ((len(chunk.mix), 2), np.dtype(np.float32))
            assert np.isfinite(audio).all()
        assert np.abs(chunk.mix).max() <= 1.0


async def test_the_end_says_how_loud_it_is(engine: MusicEngine) -> None:
    end = (await rendered(engine))[-1]
    assert isinstance(end, RenderFinished)
    assert end.loudness_lufs == pytest.approx(-14.0, abs=0.5)
    assert end.true_peak_dbtp <= -1.0 + 0.05


async def test_stems_that_nobody_asked_for_are_left_out(engine: MusicEngine) -> None:
    chunks = chunks_of(await rendered(engine, with_stems=False))
    assert [dict(chunk.stems) for chunk in chunks] == [{}] * len(chunks)
    assert sum(len(chunk.mix) for chunk in chunks) == round(SECONDS * SAMPLE_RATE)


@pytest.mark.parametrize("after", [RenderProgress, RenderedChunk])
async def test_closing_early_stops_the_work_so_that_the_next_song_is_served(
    engine: MusicEngine, after: type[RenderEvent]
) -> None:
    # given songs on both of the renderer's threads, and nobody who wants them any more
    await asyncio.gather(*(abandon(engine, after) for _ in range(2)))
    # when the next song is asked for
    started = time.monotonic()
    events = await rendered(engine)
    # then it comes at once: neither after half an hour of music nor after the renderer's patience with a full ring
    assert isinstance(events[-1], RenderFinished)
    assert time.monotonic() - started < 15.0


async def abandon(engine: MusicEngine, after: type[RenderEvent]) -> None:
    """Starts a song and closes its stream at the first event of this kind."""
    seconds = 1800.0 if after is RenderProgress else 90.0
    score, stems = await score_of(engine, seconds)
    async with aclosing(
        engine.render(score, duration_seconds=seconds, stem_names=stems, queue=QueueName.STANDARD)
    ) as events:
        async for event in events:
            if isinstance(event, after):
                return


async def test_all_models_that_must_be_there_are_ready(engine: MusicEngine) -> None:
    statuses = [status for status in await engine.models() if status.name != SCORE_MODEL]
    assert [(status.name, status.version, status.ready) for status in statuses] == [
        ("text_embedding", "1", True),
        ("composer", "1", True),
        ("renderer", "1", True),
    ]


async def test_audio_is_the_same_with_and_without_shared_memory(client: InferenceServerClient) -> None:
    shared, plain = [chunks_of(await rendered(on_triton(client, shared))) for shared in (True, False)]
    assert len(shared) == len(plain) == 3
    for one, other in zip(shared, plain, strict=True):
        assert np.array_equal(one.mix, other.mix)
        assert all(np.array_equal(one.stems[name], other.stems[name]) for name in other.stems)
        assert np.abs(one.mix).max() > 0.05


@pytest.mark.parametrize("closes_early", [False, True])
async def test_the_shared_memory_is_gone_afterwards(client: InferenceServerClient, closes_early: bool) -> None:
    score, stems = await score_of(on_triton(client, True))
    before = own_rings()
    during: set[str] = set()
    stream = on_triton(client, True).render(
        score, duration_seconds=SECONDS, stem_names=stems, queue=QueueName.INTERACTIVE
    )
    async with aclosing(stream) as events:
        async for _ in events:
            during |= own_rings() - before
            if closes_early:
                break
    assert len(during) == 1
    assert not any((SHARED_MEMORY / name).exists() for name in during)


def own_rings() -> set[str]:
    """Rings that this process has mapped; others may use theirs at the same time."""
    maps = Path("/proc", str(os.getpid()), "maps").read_text().splitlines()
    return {line.split("/")[-1] for line in maps if "/cadenza-ring-" in line and "(deleted)" not in line}


@pytest.fixture(params=["triton", "memory"])
async def unreachable(request: pytest.FixtureRequest) -> AsyncGenerator[MusicEngine, None]:
    if request.param == "memory":
        yield MemoryEngine(is_down=True)
        return
    client = triton.connect(closed_address())
    yield on_triton(client, shared_memory=True)
    await client.close()


@pytest.mark.timeout(20)
async def test_an_engine_out_of_reach_says_so(unreachable: MusicEngine) -> None:
    with pytest.raises(DependencyUnavailable) as failure:
        await unreachable.embed(["calm piano"])
    assert failure.value.dependency == "Triton"
    with pytest.raises(DependencyUnavailable):
        await written(unreachable, task(brief()))
    with pytest.raises(DependencyUnavailable):
        await unreachable.models()
    with pytest.raises(DependencyUnavailable):
        await played(unreachable, b"{}", SECONDS, ())
