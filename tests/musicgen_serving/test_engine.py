"""The port to models of sound, on a real Triton with tiny checkpoints: cards, songs, refusals, and who leaves."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import pytest
from tritonclient.grpc.aio import InferenceServerClient

from adapters import triton
from adapters.triton_audio import TritonAudioEngine
from domain.kit.audio.audio_engine import AudioModel, AudioSection, AudioTask, Beginning
from domain.kit.audio.music_engine import SAMPLE_RATE, RenderedChunk, RenderEvent, RenderFinished
from domain.kit.errors import DependencyUnavailable, EngineRefused
from domain.kit.queue import QueueName
from tests.contracts.closed_port import closed_port
from tests.musicgen_serving.conftest import TRITON_KINDS


@pytest.fixture
async def client(url: str) -> AsyncIterator[InferenceServerClient]:
    client = triton.connect(url)
    yield client
    await client.close()


@pytest.fixture
def engine(client: InferenceServerClient) -> TritonAudioEngine:
    return TritonAudioEngine(client)


def task(model: str, seconds: float = 3.0, seed: int = 1, prompt: str = "warm jazz") -> AudioTask:
    return AudioTask(model, [AudioSection(prompt, seconds)], seed, "01J00000000000000000000000", QueueName.INTERACTIVE)


async def heard(engine: TritonAudioEngine, wanted: AudioTask) -> Sequence[RenderEvent]:
    async with aclosing(engine.generate(wanted)) as events:
        return [event async for event in events]


async def test_a_model_with_a_card_is_told_of(engine: TritonAudioEngine) -> None:
    kinds = sorted(await engine.audio_models(), key=lambda model: model.id)
    assert kinds == [
        AudioModel(
            f"tiny-{kind}", f"tiny_{kind}", "1", f"Tiny {kind}", "Noise.", "mit", True, 4.0, kind == "melody", True
        )
        for kind in sorted(TRITON_KINDS)
    ]


@pytest.mark.parametrize("kind", TRITON_KINDS)
async def test_a_song_has_the_length_that_was_asked_and_is_the_same_again(engine: TritonAudioEngine, kind: str) -> None:
    songs = await asyncio.gather(*(heard(engine, task(f"tiny_{kind}", seed=seed)) for seed in (1, 2, 1)))

    *chunks, last = songs[0]
    assert isinstance(last, RenderFinished)
    assert last.frames == 3 * SAMPLE_RATE
    assert -70 < last.loudness_lufs < -5
    assert [chunk.index for chunk in chunks if isinstance(chunk, RenderedChunk)] == list(range(len(chunks)))
    whole = [np.concatenate([event.mix for event in song if isinstance(event, RenderedChunk)]) for song in songs]
    assert {song.shape for song in whole} == {(3 * SAMPLE_RATE, 2)}
    assert np.array_equal(whole[0], whole[2])
    assert not np.array_equal(whole[0], whole[1])
    assert np.abs(whole[0]).max() <= 1.0


async def test_a_song_of_parts_is_longer_than_a_window_and_is_the_same_again(engine: TritonAudioEngine) -> None:
    parts = [AudioSection("only drums", 2.5), AudioSection("warm jazz", 4.0)]
    wanted = replace(task("tiny_stereo"), sections=parts)
    first, second = [await heard(engine, wanted) for _ in range(2)]
    whole = [
        np.concatenate([event.mix for event in song if isinstance(event, RenderedChunk)]) for song in (first, second)
    ]
    assert whole[0].shape == (round(6.5 * SAMPLE_RATE), 2)
    assert np.array_equal(whole[0], whole[1])


@pytest.mark.parametrize("kind", TRITON_KINDS)
async def test_what_goes_on_begins_with_its_lead(engine: TritonAudioEngine, kind: str) -> None:
    # given the end of a recording, low enough for these models
    time = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    tone = (0.2 * np.sin(2 * np.pi * 55 * time)).astype(np.float32)
    before = Beginning(np.repeat(tone[:, None], 2, axis=1), SAMPLE_RATE // 10)
    # when a model goes on with it, and with it at half its level
    soft = Beginning(before.samples / 2, before.lead_frames)
    made = []
    for beginning in (before, soft):
        *chunks, last = await heard(engine, replace(task(f"tiny_{kind}", 2.0), beginning=beginning))
        assert isinstance(last, RenderFinished)
        assert last.frames == 2 * SAMPLE_RATE + SAMPLE_RATE // 10
        made.append(np.concatenate([event.mix for event in chunks if isinstance(event, RenderedChunk)]))
    # then it is as long as was asked with the lead, and does not fade
    assert {song.shape for song in made} == {(2 * SAMPLE_RATE + SAMPLE_RATE // 10, 2)}
    assert np.abs(made[0][-SAMPLE_RATE // 4 :]).max() > 0
    assert not np.array_equal(made[0], made[1])


async def test_a_song_follows_a_recording(engine: TritonAudioEngine) -> None:
    recording = np.random.default_rng(2).normal(0, 0.2, (2 * SAMPLE_RATE, 2)).astype(np.float32)
    songs = [
        await heard(engine, replace(task("tiny_melody", 2.0), melody=melody))
        for melody in (recording, recording[::-1].copy(), recording)
    ]
    first, other, again = (
        np.concatenate([event.mix for event in song if isinstance(event, RenderedChunk)]) for song in songs
    )
    assert first.shape == (2 * SAMPLE_RATE, 2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


async def test_what_is_refused_is_refused_in_the_models_words(engine: TritonAudioEngine) -> None:
    with pytest.raises(EngineRefused, match="prompt must say something"):
        await heard(engine, task("tiny_mono", prompt=" "))


async def test_a_model_that_is_not_there_is_an_outage(engine: TritonAudioEngine) -> None:
    with pytest.raises(DependencyUnavailable):
        await heard(engine, task("tiny_nothing"))


async def test_who_leaves_makes_room_for_others(engine: TritonAudioEngine) -> None:
    # given more songs than there are slots, each left when its first part was heard
    async def left(seed: int) -> bool:
        async with aclosing(engine.generate(task("tiny_mono", 4.0, seed))) as events:
            return isinstance(await anext(events), RenderedChunk)

    assert await asyncio.gather(*(left(seed) for seed in range(20))) == [True] * 20
    # then another one is made
    *_, last = await heard(engine, task("tiny_mono", 1.0))
    assert isinstance(last, RenderFinished)


async def test_a_server_out_of_reach_is_an_outage() -> None:
    client = triton.connect(f"127.0.0.1:{closed_port()}")
    engine = TritonAudioEngine(client)
    with pytest.raises(DependencyUnavailable):
        await engine.audio_models()
    with pytest.raises(DependencyUnavailable):
        await heard(engine, task("tiny_mono"))
    await client.close()
