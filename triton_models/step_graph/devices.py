"""Where graphs run and caches live: the CPU, or one of the machine's CUDA devices; and whether the runtime has it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import onnxruntime

CPU_PROVIDER: Final = "CPUExecutionProvider"
CUDA_PROVIDER: Final = "CUDAExecutionProvider"
KINDS: Final = ("cpu", "cuda")
HOW_TO: Final = "install the extra `gpu` on a machine with CUDA, or serve the model with --profile cpu"


class DeviceAbsentError(RuntimeError):
    """The device is none that this runtime can use; the text says what to do."""


@dataclass(frozen=True)
class Device:
    """`kind` is one of KINDS, `number` counts devices of a kind."""

    kind: str = "cpu"
    number: int = 0

    def __str__(self) -> str:
        return f"{self.kind}:{self.number}"

    @property
    def provider(self) -> str:
        """As onnxruntime calls what runs there."""
        return CUDA_PROVIDER if self.kind == "cuda" else CPU_PROVIDER

    def providers(self, *, captured: bool) -> list[tuple[str, dict[str, str]]]:
        """For a session; with `captured` its runs are recorded as CUDA graphs.

        The CPU stands behind CUDA for what computes shapes only.
        """
        if self.kind == "cpu":
            return [(CPU_PROVIDER, {})]
        options = {
            "device_id": str(self.number),
            "enable_cuda_graph": str(int(captured)),
            # Windows of the codec have many lengths: searching for each of them takes longer than it saves.
            "cudnn_conv_algo_search": "HEURISTIC",
        }
        return [(CUDA_PROVIDER, options), (CPU_PROVIDER, {})]


CPU: Final = Device()


def parse_device(text: str) -> Device:
    """`cpu`, `cuda` or `cuda:1`; raises DeviceAbsentError for anything else."""
    kind, _, number = text.partition(":")
    if kind not in KINDS or not (number or "0").isdecimal():
        raise DeviceAbsentError(f"{text!r} is no device: choose cpu, cuda or cuda:NUMBER")
    return Device(kind, int(number or "0"))


def check_available(device: Device, available: Collection[str]) -> None:
    """Raises DeviceAbsentError when the runtime, which has these providers, cannot run on the device."""
    if device.provider not in available:
        raise DeviceAbsentError(
            f"the model is to run on {device}, and this onnxruntime ({onnxruntime.__version__}) has only "
            f"{', '.join(available)}: {HOW_TO}"
        )


def check_used(device: Device, session: Any) -> None:
    """Raises DeviceAbsentError when a session fell back to something else, as it does if libraries are missing."""
    if (used := session.get_providers()[0]) != device.provider:
        raise DeviceAbsentError(
            f"the model is to run on {device}, and onnxruntime could only use {used}, mostly because libraries of CUDA "
            f"or cuDNN are missing: {HOW_TO}"
        )
