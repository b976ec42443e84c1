"""What an export says of its checkpoint, and the graphs of either kind of it as the scheduler's model."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.generation_core.model import StepModel
from triton_models.musicgen.chroma import ChromaShape
from triton_models.step_graph.code_books import CodeBookSettings, open_code_books
from triton_models.step_graph.device_code_books import open_on_device
from triton_models.step_graph.device_prefixed import open_prefixed_on_device
from triton_models.step_graph.devices import CPU, Device
from triton_models.step_graph.forms import DEVICE_FORM, PLAN_FORM
from triton_models.step_graph.plans.models import open_code_book_plans, open_prefixed_plan
from triton_models.step_graph.plans.opening import PlanRuntime, find
from triton_models.step_graph.prefixed import open_prefixed

MANIFEST: Final = "export.json"
STEP: Final = "musicgen_step.{form}.onnx"
CROSS: Final = "musicgen_cross.float32.onnx"
DEVICE_STEP: Final = f"musicgen_device.{DEVICE_FORM}.onnx"
DEVICE_CROSS: Final = f"musicgen_cross.{DEVICE_FORM}.onnx"
# Graphs whose plans are served, without their form.
PLANNED_STEP: Final = "musicgen_tensorrt"
PLANNED_CROSS: Final = "musicgen_cross"
PREFIX: Final = "musicgen_prefix.float32.onnx"


@dataclass(frozen=True)
class Checkpoint:
    """`melody` is how melodies are heard, None where they are not; then nothing stands before the codes."""

    folder: Path
    pattern: DelayPattern
    most_positions: int
    melody: ChromaShape | None

    def before(self, words: int) -> int:
        """Positions that a melody and a text of so many words take before the codes."""
        return 0 if self.melody is None else self.melody.length + words

    def open(
        self, form: str, settings: CodeBookSettings, device: Device = CPU, plans: PlanRuntime | None = None
    ) -> StepModel:
        """`device` counts for DEVICE_FORM and PLAN_FORM; `plans` are run by what is found here unless told.

        Raises StepGraphError or DeviceAbsentError.
        """
        if form == PLAN_FORM:
            return self._on_plans(settings, device, plans or find())
        if form == DEVICE_FORM:
            return self._on_device(settings, device)
        step = self.folder / STEP.format(form=form)
        if self.melody is None:
            return open_code_books(step, self.folder / CROSS, self.pattern, settings)
        return open_prefixed(step, self.folder / PREFIX, self.pattern, settings)

    def _on_device(self, settings: CodeBookSettings, device: Device) -> StepModel:
        step = self.folder / DEVICE_STEP
        if self.melody is None:
            return open_on_device(step, self.folder / DEVICE_CROSS, self.pattern, settings, device)
        return open_prefixed_on_device(step, self.folder / PREFIX, self.pattern, settings, device)

    def _on_plans(self, settings: CodeBookSettings, device: Device, plans: PlanRuntime) -> StepModel:
        step, cross = (f"{name}.{DEVICE_FORM}" for name in (PLANNED_STEP, PLANNED_CROSS))
        if self.melody is None:
            return open_code_book_plans(self.folder, step, cross, self.pattern, settings, device, plans)
        return open_prefixed_plan(self.folder, step, self.folder / PREFIX, self.pattern, settings, device, plans)


def read_checkpoint(folder: Path) -> Checkpoint:
    """Of what `model_export.musicgen export` made."""
    made: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    decoder, melody = made["decoder"], made.get("melody")
    pattern = DelayPattern(decoder["books"], decoder["audio_channels"], decoder["vocabulary"])
    heard = None if melody is None else ChromaShape(**{name: melody[name] for name in ChromaShape.__annotations__})
    return Checkpoint(folder, pattern, decoder["max_positions"], heard)
