"""Graphs for plans of tiny random checkpoints, with plans of the twin, made once for all tests of the folder."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from model_export.decoder_graphs import products
from model_export.decoder_graphs.updated_caches import UpdatedCaches
from model_export.graph_writer import Compute, GraphWriter
from model_export.score.export import decoder
from model_export.score.export.checkpoint import load
from model_export.score.export.rotation import tables
from model_export.tensorrt.graphs import SCORE
from tests.step_graph_plans.plans import Machine, described
from tests.step_graphs.checkpoints import checkpoint

FORMS: dict[str, Compute] = {"float32": np.float32, "float16": np.float16}


@pytest.fixture(scope="session")
def scores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint in `checkpoint`, graphs beside it, plans in `plans`."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("score-plans")
    source = load(checkpoint(tmp_path_factory.mktemp("score") / "checkpoint", max_position_embeddings=128))
    for form, compute in FORMS.items():
        caches, file = UpdatedCaches(tables(source.architecture)), folder / f"tensorrt.{form}.onnx"
        decoder.write(source, file, caches, products.floating, GraphWriter(compute))
    described(folder, {"schema": SCORE, "architecture": asdict(source.architecture), "source": str(source.folder)})
    Machine().build(folder)
    return folder
