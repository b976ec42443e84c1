"""What an export wrote for TensorRT, by its `export.json`: the graphs, their sizes, and what they are made of."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import onnx

from model_export.artefacts import NAME, Artefact, file_problem
from model_export.tensorrt import profiles
from model_export.tensorrt.errors import NothingToDoError, PlansError
from model_export.tensorrt.profiles import Range, Ranges
from triton_models.codec_stream.shape import read_shape
from triton_models.musicgen.checkpoint import PLANNED_CROSS, PLANNED_STEP
from triton_models.step_graph.plans.place import SCORE_STEP

SCORE: Final = "cadenza.score-export/1"
MUSICGEN: Final = "cadenza.musicgen-export/1"
# In standard operators. The others have operators of onnxruntime's own.
STEPS: Final = ("standard", "musicgen_standard", PLANNED_CROSS, "musicgen_prefix")
# Those that write their caches in place, and that are served.
SERVED: Final = (SCORE_STEP, PLANNED_STEP)
CODECS: Final = ("encodec_latents", "encodec_samples", "encodec_features", "encodec_codes")
TEXT: Final = "text_encoder"
FORMS: Final = ("float32", "float16")


@dataclass(frozen=True)
class Graph:
    """`name` is the graph and its form, as in `musicgen_cross.float16`; `digests` are those of its files.

    Graphs that are served take in one position of many rows, or with `prompts` many positions of one row.
    """

    name: str
    file: Path
    digests: Mapping[str, str]
    ranges: Ranges
    prompts: Ranges | None = None

    @property
    def profiles(self) -> list[Ranges]:
        """One, or one for steps and one for prompts."""
        return [self.ranges] if self.prompts is None else [self.ranges, self.prompts]

    @property
    def kind(self) -> str:
        return self.name.split(".")[0]

    @property
    def form(self) -> str:
        return self.name.split(".")[1]

    @property
    def exact(self) -> Path:
        """The same graph in float32, where it is there; of a folder that is served it is not."""
        exact = self.file.with_name(f"{self.kind}.float32.onnx")
        return exact if exact.exists() else self.file

    def inputs(self) -> dict[str, list[int | str]]:
        """Axes of each input, free ones by their names."""
        declared = onnx.load(self.file, load_external_data=False).graph.input
        return {node.name: [size.dim_param or size.dim_value for size in _sizes(node)] for node in declared}


@dataclass(frozen=True)
class Export:
    """A folder with its manifest."""

    folder: Path
    made: Mapping[str, Any]

    @property
    def context(self) -> int:
        """Positions that the step graphs have."""
        known = self.made["architecture"]["context"] if self.of_scores else self.made["decoder"]["max_positions"]
        return int(known)

    @property
    def of_scores(self) -> bool:
        return bool(self.made["schema"] == SCORE)

    def graphs(
        self, only: Collection[str] = (), rows: Range | None = None, positions: Range | None = None
    ) -> list[Graph]:
        """Those for TensorRT, by name; raises NothingToDoError when there is none, or none of a name."""
        files = [Artefact(**entry) for entry in self.made["artefacts"]]
        names = [name for name in (file.path.removesuffix(".onnx") for file in files) if _compiled(name)]
        if missing := sorted(set(only) - set(names)):
            raise NothingToDoError(f"There is no graph {missing[0]!r} to compile: choose of {', '.join(names)}.")
        chosen = [name for name in names if name in only or not only]
        if not chosen:
            raise NothingToDoError(f"{self.folder} has no graph for TensorRT: export the checkpoint into it first.")
        return [self._graph(name, files, rows, positions) for name in chosen]

    def _graph(self, name: str, files: list[Artefact], rows: Range | None, positions: Range | None) -> Graph:
        own = {file.path: file.sha256 for file in files if file.path.startswith(f"{name}.")}
        file, kind = self.folder / f"{name}.onnx", name.split(".")[0]
        if kind in SERVED:
            return Graph(name, file, own, profiles.served_steps(rows), profiles.served_prompts(self.context))
        return Graph(name, file, own, self._ranges(kind, rows, positions))

    def _ranges(self, kind: str, rows: Range | None, positions: Range | None) -> dict[str, Range]:
        steps = profiles.step_ranges(self.context, rows, positions)
        if kind == TEXT:
            sizes = json.loads((self.folder / f"{TEXT}.json").read_text())
            return {"rows": steps["rows"], "tokens": profiles.token_range(sizes["most_tokens"])}
        return {"rows": steps["rows"], **profiles.codec_ranges(read_shape(self.folder))} if kind in CODECS else steps

    def check(self, graph: Graph) -> None:
        """Raises PlansError when its files are not those that were exported."""
        recorded = [Artefact(**entry) for entry in self.made["artefacts"] if entry["path"] in graph.digests]
        for file in recorded:
            if file_problem(self.folder, file):
                raise PlansError(f"{file.path} is not the file that {NAME} names: export the checkpoint again.")


def read_export(folder: Path) -> Export:
    """Raises NothingToDoError where no checkpoint was exported to."""
    try:
        made = json.loads((folder / NAME).read_text())
        known = made["schema"] in (SCORE, MUSICGEN)
    except (OSError, ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise NothingToDoError(f"{folder} has no {NAME} of a checkpoint's graphs: export the checkpoint into it first.")
    return Export(folder, made)


def _compiled(name: str) -> bool:
    kind, *form = name.split(".")
    return kind in (*STEPS, *SERVED, *CODECS, TEXT) and len(form) == 1 and form[0] in FORMS


def _sizes(node: onnx.ValueInfoProto) -> Any:
    return node.type.tensor_type.shape.dim
