"""From a checkpoint to a folder of graphs: each stage tells how it went, and a failure leaves what was there."""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from model_export.musicgen import __main__ as program
from model_export.musicgen.errors import ConfigInvalidError
from model_export.musicgen.export import Settings, choose, export
from model_export.musicgen.licence import CommercialUse, Licence
from model_export.musicgen.repository import Serving, served_files, write_serving
from model_export.stages import ParityLostError, Stage, Status
from tests.musicgen.checkpoints import ALL_KINDS, checkpoint
from tests.musicgen.conftest import Exported
from tests.musicgen_serving.test_desk import Waiting
from tests.musicgen_serving.test_service import document
from tests.step_graphs.conftest import interpreter
from triton_models.codec_stream.decoding import Floats
from triton_models.musicgen.service import MusicGenService, ServiceSettings
from triton_models.step_graph.devices import DeviceAbsentError

FORMS = ["cross.float16", "cross.float32", "standard.float16", "standard.float32"]
FORMS += ["step.float16", "step.float32", "step.int8"]
OUTPUTS = ("logits", "hidden")
CODEC = [
    f"encodec_{net}.{form}.onnx"
    for net in ("codes", "features", "latents", "samples")
    for form in ("float16", "float32")
]
TEXT = ["text_encoder.float32.onnx", "text_encoder.json", "tokenizer.json"]
FILES = [f"musicgen_{form}.{suffix}" for form in FORMS for suffix in ("onnx", "weights")]
FILES = sorted([*FILES, *CODEC, "codec.json", "encodec_latents.int8.onnx", *TEXT])
STAGES = ["load", "write", "parity", "quantise", "text", "codec", "tensorrt", "tensorrt codec"]
# transformers delays nothing in songs of a few frames, so even a quick look takes some.
QUICK = Settings(greedy_steps=12, drawn_steps=6, same_code=0.0)


def test_every_stage_tells_how_it_went(exported: Exported) -> None:
    assert exported.told == exported.manifest.stages
    assert [stage.name for stage in exported.told] == STAGES
    assert [stage.status for stage in exported.told] == [Status.PASSED] * 6 + [Status.SKIPPED] * 2
    for stage in exported.told[6:]:
        assert stage.detail == {"reason": "the wheel tensorrt_rtx is not installed for python"}
    assert exported.told[4].detail["largest_difference"] < 1e-4
    assert exported.told[5].detail["float32"]["decoded"]["windows"] < 1e-4


def test_float32_graphs_are_the_published_model(exported: Exported) -> None:
    parity = exported.manifest.stages[2].detail
    assert sorted(parity) == ["musicgen_standard.float32", "musicgen_step.float32"]
    for numbers in parity.values():
        assert max(numbers["hidden"], numbers["logits"]) < 1e-4
        followed = numbers["greedy"]
        assert (followed["steps"], followed["same"] + followed["undecided"]) == (250, 250)


def test_smaller_forms_lose_little_and_no_row_notices_another(exported: Exported) -> None:
    forms = exported.manifest.stages[3].detail
    ways = ["int8 by block", "int8 by row"]
    assert sorted(forms) == sorted(["float16", "float32", *ways, *(f"{way} and caches" for way in ways)])
    for name, numbers in forms.items():
        assert numbers["company_difference"] == 0.0
        assert sorted(numbers["step_milliseconds"]) == ["16", "2"]
        if name != "float32":
            assert numbers["same_code"] >= 0.95
            assert 0.0 <= numbers["kl"] <= 0.01
    assert forms["float16"]["kl"] < forms["int8 by row"]["kl"]


def test_the_folder_is_what_the_manifest_says(exported: Exported) -> None:
    written = json.loads((exported.folder / "export.json").read_text())
    assert sorted(file.name for file in exported.folder.iterdir()) == sorted(["export.json", *FILES])
    assert [entry["path"] for entry in written["artefacts"]] == FILES
    for entry in written["artefacts"]:
        data = (exported.folder / entry["path"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (entry["sha256"], entry["bytes"])
    weights = hashlib.sha256((exported.source / "model.safetensors").read_bytes()).hexdigest()
    assert written["weights_sha256"] == weights
    assert written["licence"] == {"id": "CC-BY-NC-4.0", "commercial_use": "NO"}
    assert exported.manifest.licence == Licence("CC-BY-NC-4.0", CommercialUse.NO)
    assert (written["decoder"]["books"], written["decoder"]["audio_channels"]) == (8, 2)
    assert (written["sampling_rate"], written["hop"], written["generation"]["guidance_scale"]) == (400, 8, 3.0)


def test_what_was_exported_makes_sound_for_triton(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "my_tune"
    command = ["musicgen", "repository", str(exported.folder), "--out", str(folder), "--seconds", "3", "--memory", "1"]
    monkeypatch.setattr(sys, "argv", command)

    assert program.main() == 0

    config = (folder / "config.pbtxt").read_text()
    assert 'name: "my_tune"' in config
    assert 'key: "memory_bytes" value { string_value: "1048576" }' in config
    service, heard = MusicGenService(folder / "1", ServiceSettings(memory=1 << 20, seconds=3.0)), Waiting()
    service.submit(document(duration_seconds=3), heard)
    song = heard.song()
    service.close()
    assert song.shape == (2, 1200)
    assert np.abs(song).max() > 1e-3


@pytest.mark.parametrize(
    ("kind", "before", "channels"),
    [("mono", "cross.float16", 1), ("melody", "prefix.float32", 1), ("stereo melody", "prefix.float32", 2)],
)
def test_for_a_gpu_there_is_a_graph_for_devices_which_makes_sound(
    tmp_path: Path, kind: str, before: str, channels: int
) -> None:
    # Given an export for the profile onnx-gpu, laid as `models add` lays it
    graphs, folder = tmp_path / "graphs", tmp_path / "models" / "my_tune"
    source = ALL_KINDS[kind](tmp_path / "checkpoint")
    quick = replace(QUICK, profile="onnx-gpu", python=interpreter(tmp_path, "exit 3"))
    made = export(source, graphs, quick, list[Stage]().append)
    assert made.int8_form == ""
    assert made.stages[3].detail["musicgen_device.float16"]["same_code"] > 0.9
    kept = served_files([file.name for file in graphs.iterdir()], "float16")
    serving = Serving("float16", 1 << 20, 3.0, device="cpu", slots=8)
    for name in kept:
        (folder / "1").mkdir(parents=True, exist_ok=True)
        (folder / "1" / name).write_bytes((graphs / name).read_bytes())
    write_serving(folder, folder.name, serving, None)

    # When it is served, the CPU in the GPU's place
    settings = ServiceSettings("float16", 1 << 20, 3.0, device=serving.device, slots=serving.slots)
    service = MusicGenService(folder / "1", settings)
    tunes = [None] if kind == "mono" else [None, *np.random.default_rng(1).normal(0, 0.2, (2, 1, 1200))]
    songs = [song_after(service, None if tune is None else tune.astype(np.float32)) for tune in tunes]
    service.close()

    # Then there is sound, another one after each melody
    assert [name for name in kept if name.startswith("musicgen") and name.endswith(".onnx")] == sorted(
        ["musicgen_device.float16.onnx", f"musicgen_{before}.onnx"]
    )
    assert {song.shape for song in songs} == {(channels, 1200)}
    assert min(np.abs(song).max() for song in songs) > 1e-3
    assert len({song.tobytes() for song in songs}) == len(tunes)
    with pytest.raises(DeviceAbsentError, match="is to run on cuda:0"):
        MusicGenService(folder / "1", replace(settings, device="cuda:0"))


def song_after(service: MusicGenService, melody: Floats | None) -> Floats:
    """Three seconds, which follow the melody if there is one."""
    heard = Waiting()
    service.submit(document(duration_seconds=3), heard, None, melody)
    return heard.song()


def test_caches_of_the_step_graph_are_written_in_place(exported: Exported) -> None:
    graph = onnx.load(exported.folder / "musicgen_step.int8.onnx", load_external_data=False).graph
    given = {node.name: node.type for node in graph.input if node.name.startswith("past_")}
    made = {node.name.replace("present_", "past_"): node.type for node in graph.output if node.name not in OUTPUTS}
    assert given == made
    assert sorted(given) == ["past_key.0", "past_key.1", "past_value.0", "past_value.1"]


def test_a_tolerance_that_is_not_kept_leaves_the_target_as_it_was(mono: Path, tmp_path: Path) -> None:
    target, told = tmp_path / "graphs", list[Stage]()
    target.mkdir()
    (target / "export.json").write_text("before")
    with pytest.raises(ParityLostError, match=r"musicgen_step\.float32: differs by"):
        export(mono, target, replace(QUICK, logits=0.0), told.append)
    assert [stage.name for stage in told] == ["load", "write"]
    assert [file.name for file in target.iterdir()] == ["export.json"]
    assert (target / "export.json").read_text() == "before"


def test_what_is_no_checkpoint_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalidError):
        export(tmp_path, tmp_path / "graphs", Settings(), list[Stage]().append)
    assert not (tmp_path / "graphs").exists()


def test_a_second_export_replaces_the_first_and_the_compiler_is_told_the_limits(mono: Path, tmp_path: Path) -> None:
    graphs = [name for name in FILES if name.startswith(("musicgen_cross", "musicgen_standard")) and "onnx" in name]
    engines = json.dumps({"version": "1.7", "engines": dict.fromkeys([*graphs, *CODEC], 10)})
    python = interpreter(tmp_path, f"printf '%s\\n' \"$@\" >> {tmp_path}/told; echo '{engines}'")
    target = tmp_path / "graphs"
    target.mkdir()
    (target / "musicgen_step.int8.onnx").write_text("before")
    (target / "something of mine").write_text("stays")

    made = export(mono, target, replace(QUICK, python=python), list[Stage]().append)

    assert [stage.status for stage in made.stages[6:]] == [Status.PASSED] * 2
    assert made.stages[6].detail["engine_bytes"] == dict.fromkeys([*graphs, *CODEC], 10)
    assert sorted(file.name for file in target.iterdir()) == sorted(["export.json", *FILES, "something of mine"])
    assert (target / "something of mine").read_text() == "stays"
    profiles = {
        Path(file).name: shapes for file, shapes in json.loads((tmp_path / "told").read_text().split("\n")[2]).items()
    }
    assert sorted(profiles) == graphs
    assert profiles["musicgen_standard.float16.onnx"]["codes"] == [[1, 4, 1], [32, 4, 1], [64, 4, 64]]
    assert profiles["musicgen_standard.float16.onnx"]["past_key.1"] == [[1, 4, 64, 8], [32, 4, 160, 8], [64, 4, 320, 8]]
    assert profiles["musicgen_cross.float32.onnx"]["states"] == [[1, 1, 24], [32, 64, 24], [64, 128, 24]]


def form(two: float, kl: float = 0.001, same: float = 0.97, company: float = 0.0) -> dict[str, object]:
    return {"step_milliseconds": {"2": two}, "kl": kl, "same_code": same, "company_difference": company}


def test_the_fastest_form_is_kept_that_keeps_the_tolerances() -> None:
    settings = Settings()
    assert choose({"a": form(1.0), "b": form(1.1)}, settings) == "a"
    for worse in (form(1.0, kl=0.02), form(1.0, same=0.94), form(1.0, company=1e-7), form(1.0, kl=float("nan"))):
        assert choose({"a": worse, "b": form(1.1)}, settings) == "b"
        assert choose({"a": worse}, settings) == ""


def test_where_no_int8_form_is_close_enough_the_others_are_written(tmp_path: Path) -> None:
    # Given tolerances that nothing keeps
    strict = replace(QUICK, kl=0.0, same_code=1.0)
    made = export(checkpoint(tmp_path / "checkpoint"), tmp_path / "graphs", strict, list[Stage]().append)

    assert made.int8_form == ""
    (stage,) = [stage for stage in made.stages if stage.name == "quantise"]
    assert (stage.status, stage.detail["reason"]) == (Status.SKIPPED, "no int8 form keeps the tolerances")
    steps = sorted(file.path for file in made.artefacts if file.path.startswith("musicgen_step."))
    assert steps == [f"musicgen_step.{form}.{kind}" for form in ("float16", "float32") for kind in ("onnx", "weights")]


def test_the_command_says_what_is_wrong_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = checkpoint(tmp_path / "another")
    (folder / "config.json").write_text('{"model_type": "audiogen"}')
    monkeypatch.setattr(sys, "argv", ["musicgen", "export", str(folder), "--out", str(tmp_path / "graphs")])
    assert program.main() == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        "config.json: model_type is 'audiogen', only 'musicgen' and 'musicgen_melody' can be exported\n"
    )
    assert not (tmp_path / "graphs").exists()


def test_a_folder_that_cannot_be_written_is_named(
    mono: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "graphs"
    target.write_text("a file")
    monkeypatch.setattr(sys, "argv", ["musicgen", "export", str(mono), "--out", str(target)])
    assert program.main() == 1
    told = capsys.readouterr()
    assert told.out.startswith("load      PASSED")
    assert told.err == f"[Errno 17] File exists: '{target}'\n"
    assert target.read_text() == "a file"
