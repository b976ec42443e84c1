"""The served model around the renderer: every stream ends exactly once, in whatever way."""

import json
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.renderer.fake_triton import Logger, Request, backend_module
from tests.renderer.full_disk import FULL_DEVICE, put_files_on_the_full_device
from tests.renderer.scores import make_band
from triton_models.score.document import to_json

PATIENCE = 20.0


def make_request(score: bytes | None = None, **options: object) -> Request:
    document = {"duration_seconds": 5.0, "chunk_seconds": 2.0, "stems": False, "ring": None, **options}
    return Request(score or to_json(make_band(5.0)).encode(), json.dumps(document).encode())


@pytest.fixture(scope="module")
def model(model_folder: Path) -> Iterator[Any]:
    name = "triton_python_backend_utils"
    sys.modules[name] = backend_module()
    model = import_module("triton_models.renderer.1.model").TritonPythonModel()
    parameters = {"soundfont": {"string_value": "soundfont/cadenza-gm.sf3"}}
    model.initialize({"model_config": json.dumps({"parameters": parameters}), "model_repository": str(model_folder)})
    yield model
    model.finalize()
    del sys.modules[name]


def kinds(request: Request) -> list[str]:
    return [json.loads(response.tensors["META"].item())["kind"] for response in request.sender.responses]


def test_a_request_is_answered_by_a_stream_that_ends(model: Any) -> None:
    request = make_request()

    model.execute([request])

    assert request.sender.ended.wait(PATIENCE)
    assert kinds(request)[-4:] == ["chunk", "chunk", "chunk", "end"]
    assert request.sender.responses[-4].tensors["MIX"].shape == (88_200, 2)


def test_the_probe_answers_at_once_while_songs_are_being_rendered(model: Any, model_folder: Path) -> None:
    inputs = json.loads((model_folder / "probe.json").read_text())["inputs"]
    songs = [make_request(duration_seconds=600.0) for _ in range(3)]
    probe = Request(inputs["SCORE"].encode(), inputs["OPTIONS"].encode())

    model.execute([*songs, probe])

    assert probe.sender.ended.wait(PATIENCE)
    assert kinds(probe)[-2:] == ["chunk", "end"]
    assert not any(song.sender.ended.is_set() for song in songs)
    for song in songs:
        song.sender.cancelled = True
    assert all(song.sender.ended.wait(PATIENCE) for song in songs)


def test_a_cancelled_request_stops_within_half_a_second(model: Any) -> None:
    request = make_request(duration_seconds=600.0)
    model.execute([request])
    time.sleep(0.3)

    request.sender.cancelled = True

    assert request.sender.ended.wait(0.5)
    assert request.sender.responses[-1].error == "CANCELLED: the request was cancelled"


def test_who_pays_is_rendered_before_who_came_earlier(model: Any) -> None:
    # given two threads that are busy with long songs, and a request that waits
    busy = [make_request(duration_seconds=600.0) for _ in range(2)]
    model.execute(busy)
    time.sleep(0.3)
    usual, paying = make_request(priority=1), make_request(priority=0)
    model.execute([usual])
    # when a more urgent one comes, and one thread gets free
    model.execute([paying])
    busy[0].sender.cancelled = True
    # then the urgent one is first
    assert paying.sender.ended.wait(PATIENCE)
    assert not usual.sender.ended.is_set()
    busy[1].sender.cancelled = True
    assert usual.sender.ended.wait(PATIENCE)
    assert kinds(usual)[-1] == "end"


def test_more_than_may_wait_are_turned_away_at_once(model: Any) -> None:
    requests = [make_request(duration_seconds=600.0) for _ in range(67)]
    model.execute(requests)
    assert requests[-1].sender.ended.wait(1)
    assert requests[-1].sender.responses[-1].error == "OVERLOADED: 64 renderings are waiting"
    for request in requests:
        request.sender.cancelled = True
    assert all(request.sender.ended.wait(PATIENCE) for request in requests)


def test_bad_inputs_end_their_own_stream_only(model: Any) -> None:
    good, bad_options, bad_score = make_request(), make_request(stems="yes"), make_request(b"{}")

    model.execute([bad_options, bad_score, good])

    for request in (good, bad_options, bad_score):
        assert request.sender.ended.wait(PATIENCE)
    assert bad_options.sender.responses[-1].error == "INVALID_OPTIONS: stems must be true or false"
    assert bad_score.sender.responses[-1].error == "INVALID_SCORE: schema is missing"
    assert kinds(good)[-1] == "end"


@pytest.mark.skipif(not FULL_DEVICE.exists(), reason="this kernel has no full device")
def test_a_full_disk_ends_the_stream_by_its_name(model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_files_on_the_full_device(tmp_path, monkeypatch)
    request = make_request()

    model.execute([request])

    assert request.sender.ended.wait(PATIENCE)
    error = request.sender.responses[-1].error
    assert error == "STORAGE_FULL: there is no room left on the disk for the rendering"


def test_a_bug_ends_the_stream_and_is_logged(model: Any, tmp_path: Path) -> None:
    class BrokenSynth:
        def has_preset(self, bank: int, program: int) -> bool:
            raise ZeroDivisionError("a bug")

    sound, model._synth = model._synth, BrokenSynth()
    request = make_request()
    model.execute([request])

    assert request.sender.ended.wait(PATIENCE)
    model._synth = sound
    assert request.sender.responses[-1].error == "INTERNAL: a bug"
    assert Logger.errors == ["renderer: ZeroDivisionError('a bug')"]


def test_finalize_ends_what_is_in_progress(model_folder: Path, model: Any) -> None:
    second = type(model)()
    parameters = {"soundfont": {"string_value": "soundfont/cadenza-gm.sf3"}}
    second.initialize({"model_config": json.dumps({"parameters": parameters}), "model_repository": str(model_folder)})
    requests = [make_request(duration_seconds=600.0) for _ in range(3)]
    second.execute(requests)
    began = time.monotonic()

    second.finalize()

    assert time.monotonic() - began < 2.0
    assert [request.sender.responses[-1].error for request in requests] == ["CANCELLED: the request was cancelled"] * 3
