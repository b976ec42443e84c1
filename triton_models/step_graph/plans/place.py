"""What a folder of plans is for: one TensorRT and one kind of GPU. Also how served plans are called. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAME: Final = "plans.json"
SCHEMA: Final = "cadenza.tensorrt-plans/1"
SUFFIX: Final = ".plan"
# The score model's graph whose plan is served, without its form.
SCORE_STEP: Final = "tensorrt"
# Where a served model has its plans, beside its graphs.
FOLDER: Final = "plans"
# TensorRT wants addresses that are multiples of this, and calls begin at any row.
ALIGNED: Final = 256
# So many positions or words of float16 fill whole lines of that.
ROUND: Final = 128


@dataclass(frozen=True)
class Machine:
    """The GPU's `name`, empty where there is none, and its compute `capability`, as in 9.0."""

    name: str
    capability: str

    def __str__(self) -> str:
        return f"{self.name or 'no GPU'} (compute capability {self.capability})"


@dataclass(frozen=True)
class Place:
    """TensorRT's module by its name and version, and the machine."""

    module: str
    version: str
    machine: Machine


def misplaced(folder: Path, made: Place, here: Place) -> str:
    """Why plans of the folder do not fit here, as the beginning of a sentence; empty where they do."""
    if (made.module, made.version) != (here.module, here.version):
        return f"The plans in {folder} are for {made.module} {made.version}, and here is {here.module} {here.version}"
    if made.machine != here.machine:
        return f"The plans in {folder} are for {made.machine}, and here is {here.machine}"
    return ""


def build_command(graphs: Path, names: Iterable[str]) -> str:
    """What builds plans of these graphs, each with its form, where a served model has them."""
    only = " ".join(f"--only {name}" for name in names)
    return f"python -m model_export.tensorrt build {graphs} --out {graphs / FOLDER} {only}"


def rounded(count: int) -> int:
    """Positions or words that caches of so many have in a plan."""
    return -(-count // ROUND) * ROUND
