"""The scheduler's port on MusicGen's graphs of the melody kind with caches on a device. Used by one thread.

Melody and text are taken in as prompts are, unrecorded. Recorded steps take in codes only: what they would add to them
are zeros, which lie on the device for good.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.generation_core.model import Conditioning, Tokens
from triton_models.step_graph.code_books import CodeBookSettings
from triton_models.step_graph.device_code_books import DeviceCodes
from triton_models.step_graph.device_steps import Arrays
from triton_models.step_graph.devices import Device
from triton_models.step_graph.prefixes import PREFIX, Prefixes
from triton_models.step_graph.rows import Buffers
from triton_models.step_graph.sessions import buffer, open_session


def open_prefixed_on_device(
    step: Path, prefix: Path, pattern: DelayPattern, settings: CodeBookSettings, device: Device
) -> "DevicePrefixedModel":
    """Load the graphs; raises StepGraphError, and DeviceAbsentError where the runtime has no such device."""
    steps = open_session(step, settings.threads, device, captured=True)
    return DevicePrefixedModel(steps, open_session(prefix, settings.threads, device), pattern, settings, device)


class DevicePrefixedModel(DeviceCodes):
    """A StepModel like PrefixedModel, whose prompts end with a code at least: steps know of no other positions.

    What stands for no melody is computed for each row: copies between rows are no business of the runtime's there.
    """

    def __init__(
        self,
        step: onnxruntime.InferenceSession,
        prefix: onnxruntime.InferenceSession,
        pattern: DelayPattern,
        settings: CodeBookSettings,
        device: Device,
    ) -> None:
        super().__init__(step, pattern, settings, device, PREFIX)
        self._prefixes = Prefixes(prefix, pattern, settings.words, self.slots)
        self._element = self._steps.fixed[PREFIX].element

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """See StepModel; raises StepGraphError when the conditioning is none for this model."""
        self._prefixes.open(slot, conditioning)
        self._steps.forget(slot)

    def close(self, slot: int) -> None:
        """See StepModel."""
        super().close(slot)
        self._prefixes.close(slot)

    def _fixed(self, step: onnxruntime.InferenceSession) -> Buffers:
        return {node.name: buffer(node, self.slots, n=1) for node in step.get_inputs() if node.name == PREFIX}

    def _codes(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Tokens:
        return self._prefixes.codes(slots, tokens, positions)

    def _led(self, slots: NDArray[np.int64], positions: NDArray[np.int64]) -> Arrays:
        return {PREFIX: self._prefixes.added(slots, positions)[None].astype(self._element)}
