"""From the bytes of a request to a song at the desk, without Triton: reading, refusing, and the words of failures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from triton_models.composer.brief import BriefError, parse_brief
from triton_models.generation_core.errors import QueueFullError, RequestCancelledError, SchedulerClosedError
from triton_models.generation_core.metrics import Snapshot
from triton_models.generation_core.request import Boundaries
from triton_models.generation_core.runner import Runner
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.score_language import language
from triton_models.score_language.vocabulary import MOST_BARS_LEFT
from triton_models.score_tiny.options import OptionsError, options_from_json, vector_of
from triton_models.score_writer.desk import MOST_SONGS, Customer, Desk
from triton_models.score_writer.edits import EditError, parse_edit
from triton_models.score_writer.songs import task_of
from triton_models.score_writer.windows import Manner
from triton_models.step_graph import device_model, model
from triton_models.step_graph.devices import Device
from triton_models.step_graph.model import StepGraphSettings
from triton_models.step_graph.plans.models import open_step_plan
from triton_models.step_graph.plans.opening import PlanRuntime, find
from triton_models.step_graph.plans.place import SUFFIX

_CODES: Final[dict[type[Exception], str]] = {
    BriefError: "INVALID_BRIEF",
    EditError: "INVALID_EDIT",
    OptionsError: "INVALID_OPTIONS",
}


@dataclass(frozen=True)
class Wanted:
    """The tensors of a request: JSON documents, of which `edit` may be empty, and a sentence embedding [384]."""

    brief: bytes
    text: NDArray[Any]
    edit: bytes
    options: bytes


class ScoreService:
    """One model for all requests; `folder` holds the graph and the files of its language.

    A `device` is given where the graph is one for devices. One that is a plan is run by `plans`, or by what is here.
    """

    def __init__(
        self,
        folder: Path,
        graph: str,
        settings: StepGraphSettings,
        device: Device | None = None,
        plans: PlanRuntime | None = None,
    ) -> None:
        self._language = language.load(folder)
        opened: model.StepGraphModel | device_model.DeviceStepGraphModel
        if device is None:
            opened = model.open_step_graph(folder / graph, settings)
        elif graph.endswith(SUFFIX):
            opened = open_step_plan(folder, graph.removesuffix(SUFFIX), settings, device, plans or find())
        else:
            opened = device_model.open_on_device(folder / graph, settings, device)
        if opened.vocabulary != len(self._language.tokenizer):
            raise ValueError(
                f"{graph} knows {opened.vocabulary} tokens, its language has {len(self._language.tokenizer)}"
            )
        self._context = opened.context
        self._runner = Runner(Scheduler(opened, Limits(most_waiting=MOST_SONGS)), "score-runner")
        bars = [self._language.vocabulary.id("Bar", left) for left in range(1, MOST_BARS_LEFT + 1)]
        self._desk = Desk(self._runner, self._context, Boundaries(frozenset(bars)))

    def submit(self, wanted: Wanted, customer: Customer) -> None:
        """The customer is told how it ends; raises what `failure` has words for, and then it is not."""
        options, vector = options_from_json(wanted.options), vector_of(wanted.text)
        brief = parse_brief(wanted.brief)
        edit = parse_edit(wanted.edit) if wanted.edit.strip() else None
        task = task_of(brief, edit, self._language, self._context, text=vector is not None)
        manner = Manner(brief.seed, vector, options.taste, options.owner, options.priority)
        self._desk.submit(task, manner, customer)

    def snapshot(self) -> Snapshot:
        """The scheduler's numbers."""
        return self._runner.snapshot()

    def close(self) -> None:
        """All songs end; returns after the threads have."""
        self._desk.close()


def failure(error: Exception) -> str:
    """`CODE: words` of whatever a song failed by; a bug's own words are for the log."""
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return f"{code}: {error}"
    if isinstance(error, QueueFullError):
        return f"{QueueFullError.code}: {error.waiting} songs are being written or wait already; try again soon"
    if isinstance(error, RequestCancelledError | SchedulerClosedError):
        return str(error)
    return "INTERNAL: the model failed on this song"
