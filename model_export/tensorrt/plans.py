"""`plans.json` beside the plans: which graph, TensorRT and GPU each belongs to. A plan fits nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from model_export.artefacts import Artefact, artefact, file_problem
from model_export.tensorrt import profiles
from model_export.tensorrt.errors import NothingToDoError, PlansError
from model_export.tensorrt.graphs import Graph
from model_export.tensorrt.installation import Installation
from model_export.tensorrt.profiles import Range
from triton_models.step_graph.plans.place import NAME, SCHEMA, SUFFIX, Machine, Place, misplaced


@dataclass(frozen=True)
class Plan:
    """`graph` holds the digests of the files it was made of, `seconds` is what building took.

    `profile` has its free axes, and `prompts` has them in the second profile, where there is one.
    """

    name: str
    file: Artefact
    graph: Mapping[str, str]
    profile: Mapping[str, Range]
    seconds: float
    prompts: Mapping[str, Range] | None = None

    @property
    def profiles(self) -> list[Mapping[str, Range]]:
        """As Graph has them."""
        return [self.profile] if self.prompts is None else [self.profile, self.prompts]


@dataclass(frozen=True)
class Plans:
    """All plans of a folder are for one TensorRT, by its module and version, and for one kind of GPU."""

    module: str
    version: str
    machine: Machine
    plans: tuple[Plan, ...] = ()
    schema: str = SCHEMA

    @property
    def place(self) -> Place:
        """What all of them are for."""
        return Place(self.module, self.version, self.machine)

    def with_plan(self, plan: Plan) -> "Plans":
        """That plan instead of one of its name."""
        others = [other for other in self.plans if other.name != plan.name]
        return replace(self, plans=tuple(sorted([*others, plan], key=lambda each: each.name)))


def plans_for(there: Installation) -> Plans:
    """None so far."""
    return Plans(there.name, there.version, there.machine)


def read_plans(folder: Path) -> Plans:
    """Raises NothingToDoError where no plans were built."""
    try:
        told = json.loads((folder / NAME).read_text())
        if told["schema"] != SCHEMA:
            raise ValueError(told["schema"])
        plans = tuple(_read(each) for each in told["plans"])
        return Plans(told["module"], told["version"], Machine(**told["machine"]), plans)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NothingToDoError(f"{folder} has no {NAME} that can be read: build plans there first.") from error


def _read(told: Mapping[str, Any]) -> Plan:
    prompts = None if told.get("prompts") is None else profiles.read(told["prompts"])
    known = {"file": Artefact(**told["file"]), "profile": profiles.read(told["profile"]), "prompts": prompts}
    return Plan(**{**told, **known})


def write_plans(folder: Path, plans: Plans) -> None:
    """Whole or not at all."""
    write_whole(folder / NAME, (json.dumps(asdict(plans), indent=2, ensure_ascii=False) + "\n").encode())


def write_whole(file: Path, content: bytes) -> None:
    """Under another name first, so that a reader never finds half of it."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_bytes(content)
    beside.replace(file)


def check_place(folder: Path, plans: Plans, there: Installation) -> None:
    """Raises PlansError when the plans of a folder are for another TensorRT or another GPU."""
    if problem := misplaced(folder, plans.place, there.place):
        raise PlansError(f"{problem}: build them again into another folder.")


def check_plan(folder: Path, plan: Plan, graph: Graph) -> None:
    """Raises PlansError when the file is another one, or was made of another graph."""
    if file_problem(folder, plan.file):
        raise PlansError(f"{plan.file.path} is not the file that {NAME} names: build it again.")
    if dict(plan.graph) != dict(graph.digests):
        raise PlansError(f"{plan.file.path} was made of another {graph.file.name}: build it again.")


def plan_of(folder: Path, graph: Graph, used: Sequence[Mapping[str, Range]], seconds: float) -> Plan:
    """Of the file that lies there now; `used` are its profiles."""
    profile, *prompts = used
    file = artefact(folder, f"{graph.name}{SUFFIX}")
    return Plan(graph.name, file, graph.digests, profile, seconds, prompts[0] if prompts else None)
