"""Command line: `python -m model_export.musicgen export` makes a checkpoint's graphs, `repository` Triton's folder."""

import argparse
import sys
from pathlib import Path

import torch
from transformers.utils import logging

from model_export.artefacts import NAME
from model_export.musicgen.card import read_card
from model_export.musicgen.errors import CheckpointInvalidError
from model_export.musicgen.export import Settings, export
from model_export.musicgen.repository import Serving, write_repository
from model_export.stages import ParityLostError, Stage, line
from triton_models.musicgen.requests import LONGEST_SECONDS


def main() -> int:
    """0 when everything was made, 1 with the reason when not."""
    parser = argparse.ArgumentParser(prog="python -m model_export.musicgen")
    actions = parser.add_subparsers(dest="action", required=True)
    making = actions.add_parser("export", help="read a checkpoint, write its graphs and check them")
    making.add_argument("folder", type=Path, help="a checkpoint as the hub has it: config.json, model.safetensors, …")
    making.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the graphs")
    making.add_argument("--tensorrt-python", default=sys.executable, help="an interpreter that has tensorrt_rtx")
    making.add_argument("--threads", type=int, default=1, help="of the reference; beside other work more only wait")
    usual = Serving()
    laying = actions.add_parser("repository", help="lay exported graphs as a model for Triton")
    laying.add_argument("graphs", type=Path, help="what `export` made")
    laying.add_argument("--out", type=Path, required=True, metavar="MODELS/NAME", help="the model's folder")
    laying.add_argument("--form", choices=("int8", "float32"), default=usual.form)
    laying.add_argument("--seconds", type=float, default=usual.longest_seconds, help="that a window of a song has")
    laying.add_argument(
        "--memory", type=int, default=usual.memory_bytes >> 20, metavar="MIB", help="for songs in flight"
    )
    laying.add_argument("--threads", type=int, default=usual.threads, help="of each graph; 0 for what suits the server")
    chosen = parser.parse_args()
    if chosen.action == "repository":
        return lay(chosen)
    torch.set_num_threads(chosen.threads)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        made = export(chosen.folder, chosen.out, Settings(python=chosen.tensorrt_python), _tell)
    except (CheckpointInvalidError, ParityLostError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"int8: {made.int8_form}\n")
    return 0


def lay(chosen: argparse.Namespace) -> int:
    """0 when Triton's folder is there, 1 when there are no graphs."""
    if not (chosen.graphs / NAME).is_file():
        sys.stderr.write(f"{chosen.graphs} has no {NAME}: run `export FOLDER --out {chosen.graphs}` first\n")
        return 1
    serving = Serving(
        form=chosen.form,
        memory_bytes=chosen.memory << 20,
        longest_seconds=chosen.seconds,
        threads=chosen.threads,
    )
    card = read_card(chosen.graphs, chosen.out.name, LONGEST_SECONDS)
    write_repository(chosen.graphs, chosen.out, serving, card)
    sys.stdout.write(f"{chosen.out}: put it beside Triton's other models\n")
    return 0


def _tell(stage: Stage) -> None:
    sys.stdout.write(f"{line(stage)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
