"""The ONNX backend without Triton: joining requests, and agreement of configuration and model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from triton_models.backends.onnxruntime.batching import Tensors, batch_rows, join, plan_batches, split
from triton_models.backends.onnxruntime.session import ConfigMismatchError, SessionSettings, open_session

VERSION = Path(__file__).parent / "data" / "models" / "affine" / "1"


def request(rows: int, width: int = 2, dtype: type = np.float32) -> Tensors:
    return {"X": np.zeros((rows, width), dtype=dtype)}


def config(**changes: Any) -> dict[str, Any]:
    """The configuration of the affine model in the form that Triton hands to a backend."""
    tensor = {"data_type": "TYPE_FP32", "dims": ["-1"]}
    content = {
        "max_batch_size": 8,
        "default_model_filename": "",
        "input": [{"name": "X", **tensor}],
        "output": [{"name": "Y", **tensor}],
    }
    parsed: dict[str, Any] = json.loads(json.dumps(content | changes))
    return parsed


def test_equal_requests_share_a_run_up_to_the_limit() -> None:
    # Given requests of 3, 3, 3 and 8 rows where eight may run together
    requests = [request(3), request(3), request(3), request(8)]

    # Then they run in order, as many together as fit
    assert list(plan_batches(requests, 8)) == [[0, 1], [2], [3]]


def test_requests_of_other_shapes_or_types_run_apart() -> None:
    # Given requests of two widths and two types, mixed
    requests = [request(1), request(1, width=3), request(1), request(1, dtype=np.int64), request(1, width=3)]

    # Then only those alike run together, and each runs once
    assert list(plan_batches(requests, 8)) == [[0, 2], [1, 4], [3]]


def test_without_a_batch_axis_every_request_runs_alone() -> None:
    assert list(plan_batches([request(1), request(1)], 0)) == [[0], [1]]


def test_joined_requests_come_apart_as_they_were() -> None:
    # Given three requests of one, two and one row
    requests: list[Tensors] = [{"X": np.array(rows)} for rows in ([[1]], [[2], [3]], [[4]])]

    # When they are joined and the result is taken apart
    joined = join(requests)
    parts = split({"Y": np.multiply(joined["X"], 10)}, [batch_rows(part) for part in requests])

    # Then each has its own rows
    assert joined["X"].tolist() == [[1], [2], [3], [4]]
    assert [part["Y"].tolist() for part in parts] == [[[10]], [[20], [30]], [[40]]]


@pytest.mark.parametrize("output", [np.zeros((2, 1)), np.float32(1.0).reshape(())])
def test_an_output_without_its_rows_is_refused(output: np.ndarray[Any, Any]) -> None:
    with pytest.raises(ValueError, match=r"output Y has shape .* for a batch of 3"):
        split({"Y": output}, [1, 2])


@pytest.mark.parametrize("other", [np.zeros((2, 1)), np.zeros(())])
def test_inputs_of_different_batch_sizes_are_refused(other: np.ndarray[Any, Any]) -> None:
    with pytest.raises(ValueError, match="different batch sizes"):
        batch_rows({"X": np.zeros((1, 1)), "Z": other})


def test_a_model_is_opened_with_pinned_threads() -> None:
    # Given a configuration that asks for two threads
    wanted = config(parameters={"intra_op_thread_count": {"string_value": "2"}})

    # When the model is opened
    session = open_session(VERSION, wanted)

    # Then it computes, and nothing spins
    assert session.run(["Y"], {"X": np.array([[0.5, 1.0]], dtype=np.float32)})[0].tolist() == [[2.0, 3.0]]
    options = session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (2, 1)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_one_thread_and_model_onnx_are_the_defaults() -> None:
    assert SessionSettings.from_config({}) == SessionSettings("model.onnx", 0, 1, 1)


@pytest.mark.parametrize("count", ["0", "-1", "two", ""])
def test_an_impossible_thread_count_is_refused(count: str) -> None:
    with pytest.raises(ConfigMismatchError, match="must be a whole number above 0"):
        SessionSettings.from_config({"parameters": {"intra_op_thread_count": {"string_value": count}}})


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"input": [{"name": "A", "data_type": "TYPE_FP32", "dims": [-1]}]}, "the model has no input A, only X"),
        ({"output": [{"name": "B", "data_type": "TYPE_FP32", "dims": [-1]}]}, "the model has no output B, only Y"),
        ({"input": []}, "the configuration lacks input X"),
        (
            {"input": [{"name": "X", "data_type": "TYPE_INT64", "dims": [-1]}]},
            r"input X is TYPE_INT64 in the configuration, tensor\(float\) in the model",
        ),
        (
            {"input": [{"name": "X", "data_type": "TYPE_FP32", "dims": [-1, 2]}]},
            r"X has shape \[-1, -1, 2\] in the configuration, \['batch', 'width'\] in the model",
        ),
        ({"max_batch_size": 0}, r"X has shape \[-1\] in the configuration, \['batch', 'width'\] in the model"),
    ],
)
def test_a_configuration_that_contradicts_the_model_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigMismatchError, match=f"^{reason}$"):
        open_session(VERSION, config(**changes))


def test_outputs_may_be_left_out_of_the_configuration() -> None:
    assert open_session(VERSION, config(output=[])).get_outputs()[0].name == "Y"
