"""Command line: `python -m model_export.musicgen export FOLDER --out DIR` makes the graphs and `export.json`."""

import argparse
import sys
from pathlib import Path

import torch
from transformers.utils import logging

from model_export.musicgen.errors import CheckpointInvalidError
from model_export.musicgen.export import Settings, export
from model_export.stages import ParityLostError, Stage, line


def main() -> int:
    """0 when everything was made, 1 with the reason when not."""
    parser = argparse.ArgumentParser(prog="python -m model_export.musicgen")
    actions = parser.add_subparsers(dest="action", required=True)
    making = actions.add_parser("export", help="read a checkpoint, write its graphs and check them")
    making.add_argument("folder", type=Path, help="a checkpoint as the hub has it: config.json, model.safetensors, …")
    making.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the graphs")
    making.add_argument("--tensorrt-python", default=sys.executable, help="an interpreter that has tensorrt_rtx")
    making.add_argument("--threads", type=int, default=1, help="of the reference; beside other work more only wait")
    chosen = parser.parse_args()
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


def _tell(stage: Stage) -> None:
    sys.stdout.write(f"{line(stage)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
