"""Sessions of onnxruntime for step graphs, and the memory that their inputs ask for."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.step_graph.devices import CPU, Device, check_available, check_used

PAST = "past_"  # how the inputs that are caches begin
ELEMENTS: Mapping[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int8)": np.int8,
}


# A step reads weights more than it computes, and a few cores read as fast as memory gives.
MOST_THREADS = 4


class StepGraphError(ValueError):
    """The graph is none with caches in place, or a conditioning does not fit it."""


def open_session(
    file: Path, threads: int, device: Device = CPU, *, captured: bool = False, spinning: bool = False
) -> onnxruntime.InferenceSession:
    """`threads` of a run, which sleep between runs; see Device.providers. Raises DeviceAbsentError.

    `spinning` threads stay awake between the operators of a run, for graphs of many short ones.
    """
    check_available(device, onnxruntime.get_available_providers())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spinning)))
    options.add_session_config_entry("session.force_spinning_stop", "1")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(file), options, providers=device.providers(captured=captured))
    check_used(device, session)
    return session


def usual_threads() -> int:
    """How many suit a graph of hundreds of millions of weights on the cores that this process may use."""
    return min(MOST_THREADS, len(os.sched_getaffinity(0)))


def buffer(node: Any, slots: int, **sizes: int) -> NDArray[np.generic]:
    """Zeros for an input of `slots` rows; `sizes` are those of the axes that the graph leaves open."""
    shape = (slots, *(sizes[size] if isinstance(size, str) else int(size) for size in node.shape[1:]))
    return np.zeros(shape, dtype=ELEMENTS[node.type])


def caches_of(session: onnxruntime.InferenceSession, needed: set[str]) -> dict[str, Any]:
    """The inputs that are caches, by name; raises StepGraphError where there is none or a needed input is missing."""
    inputs = {node.name: node for node in session.get_inputs()}
    caches = {name: node for name, node in inputs.items() if name.startswith(PAST)}
    if not caches or not needed <= set(inputs):
        raise StepGraphError(f"the graph takes {', '.join(inputs)}: these are no caches in place")
    return caches
