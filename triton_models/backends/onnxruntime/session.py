"""Opens an ONNX model as its Triton configuration asks, and checks that the two agree."""

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime

ONNX_TYPES = {
    "TYPE_BOOL": "tensor(bool)",
    "TYPE_UINT8": "tensor(uint8)",
    "TYPE_UINT16": "tensor(uint16)",
    "TYPE_UINT32": "tensor(uint32)",
    "TYPE_UINT64": "tensor(uint64)",
    "TYPE_INT8": "tensor(int8)",
    "TYPE_INT16": "tensor(int16)",
    "TYPE_INT32": "tensor(int32)",
    "TYPE_INT64": "tensor(int64)",
    "TYPE_FP16": "tensor(float16)",
    "TYPE_FP32": "tensor(float)",
    "TYPE_FP64": "tensor(double)",
    "TYPE_STRING": "tensor(string)",
}


class ConfigMismatchError(ValueError):
    """The configuration and the ONNX model describe different tensors."""


@dataclass(frozen=True)
class SessionSettings:
    """What the backend reads from a model configuration (the JSON form of config.pbtxt).

    The parameters have the names that Triton's own ONNX Runtime backend knows.
    """

    file_name: str
    max_batch_size: int
    intra_op_threads: int
    inter_op_threads: int

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "SessionSettings":
        """Threads default to 1: requests, not operators, are what runs side by side on a small machine."""
        return cls(
            file_name=config.get("default_model_filename") or "model.onnx",
            max_batch_size=int(config.get("max_batch_size", 0)),
            intra_op_threads=_count(config, "intra_op_thread_count"),
            inter_op_threads=_count(config, "inter_op_thread_count"),
        )

    def options(self) -> onnxruntime.SessionOptions:
        """Session options with pinned thread counts; waiting threads sleep, freed memory is not hoarded."""
        options = onnxruntime.SessionOptions()
        options.enable_cpu_mem_arena = False
        options.intra_op_num_threads = self.intra_op_threads
        options.inter_op_num_threads = self.inter_op_threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        return options


def open_session(folder: Path, config: Mapping[str, Any]) -> onnxruntime.InferenceSession:
    """The model of a version folder on the CPU; ConfigMismatchError when it is not what `config` says."""
    settings = SessionSettings.from_config(config)
    path = folder / settings.file_name
    session = onnxruntime.InferenceSession(str(path), settings.options(), providers=["CPUExecutionProvider"])
    batched = settings.max_batch_size > 0
    _check(config["input"], session.get_inputs(), batched, "input", complete=True)
    _check(config["output"], session.get_outputs(), batched, "output", complete=False)
    # Loading needs several times what stays: 60 of 180 MB for a small sentence encoder.
    ctypes.CDLL(None).malloc_trim(0)
    return session


def _check(
    tensors: Sequence[Mapping[str, Any]], nodes: Sequence[Any], batched: bool, kind: str, complete: bool
) -> None:
    by_name = {node.name: node for node in nodes}
    for tensor in tensors:
        name = tensor["name"]
        if name not in by_name:
            raise ConfigMismatchError(f"the model has no {kind} {name}, only {', '.join(sorted(by_name))}")
        wanted, found = ONNX_TYPES.get(tensor["data_type"]), by_name[name].type
        if wanted != found:
            raise ConfigMismatchError(
                f"{kind} {name} is {tensor['data_type']} in the configuration, {found} in the model"
            )
        _check_shape(name, [int(size) for size in tensor["dims"]], list(by_name[name].shape), batched)
    unnamed = sorted(set(by_name) - {tensor["name"] for tensor in tensors})
    if complete and unnamed:
        raise ConfigMismatchError(f"the configuration lacks {kind} {', '.join(unnamed)}")


def _check_shape(name: str, dims: Sequence[int], shape: Sequence[Any], batched: bool) -> None:
    """Sizes are compared where both are fixed; the model's batch axis must be free."""
    wanted = [-1, *dims] if batched else list(dims)
    clash = [1 for ours, theirs in zip(wanted, shape, strict=False) if _differ(ours, theirs)]
    fixed_batch = batched and bool(shape) and isinstance(shape[0], int)
    if len(wanted) != len(shape) or clash or fixed_batch:
        raise ConfigMismatchError(f"{name} has shape {wanted} in the configuration, {list(shape)} in the model")


def _differ(ours: int, theirs: Any) -> bool:
    return isinstance(theirs, int) and ours != -1 and ours != theirs


def _count(config: Mapping[str, Any], parameter: str) -> int:
    value = config.get("parameters", {}).get(parameter, {}).get("string_value", "1")
    if not value.isdigit() or int(value) < 1:
        raise ConfigMismatchError(f"the parameter {parameter} is {value!r} and must be a whole number above 0")
    return int(value)
