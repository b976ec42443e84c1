"""EnCodec's stages: what lies in the folder, what was measured, and what is refused."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from model_export.musicgen.checkpoint import Checkpoint, read_checkpoint
from model_export.musicgen.codec_metrics import mel_distance, mel_filters
from model_export.musicgen.codec_runs import GRAPHS
from model_export.musicgen.codec_stages import (
    CodecTolerance,
    check_codec,
    codec_architecture,
    compile_codec,
    write_codec,
)
from model_export.stages import ParityLostError, Status
from tests.musicgen.checkpoints import configure, stereo
from tests.musicgen.codecs import fill_books
from tests.step_graphs.conftest import interpreter
from triton_models.codec_stream.shape import Context, read_shape


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkpoint, Path]:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("codec-stages")
    source = stereo(folder / "checkpoint")
    fill_books(source)
    read = read_checkpoint(source)
    assert write_codec(read, folder)[0] is Status.PASSED
    return read, folder


def test_a_stereo_model_has_the_graphs_of_one_channel_in_every_form(written: tuple[Checkpoint, Path]) -> None:
    read, folder = written
    forms = [f"{name}.{form}.onnx" for name in GRAPHS for form in ("float16", "float32")]
    assert sorted(file.name for file in folder.glob("*.onnx")) == sorted(forms)
    shape = read_shape(folder)
    assert (shape.books, read.config.decoder.books) == (4, 8)
    assert (shape.sampling_rate, shape.hop, shape.padding) == (400, 8, "reflect")
    assert (shape.codes_before, shape.codes_after, shape.latents) == (3, 3, Context(2, 2, 5, 1))


def test_inputs_and_outputs_are_float32_whatever_is_inside(written: tuple[Checkpoint, Path]) -> None:
    _, folder = written
    for name in GRAPHS:
        one, other = (onnx.load(folder / f"{name}.{form}.onnx") for form in ("float32", "float16"))
        for ours, theirs in ((one.graph.input, other.graph.input), (one.graph.output, other.graph.output)):
            assert [str(node) for node in ours] == [str(node) for node in theirs]
        kinds = {onnx.TensorProto.DataType.Name(weight.data_type) for weight in other.graph.initializer if weight.dims}
        assert "FLOAT16" in kinds


def test_what_was_measured_is_told(written: tuple[Checkpoint, Path]) -> None:
    status, detail = check_codec(*written, CodecTolerance())
    assert status is Status.PASSED
    assert detail["float32"]["decoded"]["windows"] < 1e-4 < detail["float32"]["decoded"]["peak"]
    codes = detail["float32"]["encoded"]
    assert (codes["frames"], codes["same"] + codes["ties"]) == (300, 300)
    assert 0.0 < detail["float16"]["decoded_mel_db"] < 0.1
    assert detail["float16"]["signal_to_noise_db"] > 40.0
    assert detail["float16"]["agreement"] > 0.8


@pytest.mark.parametrize(
    ("tolerance", "sentence"),
    [
        (CodecTolerance(samples=0.0), "EnCodec differs from the published model: "),
        (CodecTolerance(mel=0.0), "EnCodec in float16 is "),
    ],
)
def test_what_is_further_away_is_refused(
    written: tuple[Checkpoint, Path], tolerance: CodecTolerance, sentence: str
) -> None:
    with pytest.raises(ParityLostError, match=sentence):
        check_codec(*written, tolerance)


def test_the_compiler_is_told_of_windows_and_songs(written: tuple[Checkpoint, Path], tmp_path: Path) -> None:
    # Given a program that stands for the compiler, when it is handed the graphs,
    engines = json.dumps({"version": "1.7", "engines": {}})
    python = interpreter(tmp_path, f"printf '%s' \"$3\" > {tmp_path}/told; echo '{engines}'")
    read, folder = written
    assert compile_codec(read, folder, python, seconds=60.0)[0] is Status.PASSED
    # then it learns the smallest, the usual and the largest shape of every free input.
    told = {Path(file).name: shapes for file, shapes in json.loads((tmp_path / "told").read_text()).items()}
    assert len(told) == 2 * len(GRAPHS)
    assert told["encodec_latents.float16.onnx"]["codes"] == [[1, 4, 11], [8, 4, 56], [64, 4, 506]]
    assert told["encodec_samples.float32.onnx"] == {"latents": [[1, 16, 5], [8, 16, 50], [64, 16, 500]]}
    assert told["encodec_features.float32.onnx"] == {"samples": [[1, 1, 40], [8, 1, 400], [64, 1, 4000]]}


def test_a_machine_without_the_compiler_skips_it(written: tuple[Checkpoint, Path], tmp_path: Path) -> None:
    status, detail = compile_codec(*written, interpreter(tmp_path, "exit 3"), seconds=60.0)
    assert (status, detail) == (Status.SKIPPED, {"reason": "the wheel tensorrt_rtx is not installed for python"})


def test_the_same_sound_twice_as_loud_is_six_decibels_away() -> None:
    sound = np.random.default_rng(4).normal(size=(1, 1, 32_000)).astype(np.float32)
    assert mel_distance(sound, sound, 32_000) == 0.0
    assert mel_distance(sound, 2 * sound, 32_000) == pytest.approx(6.02, abs=0.01)
    # What lies below the range is not heard.
    assert mel_distance(sound, sound + 1e-5 * sound[:, :, ::-1], 32_000) < 1e-3


def test_a_tone_is_in_the_bands_around_it() -> None:
    filters = mel_filters(1024, 32_000, 64)
    assert filters.shape == (64, 513)
    tone = 1024 * 4_000 // 32_000
    # 4,000 Hz are 2,146 mel, where the last edge, 16,000 Hz, is 3,575: 39.02 of 65 steps.
    assert np.flatnonzero(filters[:, tone]).tolist() == [38, 39]
    assert filters[:, tone].sum() == pytest.approx(1.0)


def test_sizes_are_those_of_the_configuration(tmp_path: Path) -> None:
    source = stereo(tmp_path)
    architecture = codec_architecture(read_checkpoint(source))
    assert {**asdict(architecture), "ratios": list(architecture.ratios)} == {
        "sampling_rate": 400,
        "channels": 1,
        "hidden": 16,
        "filters": 4,
        "residuals": 1,
        "ratios": [4, 2],
        "kernel": 7,
        "last_kernel": 7,
        "residual_kernel": 3,
        "dilation_growth": 2,
        "causal": False,
        "padding": "reflect",
        "compress": 2,
        "lstm_layers": 2,
        "trim_right_ratio": 1.0,
        "book_size": 64,
        "books": 4,
        "shortcut": True,
        "normalise": False,
    }
    assert (architecture.hop, architecture.width) == (8, 16)
    configure(source, "audio_encoder.pad_mode", "circular")
    with pytest.raises(ValueError, match="only 'reflect', 'replicate', 'constant' can be exported"):
        codec_architecture(read_checkpoint(source))
