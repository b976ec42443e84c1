"""Command line: `build` makes plans of an export's graphs on this machine, `check` holds them against onnxruntime."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from model_export.tensorrt import checking
from model_export.tensorrt.building import build
from model_export.tensorrt.checking import POINTS, Runtime
from model_export.tensorrt.errors import NothingToDoError, PlansError
from model_export.tensorrt.graphs import read_export
from model_export.tensorrt.installation import Installation, find
from model_export.tensorrt.plans import check_place, read_plans
from model_export.tensorrt.profiles import parse
from model_export.tensorrt.running import DeviceRuntime


def main(
    given: Sequence[str] | None = None,
    finding: Callable[..., Installation] = find,
    running: Callable[[Any], Runtime] = DeviceRuntime,
) -> int:
    """0 when all was built or all is near enough, 1 when not, 2 when nothing could be tried."""
    chosen = _arguments().parse_args(given)
    try:
        return _build(chosen, finding) if chosen.action == "build" else _check(chosen, finding, running)
    except PlansError as error:
        sys.stderr.write(f"{error}\n")
        return error.status
    except OSError as error:
        sys.stderr.write(f"A file cannot be read or written: {error}\n")
        return 1


def _build(chosen: argparse.Namespace, finding: Callable[..., Installation]) -> int:
    rows, positions = (told and parse(told) for told in (chosen.rows, chosen.positions))
    export = read_export(chosen.graphs)
    graphs = export.graphs(chosen.only, rows, positions)
    there = finding(rtx=chosen.rtx)
    _tell(f"{there.name} {there.version} for {there.machine}")
    build(export, graphs, chosen.out, there, _tell)
    return 0


def _check(chosen: argparse.Namespace, finding: Callable[..., Installation], running: Callable[[Any], Runtime]) -> int:
    export, plans = read_export(chosen.graphs), read_plans(chosen.plans)
    wanted = [plan for plan in plans.plans if plan.name in chosen.only or not chosen.only]
    if missing := sorted(set(chosen.only) - {plan.name for plan in wanted}):
        raise NothingToDoError(f"{chosen.plans} has no plan of {missing[0]}: build it first.")
    there = finding(rtx=chosen.rtx)
    check_place(chosen.plans, plans, there)
    graphs = {graph.name: graph for graph in export.graphs()}
    kept = checking.check(export, graphs, wanted, chosen.plans, running(there.trt), chosen.at, _tell)
    return 0 if kept else 1


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model_export.tensorrt")
    actions = parser.add_subparsers(dest="action", required=True)
    building = actions.add_parser("build", help="compile the graphs of an export for this machine's GPU")
    building.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the plans")
    building.add_argument("--rows", metavar="MIN:OPT:MAX", help="of all graphs; 1:2:64 unless told")
    building.add_argument("--positions", metavar="MIN:OPT:MAX", help="behind which a step stands; all unless told")
    checks = actions.add_parser("check", help="run plans beside onnxruntime on the CPU, in float32")
    checks.add_argument("--at", nargs="+", choices=POINTS, default=POINTS, help="sizes of the profile")
    for action in (building, checks):
        action.add_argument("graphs", type=Path, metavar="GRAPHS", help="folder that a checkpoint was exported to")
        if action is checks:
            action.add_argument("plans", type=Path, metavar="PLANS", help="folder of plans")
        action.add_argument("--only", action="append", default=[], metavar="NAME", help="musicgen_cross.float16, …")
        action.add_argument("--rtx", action="store_true", help="with the package tensorrt_rtx")
    return parser


if __name__ == "__main__":
    sys.exit(main())
