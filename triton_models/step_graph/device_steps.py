"""Runs of a step graph whose caches stay on a device, over the first rows of them, so that no row is ever moved there.

Rows between those that step are taken along: what is written into them lies behind what counts. So there are few
numbers of rows, each with inputs at places of their own, as CUDA graphs need it. Used by one thread.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.generation_core.model import Logits
from triton_models.step_graph.devices import Device
from triton_models.step_graph.rows import PRESENT, Buffers
from triton_models.step_graph.sessions import PAST

LAST: Final = "last_position"
LENGTH: Final = "length"
LOGITS: Final = "logits"
GRAPH_ID: Final = "gpu_graph_id"
# Runs with this number are neither recorded nor replayed.
NOT_CAPTURED: Final = -1

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Place:
    """One row after the other of an array on a device: `shape` is that of a row."""

    values: onnxruntime.OrtValue
    device: Device
    element: type[np.generic]
    shape: tuple[int, ...]

    def rows(self, first: int, count: int) -> tuple[str, int, type[np.generic], tuple[int, ...], int]:
        """What bindings take to read and write these rows in place."""
        row = int(np.prod(self.shape)) * np.dtype(self.element).itemsize
        address = self.values.data_ptr() + first * row
        return self.device.kind, self.device.number, self.element, (count, *self.shape), address


def placed(device: Device, values: NDArray[np.generic]) -> Place:
    """A copy of `values` [slots, ...] on the device."""
    # On the CPU onnxruntime would take the array itself.
    kept = onnxruntime.OrtValue.ortvalue_from_numpy(values.copy(), device.kind, device.number)
    return Place(kept, device, values.dtype.type, values.shape[1:])


@dataclass(frozen=True)
class Step:
    """All that belongs to one number of rows; a recorded run reads and writes these addresses for ever."""

    binding: onnxruntime.IOBinding
    inputs: Mapping[str, onnxruntime.OrtValue]
    length: NDArray[np.int32]
    logits: onnxruntime.OrtValue
    options: onnxruntime.RunOptions


class DeviceSteps:
    """`caches` [slots, heads, positions, head] are written in place; `fixed` [slots, ...] are only read.

    All by the names of the graph's inputs. Inputs of a call begin with an axis of rows. A prompt may bring its own for
    one that is fixed.
    """

    def __init__(self, session: onnxruntime.InferenceSession, device: Device, caches: Buffers, fixed: Buffers) -> None:
        self._session = session
        self._device = device
        self._caches = {name: placed(device, values) for name, values in caches.items()}
        self.fixed = {name: placed(device, values) for name, values in fixed.items()}
        some = next(iter(caches.values()))
        self._slots, self._context = some.shape[0], some.shape[2]
        self._row = next(tuple(node.shape[1:]) for node in session.get_outputs() if node.name == LOGITS)
        self._used = np.zeros(self._slots, np.int32)
        self._asks_length = any(node.name == LENGTH for node in session.get_inputs())
        self._steps: dict[int, Step] = {}

    def forget(self, slot: int) -> None:
        """Nothing of what lies there counts."""
        self._used[slot] = 0

    def rows(self, slots: NDArray[np.int64]) -> int:
        """How many rows a step of these slots has: the next power of two, or all."""
        return min(1 << int(slots.max()).bit_length(), self._slots)

    def prefill(self, slot: int, last: int, inputs: Arrays) -> None:
        """Take in some positions of one row, up to the position `last`."""
        binding = self._session.io_binding()
        self._bind(binding, slot, 1)
        given = {name: self._put(values) for name, values in {**inputs, LAST: np.array([last], np.int32)}.items()}
        for name, value in given.items():
            binding.bind_ortvalue_input(name, value)
        length = self._tell_length(binding, last + 1)
        binding.bind_output(LOGITS, self._device.kind, self._device.number)
        self._session.run_with_iobinding(binding, _options(NOT_CAPTURED))
        # It had to last until now.
        del length
        self._used[slot] = last + 1

    def step(self, slots: NDArray[np.int64], positions: NDArray[np.int64], inputs: Arrays) -> Logits:
        """Take in a position of each of these slots; `inputs` have a row for each of `rows`, in the order of slots.

        Returns what stands behind them [len(slots), ...].
        """
        count = self.rows(slots)
        last = np.minimum(self._used[:count], self._context - 1).astype(np.int32)
        last[slots] = positions
        given = {**inputs, LAST: last}
        step = self._steps.get(count) or self._begin(count, given)
        for name, values in given.items():
            step.inputs[name].update_inplace(np.ascontiguousarray(values))
        self._session.run_with_iobinding(step.binding, step.options)
        self._used[slots] = positions + 1
        found: Logits = step.logits.numpy()[slots]
        return found

    def _begin(self, count: int, given: Arrays) -> Step:
        """Recorded runs are told the longest length, as what they were told once they are told for ever."""
        binding = self._session.io_binding()
        self._bind(binding, 0, count)
        inputs = {name: self._put(values.copy()) for name, values in given.items()}
        for name, value in inputs.items():
            binding.bind_ortvalue_input(name, value)
        length = self._tell_length(binding, self._context)
        logits = self._put(np.zeros((count, *self._row), np.float32))
        binding.bind_ortvalue_output(LOGITS, logits)
        self._steps[count] = Step(binding, inputs, length, logits, _options(count))
        return self._steps[count]

    def _tell_length(self, binding: onnxruntime.IOBinding, length: int) -> NDArray[np.int32]:
        """Where the graph asks for it. What comes back has to last as long as the binding is used."""
        told = np.array(length, np.int32)
        if self._asks_length:
            binding.bind_cpu_input(LENGTH, told)
        return told

    def _bind(self, binding: onnxruntime.IOBinding, first: int, count: int) -> None:
        for name, place in (self._caches | self.fixed).items():
            binding.bind_input(name, *place.rows(first, count))
        for name, place in self._caches.items():
            binding.bind_output(name.replace(PAST, PRESENT), *place.rows(first, count))

    def _put(self, values: NDArray[Any]) -> onnxruntime.OrtValue:
        return onnxruntime.OrtValue.ortvalue_from_numpy(values, self._device.kind, self._device.number)


def _options(graph: int) -> onnxruntime.RunOptions:
    options = onnxruntime.RunOptions()
    options.add_run_config_entry(GRAPH_ID, str(graph))
    return options
