"""Command line: `build` makes the model anew (needs onnx), `--check` verifies the committed one (does not)."""

import sys
from pathlib import Path

from model_export.command import main
from model_export.note_transcription.check import check
from model_export.note_transcription.manifest import read
from model_export.note_transcription.settings import REPOSITORY, TOLERANCE


def problems(folder: Path) -> list[str]:
    """What is wrong with the model in this folder."""
    return check(folder, read(folder), TOLERANCE)


if __name__ == "__main__":
    sys.exit(main("model_export.note_transcription", REPOSITORY, problems))
