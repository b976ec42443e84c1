"""Checkpoints that several tests read, and one export. Who changes one copies it."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from model_export.musicgen.export import Settings, export
from model_export.musicgen.manifest import Manifest
from model_export.stages import Stage
from tests.musicgen.checkpoints import checkpoint, stereo
from tests.step_graphs.conftest import interpreter


@dataclass(frozen=True)
class Exported:
    source: Path
    folder: Path
    manifest: Manifest
    told: list[Stage]


@pytest.fixture(scope="session")
def mono(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("musicgen") / "mono")


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Of a stereo checkpoint, made without the compiler."""
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("musicgen-export")
    source, folder, told = stereo(root / "stereo"), root / "graphs", list[Stage]()
    made = export(source, folder, Settings(python=interpreter(root, "exit 3")), told.append)
    return Exported(source, folder, made, told)
