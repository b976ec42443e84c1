"""The scheduler's port on TensorRT's plans: the same models as on onnxruntime's sessions, with plans behind them."""

from dataclasses import replace
from pathlib import Path

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.step_graph.code_books import CodeBookSettings
from triton_models.step_graph.device_code_books import DeviceCodeBookModel
from triton_models.step_graph.device_model import DeviceStepGraphModel
from triton_models.step_graph.device_prefixed import DevicePrefixedModel
from triton_models.step_graph.devices import Device
from triton_models.step_graph.model import StepGraphSettings
from triton_models.step_graph.plans.opening import PlanRuntime
from triton_models.step_graph.plans.place import rounded
from triton_models.step_graph.plans.session import PlanSession
from triton_models.step_graph.sessions import PAST, StepGraphError, open_session


def open_step_plan(
    graphs: Path, name: str, settings: StepGraphSettings, device: Device, runtime: PlanRuntime
) -> DeviceStepGraphModel:
    """The score model; raises StepGraphError or DeviceAbsentError."""
    session = runtime.open(graphs, name, device)
    _check_rows(session, settings.slots, name)
    return DeviceStepGraphModel(session, settings.slots, device)


def open_code_book_plans(
    graphs: Path,
    step: str,
    cross: str,
    pattern: DelayPattern,
    settings: CodeBookSettings,
    device: Device,
    runtime: PlanRuntime,
) -> DeviceCodeBookModel:
    """MusicGen, of plans named `step` and `cross`; raises StepGraphError or DeviceAbsentError.

    Texts may have as many words as the plans have room for.
    """
    steps, heard = _open_codes(graphs, step, settings, device, runtime), runtime.open(graphs, cross, device)
    model = DeviceCodeBookModel(steps, heard, pattern, replace(settings, words=rounded(settings.words)), device)
    _check_rows(steps, model.slots, step)
    return model


def open_prefixed_plan(
    graphs: Path,
    step: str,
    prefix: Path,
    pattern: DelayPattern,
    settings: CodeBookSettings,
    device: Device,
    runtime: PlanRuntime,
) -> DevicePrefixedModel:
    """MusicGen of the melody kind, whose file `prefix` onnxruntime runs; raises StepGraphError or DeviceAbsentError."""
    steps = _open_codes(graphs, step, settings, device, runtime)
    model = DevicePrefixedModel(steps, open_session(prefix, settings.threads, device), pattern, settings, device)
    _check_rows(steps, model.slots, step)
    return model


def _open_codes(
    graphs: Path, name: str, settings: CodeBookSettings, device: Device, runtime: PlanRuntime
) -> PlanSession:
    session = runtime.open(graphs, name, device)
    there = next(int(node.shape[2]) for node in session.get_inputs() if node.name.startswith(PAST))
    if settings.positions > there:
        raise StepGraphError(
            f"the plan of {name} has room for {there} positions, songs are to have {settings.positions}: lay the model "
            "again with this longest song"
        )
    return session


def _check_rows(session: PlanSession, slots: int, name: str) -> None:
    if slots > session.most_rows:
        raise StepGraphError(
            f"the plan of {name} takes {session.most_rows} rows at once, the model has {slots}: build it again with "
            f"--rows 1:2:{slots}"
        )
