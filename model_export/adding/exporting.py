"""The export as adding uses it. Needs the `export` extra, so it is loaded by name, when everything else is clear."""

import os
import warnings
from collections.abc import Callable
from logging import ERROR, getLogger
from pathlib import Path
from typing import Final

import torch
from transformers.utils import logging

from model_export.musicgen.export import Settings, export
from model_export.profiles import CPU
from model_export.stages import Stage

MOST_THREADS: Final = 4


def make_graphs(checkpoint: Path, target: Path, tell: Callable[[Stage], None], profile: str = CPU) -> None:
    """Raises CheckpointInvalidError or ParityLostError; `tell` hears of each stage when it is over."""
    torch.set_num_threads(min(MOST_THREADS, os.cpu_count() or 1))
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    # The exporter of torch tells developers of itself.
    getLogger("torch.onnx").setLevel(ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export(checkpoint, target, Settings(profile=profile), tell)
