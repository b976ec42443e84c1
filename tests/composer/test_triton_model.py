"""The Triton entry, run against a twin of Triton's Python API."""

import importlib.util
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from triton_models.score.document import from_json

FOLDER = Path(__file__).parents[2] / "triton_models" / "composer"


@dataclass
class TwinTensor:
    name: str
    content: NDArray[Any]

    def as_numpy(self) -> NDArray[Any]:
        return self.content


@dataclass
class TwinResponse:
    output_tensors: list[TwinTensor]
    error: "TwinError | None" = None


@dataclass
class TwinError:
    text: str


@dataclass
class TwinLogger:
    lines: list[str] = field(default_factory=list)

    def log_error(self, line: str) -> None:
        self.lines.append(line)


@dataclass
class TwinRequest:
    brief: list[bytes]


def triton_twin() -> ModuleType:
    twin = ModuleType("triton_python_backend_utils")
    vars(twin).update(
        Tensor=TwinTensor,
        InferenceResponse=TwinResponse,
        TritonError=TwinError,
        Logger=TwinLogger(),
        get_input_tensor_by_name=lambda request, name: TwinTensor(name, np.array(request.brief, dtype=np.object_)),
    )
    return twin


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(sys.modules, "triton_python_backend_utils", triton_twin())
    spec = importlib.util.spec_from_file_location("composer_entry", FOLDER / "1" / "model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.TritonPythonModel()


def brief(**fields: object) -> bytes:
    return json.dumps(
        {"schema": "cadenza.brief/1", "genre": "pop", "duration_seconds": 6, "seed": 1, **fields}
    ).encode()


def test_a_brief_gives_a_score_and_its_midi_file(model: Any) -> None:
    [response] = model.execute([TwinRequest([brief()])])

    tensors = {tensor.name: tensor.content for tensor in response.output_tensors}
    assert response.error is None
    assert {name: (content.shape, content.dtype) for name, content in tensors.items()} == {
        "SCORE": ((1,), np.object_),
        "MIDI": ((1,), np.object_),
    }
    assert from_json(tensors["SCORE"][0]).genre == "pop"
    assert tensors["MIDI"][0].startswith(b"MThd")


def test_a_wrong_brief_fails_its_own_request_only(model: Any) -> None:
    wrong, right = model.execute([TwinRequest([brief(bpm=5)]), TwinRequest([brief()])])

    assert wrong.error.text == "INVALID_BRIEF: bpm must be between 30 and 240, not 5"
    assert wrong.output_tensors == []
    assert right.error is None


@pytest.mark.parametrize("content", [[], [b"{}", b"{}"]])
def test_anything_but_one_document_is_refused(model: Any, content: list[bytes]) -> None:
    [response] = model.execute([TwinRequest(content)])

    assert response.error.text.startswith("INVALID_BRIEF: BRIEF must hold one document")


def test_the_probe_is_a_brief_of_five_seconds(model: Any) -> None:
    probe = json.loads((FOLDER / "probe.json").read_text())

    [response] = model.execute([TwinRequest([probe["inputs"]["BRIEF"].encode()])])

    score = from_json(response.output_tensors[0].content[0])
    assert score.duration_seconds == pytest.approx(5.0, abs=0.01)


def test_the_configuration_names_the_tensors_and_no_device() -> None:
    config = (FOLDER / "config.pbtxt").read_text()

    assert 'name: "composer"' in config
    assert all(f'name: "{name}"' in config for name in ("BRIEF", "SCORE", "MIDI"))
    assert "kind:" not in config
