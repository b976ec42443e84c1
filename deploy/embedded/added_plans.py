"""Whether the plans of a model that TensorRT runs were built, which is done after it was added, where it is served."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triton_models.step_graph.forms import DEVICE_FORM, PLAN_FORM
from triton_models.step_graph.plans.place import FOLDER, NAME, build_command


def unbuilt(version: Path, config: Any, made: Mapping[str, Any]) -> str:
    """Why a model without plans is not served, else empty; `made` is its manifest.

    Said of the folder itself: Triton reads links to it, beside which nothing that is built would stay.
    """
    if config.parameters["form"].string_value != PLAN_FORM:
        return ""
    ending = f".{DEVICE_FORM}.onnx"
    paths = [str(recorded["path"]) for recorded in made["artefacts"]]
    graphs = [path.removesuffix(".onnx") for path in paths if path.endswith(ending)]
    if _built(version).issuperset(graphs):
        return ""
    return f"its plans are not built: run `{build_command(version, graphs)}` on the GPU that serves it"


def _built(version: Path) -> set[str]:
    """Names of plans; none where what names them cannot be read. Whether they fit is seen where they are run."""
    try:
        return {str(plan["name"]) for plan in json.loads((version / FOLDER / NAME).read_text())["plans"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
