"""The scheduler's port on MusicGen's graphs with caches and texts on a device. Used by one thread.

A slot has a place for a text whether it has one or not: rows without one find keys and values of zero there.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.generation_core.model import Conditioning, Logits, Tokens
from triton_models.step_graph.code_books import (
    BIAS,
    CodeBookSettings,
    Guide,
    buffers_of,
    checked_guide,
    checked_states,
    slots_of,
)
from triton_models.step_graph.device_steps import DeviceSteps
from triton_models.step_graph.devices import Device
from triton_models.step_graph.sessions import caches_of, open_session

POSITIONS = "positions"


def open_on_device(
    step: Path, cross: Path, pattern: DelayPattern, settings: CodeBookSettings, device: Device
) -> "DeviceCodeBookModel":
    """Load the graphs; raises StepGraphError, and DeviceAbsentError where the runtime has no such device."""
    steps = open_session(step, settings.threads, device, captured=True)
    return DeviceCodeBookModel(steps, open_session(cross, settings.threads, device), pattern, settings, device)


class DeviceCodeBookModel:
    """A StepModel like CodeBookModel."""

    def __init__(
        self,
        step: onnxruntime.InferenceSession,
        cross: onnxruntime.InferenceSession,
        pattern: DelayPattern,
        settings: CodeBookSettings,
        device: Device,
    ) -> None:
        caches_of(step, {"codes", "last_position", "length", BIAS, POSITIONS})
        self._cross = cross
        self._pattern = pattern
        self._width = int(cross.get_inputs()[0].shape[2])
        self._words = settings.words
        self.slots = slots_of(step, settings)
        self.context = settings.positions
        self.books = pattern.books
        self.vocabulary = next(int(node.shape[2]) for node in step.get_outputs() if node.name == "logits")
        self._frames = np.zeros(self.slots, np.int64)
        song, text = buffers_of(step, settings, self.slots)
        self._steps = DeviceSteps(step, device, song, text)

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """See StepModel; raises StepGraphError when the conditioning is none for this model."""
        guide = checked_guide(conditioning)
        self._hear(slot, guide)
        self._frames[slot] = guide.frames
        self._steps.forget(slot)

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        """See StepModel."""
        positions = start + np.arange(len(tokens))
        codes = self._stood(tokens, positions, self._frames[[slot]])
        given = {"codes": np.ascontiguousarray(codes.T[None]), POSITIONS: positions[None]}
        self._steps.prefill(slot, int(positions[-1]), given)

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        """See StepModel."""
        count = self.rows(slots)
        codes = np.full((count, self.books, 1), self._pattern.start_token)
        codes[slots, :, 0] = self._stood(tokens, positions, self._frames[slots])
        places = np.zeros((count, 1), np.int64)
        places[slots, 0] = positions
        return self._steps.step(slots, positions, {"codes": codes, POSITIONS: places})

    def close(self, slot: int) -> None:
        """See StepModel."""
        self._steps.forget(slot)

    def rows(self, slots: NDArray[np.int64]) -> int:
        """How many rows a step of these slots has."""
        return self._steps.rows(slots)

    def _hear(self, slot: int, guide: Guide) -> None:
        """The cross graph writes what it makes of the text where the step graph reads it."""
        states = np.zeros((1, self._words, self._width), np.float32)
        mask = np.zeros((1, self._words), np.int64)
        if guide.states is not None:
            heard = checked_states(guide.states, self._words, self._width)
            states[0, : len(heard)], mask[0, : len(heard)] = heard, 1
        binding = self._cross.io_binding()
        binding.bind_cpu_input("states", states)
        binding.bind_cpu_input("mask", mask)
        for name, place in self._steps.fixed.items():
            binding.bind_output(name, *place.rows(slot, 1))
        self._cross.run_with_iobinding(binding)

    def _stood(self, tokens: Tokens, positions: NDArray[np.int64], frames: NDArray[np.int64]) -> Tokens:
        """See CodeBookModel."""
        return np.where(self._pattern.stands(positions, frames), tokens, self._pattern.start_token)
