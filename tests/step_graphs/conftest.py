"""One export of one random checkpoint, for all tests of the folder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from model_export.decoder_graphs import products
from model_export.decoder_graphs.device_caches import DeviceCaches
from model_export.graph_writer import Compute, GraphWriter
from model_export.score.export import decoder
from model_export.score.export.build import Settings, build
from model_export.score.export.checkpoint import load
from model_export.score.export.manifest import Manifest
from model_export.score.export.rotation import tables
from tests.step_graphs.checkpoints import checkpoint

# Graphs with caches that stay on a device, for which the CPU stands here.
ON_DEVICE: dict[str, Compute] = {"device.float32": np.float32, "device.float16": np.float16}


@dataclass(frozen=True)
class Exported:
    """`devices` holds the graphs ON_DEVICE."""

    source: Path
    folder: Path
    manifest: Manifest
    devices: Path


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
    read = load(source)
    for name, compute in ON_DEVICE.items():
        caches = DeviceCaches(tables(read.architecture))
        decoder.write(read, root / f"{name}.onnx", caches, products.floating, GraphWriter(compute))
    return Exported(source, folder, build(source, folder, Settings(python=interpreter(root, "exit 3"))), root)
