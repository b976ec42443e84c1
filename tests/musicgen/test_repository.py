"""What is generated for Triton: its configuration, the card in it, and which files of an export are served."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from model_export.musicgen import __main__ as program
from model_export.musicgen.card import Card, CardLicence, read_card
from model_export.musicgen.repository import Serving, configuration, served_files
from tests.musicgen.conftest import Exported

CARD = Card("my-model", 'Tom\'s "best" \\ größte', "two\nlines", CardLicence("unknown", None), 12.5, 32000, 2, "0a1b")


def parameters(text: str) -> dict[str, str]:
    parsed = text_format.Parse(text, model_config_pb2.ModelConfig())
    return {name: value.string_value for name, value in parsed.parameters.items()}


def test_a_card_comes_through_the_configuration_whatever_it_says() -> None:
    told = parameters(configuration("my_model", Serving(longest_seconds=12.5), CARD))

    assert told.pop("card") == CARD.json()
    assert told == {
        "form": "int8",
        "memory_bytes": "2147483648",
        "longest_seconds": "12.5",
        "most_words": "64",
        "threads": "0",
        "context_share": "0.4",
        "kept_bytes": "67108864",
    }
    assert json.loads(CARD.json()) == {
        "schema": "cadenza.model/1",
        "id": "my-model",
        "name": 'Tom\'s "best" \\ größte',
        "description": "two\nlines",
        "kind": "audio",
        "licence": {"name": "unknown", "commercial_use": None},
        "longest_seconds": 12.5,
        "sampling_rate": 32000,
        "audio_channels": 2,
        "version": "0a1b",
        "melody": False,
    }


def test_without_a_card_there_is_none() -> None:
    assert "card" not in parameters(configuration("my_model", Serving()))


@pytest.mark.parametrize(("known", "commercial"), [("YES", True), ("NO", False), ("UNKNOWN", None)])
def test_what_is_known_of_a_licence_is_on_the_card(tmp_path: Path, known: str, commercial: bool | None) -> None:
    made: dict[str, Any] = {"decoder": {"audio_channels": 1}, "sampling_rate": 32000}
    made["weights_sha256"] = "0a1b2c3d4e5f6789"
    made["licence"] = {"id": None if commercial is None else "MIT", "commercial_use": known}
    (tmp_path / "export.json").write_text(json.dumps(made))

    card = read_card(tmp_path, "musicgen_small", 30.0)

    assert card.licence == CardLicence("unknown" if commercial is None else "MIT", commercial)
    assert (card.id, card.name) == ("musicgen-small", "MusicGen Small")
    assert card.description == "Makes mono sound at 32 kHz from words."


def test_a_model_that_hears_melodies_has_it_on_its_card(tmp_path: Path) -> None:
    made: dict[str, Any] = {"decoder": {"audio_channels": 2}, "sampling_rate": 32000, "melody": {"length": 235}}
    made["weights_sha256"] = "0a1b2c3d4e5f6789"
    made["licence"] = {"id": "MIT", "commercial_use": "YES"}
    (tmp_path / "export.json").write_text(json.dumps(made))

    card = read_card(tmp_path, "musicgen_stereo_melody", 30.0)

    assert json.loads(card.json())["melody"] is True
    assert card.description == "Makes stereo sound at 32 kHz from words and melodies."


@pytest.mark.parametrize("form", ["int8", "float32"])
def test_of_each_graph_the_form_that_is_served_is_laid(exported: Exported, form: str) -> None:
    kept = served_files([file.name for file in exported.folder.iterdir()], form)

    assert kept == sorted(
        [
            "codec.json",
            "encodec_codes.float32.onnx",
            "encodec_features.float32.onnx",
            f"encodec_latents.{form}.onnx",
            "encodec_samples.float32.onnx",
            "export.json",
            "musicgen_cross.float32.onnx",
            "musicgen_cross.float32.weights",
            f"musicgen_step.{form}.onnx",
            f"musicgen_step.{form}.weights",
            "text_encoder.float32.onnx",
            "text_encoder.json",
            "tokenizer.json",
        ]
    )


def test_the_command_lays_a_model_with_its_card(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tiny_stereo"
    arguments = ["musicgen", "repository", str(exported.folder), "--out", str(folder), "--seconds", "20"]
    monkeypatch.setattr(sys, "argv", arguments)

    assert program.main() == 0

    card = json.loads(parameters((folder / "config.pbtxt").read_text())["card"])
    assert card["id"] == "tiny-stereo"
    assert card["licence"] == {"name": "CC-BY-NC-4.0", "commercial_use": False}
    assert (card["longest_seconds"], card["sampling_rate"], card["audio_channels"]) == (300.0, 400, 2)
