"""Plans of graphs, built by the program itself with a twin of TensorRT, and what runs them on the CPU."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model_export.tensorrt.__main__ import main
from model_export.tensorrt.installation import Installation
from tests.tensorrt.cuda_twin import CudaTwin
from tests.tensorrt.exports import describe
from tests.tensorrt.twin import GPU, Trouble, installed, twin
from triton_models.step_graph.plans.opening import PlanRuntime


@dataclass(frozen=True)
class Machine:
    """A CPU that is called a GPU; `trouble` is what shall go wrong on it."""

    cuda: CudaTwin = field(default_factory=CudaTwin)
    trouble: Trouble = field(default_factory=Trouble)
    version: str = "10.16.1"

    @property
    def runtime(self) -> PlanRuntime:
        self.trouble.cuda = self.cuda
        return PlanRuntime(twin(self.trouble, self.version), self.cuda)

    @property
    def installation(self) -> Installation:
        """What builds plans on it."""
        return installed(twin(version=self.version), GPU)

    def build(self, graphs: Path, *only: str, rows: str = "1:2:128") -> None:
        """As the program does it, into the folder that is served."""
        chosen = [part for name in only for part in ("--only", name)]
        told = ["build", str(graphs), "--out", str(graphs / "plans"), "--rows", rows, *chosen]
        assert main(told, lambda rtx: self.installation) == 0


def described(graphs: Path, made: Mapping[str, Any]) -> Path:
    """With a manifest, as an export leaves it."""
    describe(graphs, made)
    return graphs
