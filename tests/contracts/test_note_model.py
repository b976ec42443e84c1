"""What every model that hears notes promises, held against Triton and the twin."""

from collections.abc import AsyncGenerator

import numpy as np
import numpy.typing as npt
import pytest
from tritonclient.grpc.aio import InferenceServerClient

from adapters import triton
from adapters.memory.note_model import MemoryNoteModel
from adapters.triton_notes import TritonNoteModel
from deploy.embedded import Endpoints
from domain.kit.audio.note_model import (
    FRAME_SAMPLES,
    LOWEST_PITCH,
    PITCHES,
    WINDOW_FRAMES,
    WINDOW_RATE,
    WINDOW_SAMPLES,
    NoteModel,
    Windows,
)
from domain.kit.errors import DependencyUnavailable
from tests.contracts.closed_port import closed_address

A4, E5 = 69, 76
# Where a tone begins and ends in a window, in seconds.
START, END = 0.5, 1.2


@pytest.fixture
async def client(endpoints: Endpoints) -> AsyncGenerator[InferenceServerClient, None]:
    client = triton.connect(endpoints.triton_url)
    yield client
    await client.close()


@pytest.fixture(params=["triton", "memory"])
def model(request: pytest.FixtureRequest, client: InferenceServerClient) -> NoteModel:
    return MemoryNoteModel() if request.param == "memory" else TritonNoteModel(client)


def tone(pitch: int) -> Windows:
    """One window with a struck tone from `START` to `END`."""
    seconds = np.arange(WINDOW_SAMPLES) / WINDOW_RATE
    sounds = (seconds >= START) & (seconds < END)
    wave = np.sin(2 * np.pi * 440.0 * 2 ** ((pitch - A4) / 12) * seconds)
    return np.asarray(0.4 * sounds * np.exp(-2 * (seconds - START)) * wave, dtype=np.float32)[None]


def frame_at(seconds: float) -> int:
    return round(seconds * WINDOW_RATE / FRAME_SAMPLES)


def loudest(likelihood: npt.NDArray[np.float32], seconds: float) -> tuple[int, float]:
    """The likeliest pitch within 50 ms of a moment, and how likely it is."""
    near = likelihood[max(0, frame_at(seconds - 0.05)) : frame_at(seconds + 0.05) + 1].max(axis=0)
    return LOWEST_PITCH + int(near.argmax()), float(near.max())


async def test_a_tone_begins_and_sounds_at_its_pitch(model: NoteModel) -> None:
    heard = await model.likelihoods(tone(A4))
    for likelihood in (heard.onsets, heard.notes):
        assert (likelihood.shape, likelihood.dtype) == ((1, WINDOW_FRAMES, PITCHES), np.dtype(np.float32))
        assert 0.0 <= likelihood.min() <= likelihood.max() <= 1.0
    onset, how_likely = loudest(heard.onsets[0], START)
    assert (onset, how_likely > 0.5) == (A4, True)
    sounding, how_likely = loudest(heard.notes[0], (START + END) / 2)
    assert (sounding, how_likely > 0.5) == (A4, True)
    # and neither before nor long after
    assert loudest(heard.notes[0], 0.2)[1] < 0.3
    assert loudest(heard.notes[0], END + 0.5)[1] < 0.3


async def test_silence_has_no_notes(model: NoteModel) -> None:
    heard = await model.likelihoods(np.zeros((1, WINDOW_SAMPLES), dtype=np.float32))
    assert max(heard.onsets.max(), heard.notes.max()) < 0.3


async def test_each_window_of_a_batch_is_heard_for_itself(model: NoteModel) -> None:
    windows = np.concatenate([tone(A4), np.zeros((1, WINDOW_SAMPLES), dtype=np.float32), tone(E5), tone(A4)])
    together = await model.likelihoods(windows)
    alone = [await model.likelihoods(windows[at : at + 1]) for at in range(4)]
    for at, each in enumerate(alone):
        assert np.abs(together.onsets[at] - each.onsets[0]).max() < 1e-4
        assert np.abs(together.notes[at] - each.notes[0]).max() < 1e-4
    assert loudest(together.notes[2], (START + END) / 2)[0] == E5


@pytest.mark.parametrize("shape", [(0, WINDOW_SAMPLES), (5, WINDOW_SAMPLES), (1, 100), (WINDOW_SAMPLES,)])
async def test_what_is_no_batch_of_windows_is_refused(model: NoteModel, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="is not"):
        await model.likelihoods(np.zeros(shape, dtype=np.float32))


@pytest.mark.parametrize("kind", ["triton", "memory"])
async def test_a_model_out_of_reach_is_said_so(kind: str) -> None:
    if kind == "memory":
        down: NoteModel = MemoryNoteModel(is_down=True)
        with pytest.raises(DependencyUnavailable):
            await down.likelihoods(tone(A4))
        return
    client = triton.connect(closed_address())
    try:
        with pytest.raises(DependencyUnavailable):
            await TritonNoteModel(client).likelihoods(tone(A4))
    finally:
        await client.close()
