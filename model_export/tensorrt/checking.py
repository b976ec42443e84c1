"""What plans compute beside what onnxruntime computes on the CPU, in float32 where that graph is there.

That is done at every point of their profiles.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import onnxruntime

from model_export.adding.memory import free_bytes
from model_export.sessions import session
from model_export.tensorrt import profiles
from model_export.tensorrt.errors import NothingToDoError, PlansError
from model_export.tensorrt.graphs import Export, Graph
from model_export.tensorrt.inputs import Array, Feeds, feeds
from model_export.tensorrt.plans import Plan, check_plan

POINTS: Final = ("smallest", "usual", "largest")
# Of float32, as the exports promise it; of codes, the share that may be a tie.
NUMBERS: Final = 1e-4
TIES: Final = 1e-3
# Of float16: so many times what onnxruntime's float16 loses on the same inputs, and not below these.
TIMES: Final = 4.0
HALF_NUMBERS: Final = 1e-3
HALF_TIES: Final = 1e-2
# Where nothing computes in float32, both sides may be off by that, and in opposite directions.
BOTH: Final = 2
THREADS: Final = 2
# Inputs lie here in both forms, and scores and masks of the reference beside them.
COPIES: Final = 3
TYPES: Final[Mapping[str, type[np.generic]]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
}
# What stands behind a point, by the number of the profile.
PROMPTS: Final = ("", "-prompt")


class Opened(Protocol):
    """A plan that is ready to run."""

    def run(self, given: Feeds, profile: int = 0) -> Mapping[str, Array]:
        """All outputs by their names, of sizes that this profile has."""
        ...


class Runtime(Protocol):
    """What runs plans."""

    def open(self, plan: Path) -> Opened:
        """Raises PlansError when it does not take the plan."""
        ...


@dataclass(frozen=True)
class Drift:
    """Of one output: how far it is from the reference, and how far it may be; of codes, shares that differ."""

    output: str
    apart: float
    allowed: float

    @property
    def kept(self) -> bool:
        return self.apart <= self.allowed


def check(
    export: Export,
    graphs: Mapping[str, Graph],
    plans: Sequence[Plan],
    folder: Path,
    runtime: Runtime,
    points: Collection[str],
    tell: Callable[[str], None],
) -> bool:
    """Whether all outputs of all plans are near enough; `tell` hears the rows of a table. Raises PlansError."""
    kept = True
    tell(_row("plan", "profile", "worst output", "apart", "allowed", ""))
    for plan in plans:
        if plan.name not in graphs:
            raise NothingToDoError(f"{plan.file.path} has no graph in {export.folder}: give the export it was made of.")
        graph = graphs[plan.name]
        export.check(graph)
        check_plan(folder, plan, graph)
        opened = runtime.open(folder / plan.file.path)
        for profile, point in product(range(len(plan.profiles)), [point for point in POINTS if point in points]):
            drifts = compare(export, graph, plan, opened, point, profile)
            worst = max(drifts, key=lambda drift: drift.apart / drift.allowed)
            kept = kept and worst.kept
            numbers = f"{worst.apart:.1e}", f"{worst.allowed:.1e}"
            where = f"{point}{PROMPTS[profile]}"
            tell(_row(plan.name, where, worst.output, *numbers, "" if worst.kept else "DRIFTS"))
    return kept


def compare(export: Export, graph: Graph, plan: Plan, opened: Opened, point: str, profile: int = 0) -> list[Drift]:
    """Every output at one point of one of the plan's profiles."""
    place, ranges = POINTS.index(point), plan.profiles[profile]
    shapes = {name: profiles.at(axes, ranges, place) for name, axes in graph.inputs().items()}
    _check_memory(graph, point, shapes)
    own, exact = session(graph.file, THREADS), session(graph.exact, THREADS)
    # Rounded as the plan takes them, so that the reference sees the same numbers.
    given = _typed(own, feeds(export, graph, shapes))
    wanted, found = _run(exact, given), opened.run(given, profile)
    loses = _run(own, given) if graph.file != graph.exact else wanted
    if missing := sorted(set(wanted) - set(found)):
        raise PlansError(f"{plan.file.path} does not give {missing[0]}: build it again.")
    return [
        Drift(name, distance(values, found[name]), _allowed(values, loses[name], graph))
        for name, values in wanted.items()
    ]


def distance(wanted: Array, found: Array) -> float:
    """The largest, as a share of the loudest of `wanted` where that is above 1; of codes the share that differs."""
    if wanted.shape != found.shape:
        return math.inf
    if np.issubdtype(wanted.dtype, np.integer):
        return float((wanted != found).mean())
    apart = np.abs(wanted.astype(np.float64) - found)
    return float(apart.max() / max(1.0, np.abs(wanted).max())) if np.isfinite(apart).all() else math.inf


def _allowed(wanted: Array, loses: Array, graph: Graph) -> float:
    whole = np.issubdtype(wanted.dtype, np.integer)
    if graph.form == "float32":
        return TIES if whole else NUMBERS
    least = HALF_TIES if whole else HALF_NUMBERS
    return BOTH * least if graph.exact == graph.file else max(TIMES * distance(wanted, loses), least)


def _typed(runner: onnxruntime.InferenceSession, given: Feeds) -> dict[str, Array]:
    return {node.name: given[node.name].astype(TYPES[node.type]) for node in runner.get_inputs()}


def _run(runner: onnxruntime.InferenceSession, given: Feeds) -> dict[str, Array]:
    names = [node.name for node in runner.get_outputs()]
    return dict(zip(names, runner.run(names, _typed(runner, given)), strict=True))


def _check_memory(graph: Graph, point: str, shapes: Mapping[str, list[int]]) -> None:
    needed, free = COPIES * sum(4 * math.prod(shape) for shape in shapes.values()), free_bytes()
    if needed > free:
        raise PlansError(
            f"{graph.name} at its {point} sizes takes {needed >> 20} MiB here and {free >> 20} are free: "
            "check other sizes with --at."
        )


def _row(name: str, point: str, output: str, apart: str, allowed: str, verdict: str) -> str:
    return f"{name:28} {point:15} {output:24} {apart:>9} {allowed:>9} {verdict}".rstrip()
