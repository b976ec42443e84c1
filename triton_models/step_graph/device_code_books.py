"""The scheduler's port on MusicGen's graphs with caches and texts on a device. Used by one thread.

A slot has a place for a text whether it has one or not: rows without one find keys and values of zero there.
"""

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.generation_core.model import Conditioning, Logits, Tokens
from triton_models.step_graph.code_books import (
    BIAS,
    STATES,
    CodeBookSettings,
    Guide,
    buffers_of,
    checked_guide,
    checked_states,
    slots_of,
)
from triton_models.step_graph.device_steps import Arrays, DeviceSteps
from triton_models.step_graph.devices import Device
from triton_models.step_graph.rows import Buffers
from triton_models.step_graph.sessions import caches_of, open_session

POSITIONS = "positions"


def open_on_device(
    step: Path, cross: Path, pattern: DelayPattern, settings: CodeBookSettings, device: Device
) -> "DeviceCodeBookModel":
    """Load the graphs; raises StepGraphError, and DeviceAbsentError where the runtime has no such device."""
    steps = open_session(step, settings.threads, device, captured=True)
    return DeviceCodeBookModel(steps, open_session(cross, settings.threads, device), pattern, settings, device)


class DeviceCodes(ABC):
    """What both kinds of graphs have in common: codes are taken in, and every row is told where it stands.

    `guide` is the input that makes the graph one of its kind.
    """

    def __init__(
        self,
        step: onnxruntime.InferenceSession,
        pattern: DelayPattern,
        settings: CodeBookSettings,
        device: Device,
        guide: str,
    ) -> None:
        caches_of(step, {"codes", "last_position", POSITIONS, guide})
        self._pattern = pattern
        self.slots = slots_of(step, settings)
        self.context = settings.positions
        self.books = pattern.books
        self.vocabulary = next(int(node.shape[2]) for node in step.get_outputs() if node.name == "logits")
        song, text = buffers_of(step, settings, self.slots)
        self._steps = DeviceSteps(step, device, song, {**text, **self._fixed(step)})

    def _fixed(self, step: onnxruntime.InferenceSession) -> Buffers:
        """What the step reads of each row besides its text."""
        return {}

    @abstractmethod
    def open(self, slot: int, conditioning: Conditioning) -> None:
        """See StepModel; raises StepGraphError when the conditioning is none for this model."""

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        """See StepModel."""
        slots, positions = np.full(len(tokens), slot), start + np.arange(len(tokens))
        codes = np.ascontiguousarray(self._codes(slots, tokens, positions).T[None])
        given = {"codes": codes, POSITIONS: positions[None], **self._led(slots, positions)}
        self._steps.prefill(slot, int(positions[-1]), given)

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        """See StepModel."""
        count = self.rows(slots)
        codes = np.full((count, self.books, 1), self._pattern.start_token)
        codes[slots, :, 0] = self._codes(slots, tokens, positions)
        places = np.zeros((count, 1), np.int64)
        places[slots, 0] = positions
        return self._steps.step(slots, positions, {"codes": codes, POSITIONS: places})

    def close(self, slot: int) -> None:
        """See StepModel."""
        self._steps.forget(slot)

    def rows(self, slots: NDArray[np.int64]) -> int:
        """How many rows a step of these slots has."""
        return self._steps.rows(slots)

    @abstractmethod
    def _codes(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Tokens:
        """`tokens` [n, books] at these positions of the slots; other codes where no frame stands."""

    def _led(self, slots: NDArray[np.int64], positions: NDArray[np.int64]) -> Arrays:
        """What a prompt is given besides its codes."""
        return {}


class DeviceCodeBookModel(DeviceCodes):
    """A StepModel like CodeBookModel."""

    def __init__(
        self,
        step: onnxruntime.InferenceSession,
        cross: onnxruntime.InferenceSession,
        pattern: DelayPattern,
        settings: CodeBookSettings,
        device: Device,
    ) -> None:
        super().__init__(step, pattern, settings, device, BIAS)
        self._cross = cross
        # By name: a plan says its inputs in an order of its own.
        self._width = next(int(node.shape[2]) for node in cross.get_inputs() if node.name == STATES)
        self._words = settings.words
        self._frames = np.zeros(self.slots, np.int64)

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """See StepModel; raises StepGraphError when the conditioning is none for this model."""
        guide = checked_guide(conditioning)
        self._hear(slot, guide)
        self._frames[slot] = guide.frames
        self._steps.forget(slot)

    def _hear(self, slot: int, guide: Guide) -> None:
        """The cross graph writes what it makes of the text where the step graph reads it."""
        states = np.zeros((1, self._words, self._width), np.float32)
        mask = np.zeros((1, self._words), np.int64)
        if guide.states is not None:
            heard = checked_states(guide.states, self._words, self._width)
            states[0, : len(heard)], mask[0, : len(heard)] = heard, 1
        binding = self._cross.io_binding()
        binding.bind_cpu_input(STATES, states)
        binding.bind_cpu_input("mask", mask)
        for name, place in self._steps.fixed.items():
            binding.bind_output(name, *place.rows(slot, 1))
        self._cross.run_with_iobinding(binding)

    def _codes(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Tokens:
        """See CodeBookModel."""
        return np.where(self._pattern.stands(positions, self._frames[slots]), tokens, self._pattern.start_token)
