"""Plans of the graphs of an export, one after another; what is done is kept whatever happens to the next."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from model_export.tensorrt import profiles
from model_export.tensorrt.graphs import Export, Graph
from model_export.tensorrt.installation import Installation
from model_export.tensorrt.network import build_plan
from model_export.tensorrt.plans import (
    Plan,
    check_place,
    plan_of,
    plans_for,
    read_plans,
    write_plans,
    write_whole,
)
from triton_models.step_graph.plans.place import NAME, SUFFIX

TIMINGS: Final = "timings.cache"


def build(
    export: Export, graphs: Sequence[Graph], folder: Path, there: Installation, tell: Callable[[str], None]
) -> None:
    """Writes `NAME.plan` of each graph, and `plans.json` anew behind each; `tell` hears a line before and behind.

    Raises PlansError, also when plans in the folder are for another TensorRT or another GPU.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plans = plans_for(there)
    if (folder / NAME).exists():
        plans = read_plans(folder)
        check_place(folder, plans, there)
    for number, graph in enumerate(graphs, 1):
        tell(f"{number} of {len(graphs)}: {graph.name} is built")
        made = _built(export, graph, folder, there)
        plans = plans.with_plan(made)
        write_plans(folder, plans)
        tell(f"{number} of {len(graphs)}: {made.file.path}, {made.file.bytes / 1e6:.1f} MB after {made.seconds:.1f} s")


def _built(export: Export, graph: Graph, folder: Path, there: Installation) -> Plan:
    export.check(graph)
    began, inputs, timings = time.monotonic(), graph.inputs(), folder / TIMINGS
    known = timings.read_bytes() if timings.exists() else b""
    shapes = [profiles.shapes(inputs, ranges) for ranges in graph.profiles]
    built = build_plan(there, graph.file, shapes, known)
    write_whole(folder / f"{graph.name}{SUFFIX}", built.plan)
    if built.timings:
        write_whole(timings, built.timings)
    used = [profiles.used(inputs, ranges) for ranges in graph.profiles]
    return plan_of(folder, graph, used, round(time.monotonic() - began, 1))
