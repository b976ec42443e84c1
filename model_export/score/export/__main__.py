"""Command line: `python -m model_export.score.export CHECKPOINT TARGET` makes the graphs and `export.json`."""

import argparse
import sys
from pathlib import Path

from model_export.score.export.build import Settings, build
from model_export.score.export.checkpoint import CheckpointInvalidError
from model_export.stages import ParityLostError, line


def main() -> int:
    """0 when everything was made, 1 with the reason when not."""
    parser = argparse.ArgumentParser(prog="python -m model_export.score.export")
    parser.add_argument("checkpoint", type=Path, help="folder with config.json and model.safetensors")
    parser.add_argument("target", type=Path, help="folder for the graphs")
    parser.add_argument("--tensorrt-python", default=sys.executable, help="an interpreter that has tensorrt_rtx")
    chosen = parser.parse_args()
    try:
        made = build(chosen.checkpoint, chosen.target, Settings(python=chosen.tensorrt_python))
    except (CheckpointInvalidError, ParityLostError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for stage in made.stages:
        sys.stdout.write(f"{line(stage)}\n")
    sys.stdout.write(f"int8: {made.int8_form}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
