"""The scheduler's port on a graph of one code book whose caches stay on a device. Used by one thread."""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.generation_core.model import Conditioning, Logits, Tokens
from triton_models.step_graph.device_steps import Arrays, DeviceSteps
from triton_models.step_graph.devices import Device
from triton_models.step_graph.model import TEXT, StepGraphSettings, vector_of
from triton_models.step_graph.sessions import buffer, caches_of, open_session


def open_on_device(file: Path, settings: StepGraphSettings, device: Device) -> "DeviceStepGraphModel":
    """Load a graph; raises StepGraphError, and DeviceAbsentError where the runtime has no such device."""
    session = open_session(file, settings.threads, device, captured=True)
    return DeviceStepGraphModel(session, settings.slots, device)


class DeviceStepGraphModel:
    """A StepModel like StepGraphModel."""

    books = 1

    def __init__(self, session: onnxruntime.InferenceSession, slots: int, device: Device) -> None:
        caches = caches_of(session, {"tokens", "last_position"})
        self.slots = slots
        self.context = int(next(iter(caches.values())).shape[2])
        self.vocabulary = next(int(node.shape[1]) for node in session.get_outputs() if node.name == "logits")
        width = next((int(node.shape[1]) for node in session.get_inputs() if node.name == TEXT), 0)
        self._texts = np.zeros((slots, width), np.float32)
        self._steps = DeviceSteps(session, device, {name: buffer(node, slots) for name, node in caches.items()}, {})

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """See StepModel; raises StepGraphError when the conditioning is no vector of the graph's length."""
        self._texts[slot] = vector_of(conditioning, self._texts.shape[1])
        self._steps.forget(slot)

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        """See StepModel."""
        given = self._given(np.ascontiguousarray(tokens.T), self._texts[slot : slot + 1])
        self._steps.prefill(slot, start + len(tokens) - 1, given)

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        """See StepModel."""
        count = self._steps.rows(slots)
        standing = np.zeros((count, 1), np.int64)
        standing[slots] = tokens
        return self._steps.step(slots, positions, self._given(standing, self._texts[:count]))[:, None]

    def close(self, slot: int) -> None:
        """See StepModel."""
        self._steps.forget(slot)

    def _given(self, tokens: Tokens, texts: NDArray[np.float32]) -> Arrays:
        return {"tokens": tokens, TEXT: texts} if texts.size else {"tokens": tokens}
