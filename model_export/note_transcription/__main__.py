"""Command line: `build` makes the model anew (needs onnx), `--check` verifies the committed one (does not)."""

import argparse
import importlib
import sys
from pathlib import Path

from model_export.note_transcription.check import check
from model_export.note_transcription.manifest import read
from model_export.note_transcription.settings import REPOSITORY, TOLERANCE


def arguments() -> argparse.Namespace:
    """`build` or nothing, `--check`, and the folder of the model."""
    parser = argparse.ArgumentParser(prog="python -m model_export.note_transcription")
    parser.add_argument("action", nargs="?", choices=["build"])
    parser.add_argument("--check", action="store_true", help="verify digests and parity with onnxruntime only")
    parser.add_argument("--folder", type=Path, default=REPOSITORY)
    chosen = parser.parse_args()
    if not (chosen.action or chosen.check):
        parser.error("say build, --check or both")
    return chosen


def main() -> int:
    """0 when built and checked, 1 when the check found a problem."""
    chosen = arguments()
    if chosen.action == "build":
        # Loaded by name: onnx is an optional extra, and --check must work without it.
        made = importlib.import_module("model_export.note_transcription.build").build(chosen.folder)
        sys.stdout.write(f"{made.artefacts[0].bytes} bytes, {made.distance} from the published graph\n")
    problems = check(chosen.folder, read(chosen.folder), TOLERANCE) if chosen.check else []
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
