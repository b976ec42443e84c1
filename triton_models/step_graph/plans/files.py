"""Finds the plan of a graph in a served model's folder, and refuses one that is of another graph, GPU or TensorRT."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from triton_models.step_graph.plans.place import FOLDER, NAME, SCHEMA, SUFFIX, Machine, Place, build_command, misplaced
from triton_models.step_graph.sessions import StepGraphError

MANIFEST: Final = "export.json"


def read_plan(graphs: Path, name: str, here: Place) -> bytes:
    """The plan of the graph `name`, as in `tensorrt.float16`, that was built of what lies in `graphs`.

    Raises StepGraphError, in a sentence.
    """
    folder, file = graphs / FOLDER, graphs / FOLDER / f"{name}{SUFFIX}"
    entry = _entry(graphs, name, here)
    if entry is None or not file.is_file():
        raise StepGraphError(f"{folder} has no plan of {name} that can be read: {_build(graphs, name)}.")
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != entry["file"]["sha256"]:
        raise StepGraphError(f"{file} is not the file that {NAME} names: {_build(graphs, name)}.")
    if entry["graph"] != _digests(graphs, name):
        raise StepGraphError(f"{file} was made of another graph than {graphs} has: {_build(graphs, name)}.")
    return content


def _entry(graphs: Path, name: str, here: Place) -> dict[str, Any] | None:
    """What the folder of plans says of this one; None where it says nothing."""
    folder = graphs / FOLDER
    try:
        told = json.loads((folder / NAME).read_text())
        if told["schema"] != SCHEMA:
            return None
        made = Place(told["module"], told["version"], Machine(**told["machine"]))
        found: dict[str, Any] | None = next((plan for plan in told["plans"] if plan["name"] == name), None)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if problem := misplaced(folder, made, here):
        raise StepGraphError(f"{problem}: remove that folder, and {_build(graphs, name)}.")
    return found


def _digests(graphs: Path, name: str) -> dict[str, str]:
    made = json.loads((graphs / MANIFEST).read_text())
    return {row["path"]: row["sha256"] for row in made["artefacts"] if row["path"].startswith(f"{name}.")}


def _build(graphs: Path, name: str) -> str:
    return f"run `{build_command(graphs, [name])}` on the GPU that serves it"
