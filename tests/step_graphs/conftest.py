"""One export of one random checkpoint, for all tests of the folder."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from model_export.score.export.build import Settings, build
from model_export.score.export.manifest import Manifest
from tests.step_graphs.checkpoints import checkpoint


@dataclass(frozen=True)
class Exported:
    source: Path
    folder: Path
    manifest: Manifest


def interpreter(folder: Path, script: str) -> str:
    """A program that stands for a Python with, or without, the compiler."""
    file = folder / "python"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Made without the compiler."""
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("step-graphs")
    source, folder = checkpoint(root / "checkpoint"), root / "graphs"
    return Exported(source, folder, build(source, folder, Settings(python=interpreter(root, "exit 3"))))
