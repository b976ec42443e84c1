"""From a document to sound, in the words of the protocol."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from tests.musicgen_serving.conftest import Checkpoints, Served
from tests.musicgen_serving.test_desk import PATIENCE, Waiting
from triton_models.generation_core.errors import QueueFullError, RequestCancelledError
from triton_models.musicgen.requests import AudioRequestError, parse_request
from triton_models.musicgen.service import MusicGenService, ServiceSettings, failure

# The tiny models have 50 frames a second.
SETTINGS = ServiceSettings(form="float32", memory=1 << 20, seconds=4.0, words=16)


def document(**fields: Any) -> bytes:
    song = {"schema": "cadenza.audio/1", "prompt": "slow piano", "duration_seconds": 2, "seed": 7}
    return json.dumps({name: value for name, value in {**song, **fields}.items() if value is not None}).encode()


@contextmanager
def open_service(served: Served) -> Iterator[MusicGenService]:
    service = MusicGenService(served.folder, SETTINGS)
    try:
        yield service
    finally:
        service.close()


def heard(service: MusicGenService, **fields: Any) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    listener = Waiting()
    service.submit(document(**fields), listener)
    return listener.song()


@pytest.mark.parametrize("kind", ["mono", "stereo"])
def test_a_song_lasts_as_long_as_was_asked_for_and_depends_on_its_document(checkpoints: Checkpoints, kind: str) -> None:
    with open_service(checkpoints(kind)) as service:
        song = heard(service)

        assert song.shape == (service.channels, 2 * service.sampling_rate)
        assert np.array_equal(heard(service), song)
        for other in ({"seed": 8}, {"prompt": "fast drums"}, {"guidance": 1}, {"temperature": 0}, {"top_k": 3}):
            assert not np.array_equal(heard(service, **other), song)


def test_a_text_of_any_length_is_heard_as_far_as_it_goes(checkpoints: Checkpoints) -> None:
    with open_service(checkpoints("mono")) as service:
        assert heard(service, prompt="piano " * 300, duration_seconds=1).shape[1] == service.sampling_rate


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"schema": "cadenza.audio/2"}, "schema must be one of cadenza.audio/1"),
        ({"prompt": None}, "prompt"),
        ({"prompt": " "}, "prompt must say something"),
        ({"prompt": "x" * 2001}, "prompt must have at most 2000 characters"),
        ({"duration_seconds": 0.5}, "duration_seconds must be between 1 and 300"),
        ({"duration_seconds": float("nan")}, "duration_seconds must be a finite number"),
        ({"seed": -1}, "seed must be between 0"),
        ({"temperature": 6}, "temperature must be between 0 and 5"),
        ({"top_k": 2.5}, "top_k must be an integer"),
        ({"top_p": 0}, "top_p must be between 0.01 and 1"),
        ({"guidance": "much"}, "guidance must be a finite number"),
        ({"priority": 3}, "priority must be between 0 and 2"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(AudioRequestError) as refusal:
        parse_request(document(**fields))
    assert words in str(refusal.value)
    assert failure(refusal.value) == f"INVALID_REQUEST: {refusal.value}"


def test_a_song_longer_than_the_slots_is_made_in_windows(checkpoints: Checkpoints) -> None:
    with open_service(checkpoints("stereo")) as service:
        song = heard(service, duration_seconds=9.5)

        assert song.shape == (2, 19 * service.sampling_rate // 2)
        assert np.array_equal(heard(service, duration_seconds=9.5), song)


def test_failures_have_words_for_people(checkpoints: Checkpoints) -> None:
    assert failure(QueueFullError(3)) == "QUEUE_FULL: 3 songs are being made or wait already; try again soon"
    assert failure(RequestCancelledError("the request was cancelled")) == "CANCELLED: the request was cancelled"
    assert failure(KeyError("x")) == "INTERNAL: the model failed on this song"
    listener = Waiting()
    with open_service(checkpoints("mono")) as service:
        service.submit(document(duration_seconds=4), listener)
    assert listener.ended.wait(PATIENCE)
    assert failure(listener.error or KeyError()) == "UNAVAILABLE: the scheduler was shut down"
