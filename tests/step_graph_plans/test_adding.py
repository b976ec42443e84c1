"""A checkpoint is added for the profile tensorrt, its plans are built by the program, and it makes sound."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

from model_export.adding.adding import Wish, add
from model_export.adding.telling import Teller
from model_export.musicgen.export import Settings, export
from model_export.stages import Stage
from tests.musicgen.checkpoints import checkpoint, melody
from tests.musicgen_serving.test_desk import Waiting
from tests.musicgen_serving.test_service import document
from tests.step_graph_plans.plans import Machine
from tests.step_graphs.conftest import interpreter
from triton_models.musicgen.service import MusicGenService, ServiceSettings
from triton_models.step_graph.devices import DeviceAbsentError
from triton_models.step_graph.sessions import StepGraphError


def added(source: Path, models: Path, python: str) -> Path:
    """The version's folder, by the export itself with fewer steps."""
    torch.set_num_threads(1)
    quick = Settings(greedy_steps=12, drawn_steps=6, same_code=0.0, python=python, profile="tensorrt")
    wish = Wish(str(source), id="tune", longest_seconds=3.0, memory_mib=8, profile="tensorrt")

    def make_graphs(checkpoint: Path, target: Path, tell: Callable[[Stage], None]) -> None:
        export(checkpoint, target, quick, tell)

    return add(wish, models, lambda: make_graphs, Teller(Console(quiet=True))) / "1"


@pytest.mark.parametrize(
    ("kind", "only", "others", "words"),
    [
        (checkpoint, ("musicgen_tensorrt.float16", "musicgen_cross.float16"), (), 128),
        # A melody and its text stand before the codes, and onnxruntime makes what is taken in of them.
        (melody, ("musicgen_tensorrt.float16",), ("musicgen_prefix.float32",), 64),
    ],
)
def test_a_checkpoint_is_served_from_plans_that_the_program_built(
    tmp_path: Path, kind: Callable[[Path], Path], only: tuple[str, ...], others: tuple[str, ...], words: int
) -> None:
    # Given a checkpoint as `cadenza models add --profile tensorrt` lays it
    graphs = added(kind(tmp_path / "checkpoint"), tmp_path / "models", interpreter(tmp_path, "exit 3"))
    config = (graphs.parent / "config.pbtxt").read_text()
    for key, value in {"form": "tensorrt", "device": "cuda:0", "most_words": str(words)}.items():
        assert f'key: "{key}" value {{ string_value: "{value}" }}' in config
    assert sorted(file.stem for file in graphs.glob("musicgen_*.onnx")) == sorted([*only, *others])

    # When it is served before there are plans, then it is said how they come
    machine = Machine()
    settings = ServiceSettings("tensorrt", 8 << 20, 3.0, words=words, device="cpu", slots=8)
    with pytest.raises(StepGraphError, match=r"has no plan of musicgen_tensorrt\.float16 that can be read: run"):
        MusicGenService(graphs, settings, machine.runtime)

    # When they are built and the CPU stands for the GPU, then there is sound
    machine.build(graphs, *only)
    service, heard = MusicGenService(graphs, settings, machine.runtime), Waiting()
    service.submit(document(duration_seconds=3), heard)
    song = heard.song()
    service.close()
    assert song.shape == (1, 1200)
    assert np.abs(song).max() > 1e-3
    assert machine.cuda.launches > 100

    # and on its own the model wants the GPU that the configuration names
    with pytest.raises(DeviceAbsentError):
        MusicGenService(graphs, replace(settings, device="cuda:0"))
