"""Models as `cadenza models add` lays them, with the echo model's program in place of music."""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.embedded.conftest import MODELS

CARD = {
    "schema": "cadenza.model/1",
    "id": "my-echo",
    "name": 'My "Echo"',
    "description": "Says what it hears.",
    "kind": "audio",
    "licence": {"name": "CC-BY-NC-4.0", "commercial_use": False},
    "longest_seconds": 30.0,
    "sampling_rate": 32000,
    "audio_channels": 1,
}
BROKEN = "class TritonPythonModel:\n    def initialize(self, args):\n        raise RuntimeError('its graph is torn')\n"
HANGING = "import time\nclass TritonPythonModel:\n    def initialize(self, args):\n        time.sleep(1000)\n"


def lay_added(folder: Path, program: str | None = None, **card: Any) -> Path:
    """A model whose served name is the folder's; `program` replaces what it runs."""
    shutil.copytree(MODELS / "echo", folder)
    (folder / "probe.json").unlink()
    text = json.dumps(json.dumps({**CARD, "id": folder.name.replace("_", "-"), **card}))
    config = (folder / "config.pbtxt").read_text().replace('name: "echo"', f'name: "{folder.name}"', 1)
    (folder / "config.pbtxt").write_text(f'{config}\nparameters {{ key: "card" value {{ string_value: {text} }} }}\n')
    weights = folder / "1" / "weights.onnx"
    weights.write_bytes(b"weights")
    recorded = {"path": weights.name, "sha256": "", "bytes": 7}
    (folder / "1" / "export.json").write_text(json.dumps({"artefacts": [recorded]}))
    if program is not None:
        (folder / "1" / "model.py").write_text(program)
    return folder
