"""The model's folder as Triton and the supervisor read it."""

import hashlib
import json
import re
from pathlib import Path

from tests.renderer.scores import never
from triton_models.renderer.options import options_from_json
from triton_models.renderer.responses import Response, respond
from triton_models.renderer.synth import SoundFontSynth


def test_the_configuration_says_what_the_protocol_says(model_folder: Path) -> None:
    config = (model_folder / "config.pbtxt").read_text()

    tensors = re.findall(r'name: "(\w+)" data_type: (\w+) dims: \[ ([^\]]+) \]', config)
    assert tensors == [
        ("SCORE", "TYPE_STRING", "1"),
        ("OPTIONS", "TYPE_STRING", "1"),
        ("META", "TYPE_STRING", "1"),
        ("MIX", "TYPE_FP32", "-1, 2"),
        ("STEMS", "TYPE_FP32", "-1, -1, 2"),
    ]
    assert "decoupled: true" in config
    assert "max_batch_size: 0" in config
    assert "kind:" not in config
    soundfont = re.search(r'key: "soundfont" value \{ string_value: "([^"]+)"', config)
    assert soundfont is not None
    assert (model_folder / soundfont[1]).is_file()


def test_the_probe_is_a_whole_request(model_folder: Path, synth: SoundFontSynth) -> None:
    inputs = json.loads((model_folder / "probe.json").read_text())["inputs"]
    sent: list[Response] = []

    respond(synth, inputs["SCORE"].encode(), options_from_json(inputs["OPTIONS"]), sent.append, never)

    assert json.loads(sent[-1].meta)["frames"] == 44_100


def test_the_soundfont_is_the_one_that_its_readme_documents(model_folder: Path) -> None:
    folder = model_folder / "soundfont"

    digest = hashlib.sha256((folder / "cadenza-gm.sf3").read_bytes()).hexdigest()

    assert digest in (folder / "README.md").read_text()
    assert "Permission is hereby granted" in (folder / "LICENSE").read_text()
