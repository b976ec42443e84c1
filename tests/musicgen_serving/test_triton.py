"""A checkpoint's graphs in a real Triton: samples while they are made, refusals in words, and cancels."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from tritonclient.grpc import InferInput
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from deploy.embedded.state import read_state
from tests.embedded.conftest import LiveStack
from tests.musicgen_serving.conftest import TRITON_KINDS, Checkpoints
from tests.musicgen_serving.test_service import document, sections

Parts = list[tuple[dict[str, Any], NDArray[np.float32]]]


async def heard(
    url: str,
    kind: str,
    most: int | None = None,
    reference: NDArray[np.float32] | None = None,
    melody: NDArray[np.float32] | None = None,
    **fields: Any,
) -> Parts:
    """All parts of a song, or the first ones, behind which the stream is left."""
    tensors = [InferInput("REQUEST", [1], "BYTES")]
    tensors[0].set_data_from_numpy(np.array([document(**fields)], dtype=np.object_))
    for name, samples in (("REFERENCE", reference), ("MELODY", melody)):
        if samples is not None:
            tensors.append(InferInput(name, list(samples.shape), "FP32"))
            tensors[-1].set_data_from_numpy(samples)

    async def requests() -> AsyncIterator[dict[str, Any]]:
        yield {"model_name": f"tiny_{kind}", "inputs": tensors}

    parts: Parts = []
    async with InferenceServerClient(url) as client:
        async for answer, error in client.stream_infer(requests(), stream_timeout=60):
            if error:
                raise error
            parts.append((json.loads(answer.as_numpy("META").item()), answer.as_numpy("AUDIO")))
            if len(parts) == most:
                break
    return parts


@pytest.mark.parametrize("kind", TRITON_KINDS)
async def test_samples_come_part_by_part_and_the_same_each_time(url: str, checkpoints: Checkpoints, kind: str) -> None:
    rate, channels = checkpoints(kind).shape.sampling_rate, checkpoints(kind).pattern.channels

    songs = await asyncio.gather(*(heard(url, kind, duration_seconds=3, seed=seed) for seed in (1, 2, 1)))

    whole = [np.concatenate([samples for _, samples in parts], axis=1) for parts in songs]
    assert {song.shape for song in whole} == {(channels, 3 * rate)}
    assert np.array_equal(whole[0], whole[2])
    assert not np.array_equal(whole[0], whole[1])
    begins = [meta["from_seconds"] for meta, _ in songs[0]]
    lengths = [samples.shape[1] / rate for _, samples in songs[0]]
    assert len(begins) > 2
    assert begins == pytest.approx([sum(lengths[:part]) for part in range(len(lengths))], abs=1e-3)
    assert {meta["sampling_rate"] for meta, _ in songs[0]} == {rate}


def whole(parts: Parts) -> NDArray[np.float32]:
    return np.concatenate([samples for _, samples in parts], axis=1)


async def test_a_long_song_changes_its_text_and_goes_on_with_another(url: str, checkpoints: Checkpoints) -> None:
    # Given a song of two windows in each of its sections, behind a reference
    rate = checkpoints("stereo").shape.sampling_rate
    reference = np.random.default_rng(2).normal(0, 0.2, (1, 2 * rate)).astype(np.float32)
    asked = {**sections(("slow piano", 5), ("fast drums", 6)), "continue": True, "reference": reference}

    songs = await asyncio.gather(*(heard(url, "stereo", **asked) for _ in range(2)))
    again = await heard(url, "stereo", **asked)

    # then it lasts as long as was asked for, and is the same when it is not drawn but remembered
    assert whole(again).shape == (2, 11 * rate)
    assert [np.array_equal(whole(again), whole(each)) for each in songs] == [True, True]
    alone = await heard(url, "stereo", **sections(("slow piano", 5), ("fast drums", 6)))
    assert not np.array_equal(whole(alone), whole(again))


async def test_a_melody_is_followed_by_the_model_that_hears_it(url: str) -> None:
    samples = np.random.default_rng(2).normal(0, 0.2, (2, 900)).astype(np.float32)
    songs = [await heard(url, "melody", melody=melody) for melody in (samples, None, samples[:, ::-1].copy())]
    whole = [np.concatenate([made for _, made in parts], axis=1) for parts in songs]
    assert {song.shape for song in whole} == {(1, 800)}
    assert not any(np.array_equal(whole[0], other) for other in whole[1:])

    with pytest.raises(InferenceServerException, match="INVALID_REQUEST: MELODY must not be given: this model hears"):
        await heard(url, "mono", melody=samples)


async def test_a_reference_that_nothing_is_said_of_is_refused(url: str) -> None:
    with pytest.raises(InferenceServerException, match="INVALID_REQUEST: continue is missing"):
        await heard(url, "mono", reference=np.zeros((1, 400), np.float32))


async def test_a_refusal_says_what_is_wrong(url: str) -> None:
    with pytest.raises(InferenceServerException, match="INVALID_REQUEST: duration_seconds must be between 1 and 300"):
        await heard(url, "mono", duration_seconds=301)


async def test_who_leaves_gives_the_slots_back(url: str) -> None:
    # Given more songs than there are slots, each left when its first part was heard
    left = await asyncio.gather(*(heard(url, "mono", 1, duration_seconds=4, seed=seed) for seed in range(40)))
    assert {len(parts) for parts in left} == {1}

    parts = await heard(url, "mono", duration_seconds=1)

    assert sum(samples.shape[1] for _, samples in parts) == parts[0][0]["sampling_rate"]


async def test_the_scheduler_is_seen_in_the_metrics(serving: LiveStack, url: str) -> None:
    await heard(url, "mono", duration_seconds=2)
    state = read_state(serving.root)
    assert state is not None
    address = f"http://127.0.0.1:{state.ports['metrics']}/metrics"
    async with httpx.AsyncClient() as client:
        # Within a second or two
        for _ in range(100):
            text = (await client.get(address)).text
            told = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("cadenza_"))
            if float(told.get('cadenza_scheduler_tokens_total{model="tiny_mono"}', 0)) > 0:
                break
            await asyncio.sleep(0.2)
    assert float(told['cadenza_scheduler_tokens_total{model="tiny_mono"}']) > 0
    assert float(told['cadenza_scheduler_slots{model="tiny_mono"}']) >= 2
    assert 'cadenza_scheduler_active_slots{model="tiny_stereo"}' in told
    assert float(told['cadenza_song_cache_misses_total{model="tiny_mono"}']) > 0
    assert 'cadenza_scheduler_queue_seconds{model="tiny_mono",quantile="0.95"}' in told
