"""What is a device, what onnxruntime is told of it, and what a person is told when it is not there."""

import numpy as np
import pytest

from tests.step_graphs.conftest import Exported
from triton_models.step_graph.device_steps import placed
from triton_models.step_graph.devices import (
    CPU,
    CPU_PROVIDER,
    CUDA_PROVIDER,
    Device,
    DeviceAbsentError,
    check_available,
    check_used,
    parse_device,
)
from triton_models.step_graph.sessions import open_session


class Fallen:
    """A session that onnxruntime opened on the CPU, as libraries of CUDA were missing."""

    def get_providers(self) -> list[str]:
        return [CPU_PROVIDER]


@pytest.mark.parametrize(
    "said, meant", [("cpu", CPU), ("cuda", Device("cuda", 0)), ("cuda:3", Device("cuda", 3)), ("cpu:0", CPU)]
)
def test_devices_by_name(said: str, meant: Device) -> None:
    assert parse_device(said) == meant


@pytest.mark.parametrize("said", ["", "gpu", "cuda:one", "cuda:-1", "CUDA", "cuda:1:2"])
def test_other_names_are_refused(said: str) -> None:
    with pytest.raises(DeviceAbsentError, match="is no device: choose cpu, cuda or cuda:NUMBER"):
        parse_device(said)


def test_only_runs_that_are_recorded_ask_for_cuda_graphs() -> None:
    (recorded, behind), (plain, _) = (Device("cuda", 1).providers(captured=each) for each in (True, False))

    assert behind == (CPU_PROVIDER, {})
    assert recorded[0] == plain[0] == CUDA_PROVIDER
    assert [options["enable_cuda_graph"] for _, options in (recorded, plain)] == ["1", "0"]
    assert [options["device_id"] for _, options in (recorded, plain)] == ["1", "1"]
    assert CPU.providers(captured=True) == [(CPU_PROVIDER, {})]


def test_a_runtime_without_cuda_is_told_of_before_anything_is_loaded() -> None:
    check_available(CPU, ["AzureExecutionProvider", CPU_PROVIDER])
    check_available(Device("cuda"), [CUDA_PROVIDER, CPU_PROVIDER])
    with pytest.raises(DeviceAbsentError, match=r"is to run on cuda:2, and this onnxruntime \(.*\) has only CPUEx"):
        check_available(Device("cuda", 2), [CPU_PROVIDER])


def test_a_session_that_fell_back_to_the_cpu_is_refused() -> None:
    check_used(CPU, Fallen())
    with pytest.raises(DeviceAbsentError, match="could only use CPUExecutionProvider, mostly because libraries"):
        check_used(Device("cuda"), Fallen())


def test_a_session_for_a_gpu_never_opens_on_the_cpu(exported: Exported) -> None:
    with pytest.raises(DeviceAbsentError, match="or serve the model with --profile cpu"):
        open_session(exported.folder / "step.float16.onnx", 1, Device("cuda"))


def test_rows_on_a_device_lie_one_behind_the_other() -> None:
    place = placed(CPU, np.zeros((5, 3, 2), np.float16))

    kind, number, element, shape, address = place.rows(2, 2)

    assert (kind, number, element, shape) == ("cpu", 0, np.float16, (2, 3, 2))
    assert address == place.values.data_ptr() + 2 * 3 * 2 * 2
