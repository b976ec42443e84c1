"""From a document to sound, in the words of the protocol."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from tests.musicgen_serving.conftest import Checkpoints, Served
from tests.musicgen_serving.test_desk import PATIENCE, Waiting
from triton_models.codec_stream.decoding import Floats
from triton_models.generation_core.errors import QueueFullError, RequestCancelledError
from triton_models.musicgen.requests import AudioRequestError, parse_request
from triton_models.musicgen.result_cache import CacheNumbers
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


def heard(service: MusicGenService, reference: Floats | None = None, **fields: Any) -> Floats:
    listener = Waiting()
    service.submit(document(**fields), listener, reference)
    return listener.song()


@pytest.mark.parametrize("kind", ["mono", "stereo", "melody"])
def test_a_song_lasts_as_long_as_was_asked_for_and_depends_on_its_document(checkpoints: Checkpoints, kind: str) -> None:
    with open_service(checkpoints(kind)) as service:
        song = heard(service)

        assert song.shape == (service.channels, 2 * service.sampling_rate)
        assert np.array_equal(heard(service, owner="x"), song)
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
        ({"continue": 1}, "continue must be true or false"),
        ({"priority": 3}, "priority must be between 0 and 2"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(AudioRequestError) as refusal:
        parse_request(document(**fields))
    assert words in str(refusal.value)
    assert failure(refusal.value) == f"INVALID_REQUEST: {refusal.value}"


def sections(*pairs: tuple[str, float]) -> dict[str, Any]:
    """The fields of a document whose text changes."""
    asked = [{"prompt": prompt, "seconds": seconds} for prompt, seconds in pairs]
    return {"prompt": None, "duration_seconds": None, "sections": asked}


def test_texts_change_where_sections_do(checkpoints: Checkpoints) -> None:
    with open_service(checkpoints("mono")) as service:
        rate = service.sampling_rate
        song = heard(service, **sections(("slow piano", 2.5), ("fast drums", 3)))
        other = heard(service, **sections(("slow piano", 2.5), ("a jazz song", 3)))
        assert heard(service, duration_seconds=5.5).shape == song.shape == other.shape == (1, 11 * rate // 2)

        # the join is chosen in the last 0.27 s of the first section, and a code is heard a few frames before its own
        apart = np.flatnonzero((song != other)[0])[0] / rate
        assert 2.1 < apart < 2.6
        # one section is a song without sections
        assert np.array_equal(heard(service, **sections(("slow piano", 2))), heard(service))


def test_a_song_goes_on_with_the_last_part_of_what_is_given(checkpoints: Checkpoints) -> None:
    # Given slots for four seconds, of which 1.6 are context, and a reference of three and a bit
    with open_service(checkpoints("stereo")) as service:
        rate = service.sampling_rate
        given = np.random.default_rng(3).normal(0, 0.2, (service.channels, 3 * rate + 3)).astype(np.float32)

        song = heard(service, given, **{"continue": True}, duration_seconds=5)

        # then the answer is what comes behind, and only the last 1.6 seconds decide it
        assert song.shape == (service.channels, 5 * rate)
        last = given[:, -round(1.6 * rate) :]
        other = given.copy()
        other[:, -100:] += 0.5
        assert np.array_equal(heard(service, last, **{"continue": True}, duration_seconds=5), song)
        assert not np.array_equal(heard(service, other, **{"continue": True}, duration_seconds=5), song)
        assert not np.array_equal(heard(service, duration_seconds=5), song)
        # and of these the second was decoded alone
        assert (service.cached().hits, service.cached().misses) == (1, 3)


def test_a_lead_is_heard_before_the_song_begins(checkpoints: Checkpoints) -> None:
    with open_service(checkpoints("mono")) as service:
        rate, listener = service.sampling_rate, Waiting()
        given = np.random.default_rng(3).normal(0, 0.2, (1, rate)).astype(np.float32)
        song = heard(service, given, **{"continue": True})

        # when a third of a second is wanted, which is 16.65 frames, then as many as last that long come first
        service.submit(document(**{"continue": True, "lead_seconds": 0.333}), listener, given)
        led = listener.song()

        lengths = [part.shape[1] for part in listener.parts]
        assert listener.starts == [sum(lengths[:part]) - 136 for part in range(len(lengths))]
        assert led.shape == (1, 2 * rate + 17 * 8)
        assert np.abs(led[:, 136:] - song).max() < 1e-5
        with pytest.raises(AudioRequestError, match="lead_seconds must be at most 1, which is used of REFERENCE"):
            service.submit(document(**{"continue": True, "lead_seconds": 1.1}), Waiting(), given)


def test_what_cannot_be_gone_on_with_is_refused(checkpoints: Checkpoints) -> None:
    with open_service(checkpoints("mono")) as service:
        sound = np.zeros((1, 400), np.float32)
        for reference, continues, words in (
            (None, True, "REFERENCE is missing: continue and REFERENCE belong together"),
            (sound, False, "continue is missing: continue and REFERENCE belong together"),
            (sound[0], True, "REFERENCE must be FP32 with a shape of [1 or 2, samples], not float32 of [400]"),
            (sound[:, :7], True, "REFERENCE must last at least 0.08 seconds"),
            (np.full((1, 400), np.nan, np.float32), True, "REFERENCE must hold finite numbers only"),
        ):
            with pytest.raises(AudioRequestError) as refusal:
                service.submit(document(**{"continue": continues}), Waiting(), reference)
            assert str(refusal.value) == words
        assert service.cached().misses == 0


def test_an_equal_request_is_decoded_and_not_drawn(checkpoints: Checkpoints) -> None:
    with open_service(checkpoints("mono")) as service:
        song = heard(service)
        drawn = service.snapshot().tokens

        # when the same is asked for by somebody else, more urgently and with what is usual said
        again = heard(service, owner="b", priority=0, temperature=1, guidance=3.0)

        assert np.array_equal(again, song)
        assert service.snapshot().tokens == drawn
        heard(service, seed=8)
        assert service.cached() == CacheNumbers(hits=1, misses=2, songs=2, size=2 * 4 * 100)


def test_what_is_rounded_does_not_add_up(checkpoints: Checkpoints) -> None:
    with open_service(checkpoints("mono")) as service:
        song = heard(service, **sections(*[("slow piano", 1.009)] * 5))
        assert song.shape == (1, round(5 * 1.009 * 50) * service.sampling_rate // 50)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (sections(), "sections must have at least one item"),
        (sections(*[("a song", 1)] * 17), "sections must have at most 16 items"),
        (sections(("a", 200), ("b", 100.5)), "sections must last at most 300 seconds together, not 300.5"),
        (sections(("a", 3), ("b", 3), ("c", 0)), "sections[2].seconds must be between 1 and 300, not 0"),
        (sections(("a", 3), (" ", 3)), "sections[1].prompt must say something"),
        ({**sections(("a", 3)), "prompt": "b"}, "prompt must not stand beside sections"),
        ({**sections(("a", 3)), "duration_seconds": 3}, "duration_seconds must not stand beside sections"),
        ({"sections": "a"}, "prompt must not stand beside sections"),
        ({**sections(), "sections": [3]}, "sections[0] must be a JSON object"),
    ],
)
def test_a_wrong_section_is_named(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(AudioRequestError) as refusal:
        parse_request(document(**fields))
    assert str(refusal.value).startswith(words)


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
