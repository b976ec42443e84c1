"""Writes and changes an export's manifest, for what tests lay beside it."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from model_export.artefacts import NAME, artefact


def describe(folder: Path, made: Mapping[str, Any]) -> None:
    """Names every file of the folder in its manifest."""
    names = sorted(file.name for file in folder.iterdir() if file.name != NAME)
    (folder / NAME).write_text(json.dumps({**made, "artefacts": [asdict(artefact(folder, name)) for name in names]}))


def copied(export: Path, target: Path) -> Path:
    """For a test that changes something."""
    shutil.copytree(export, target)
    return target
