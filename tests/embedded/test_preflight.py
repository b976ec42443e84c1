"""What is checked before anything starts: models, wheels, file system; and what `doctor` says of them."""

import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from deploy.embedded import EmbeddedStack, StackConfig, StackError
from deploy.embedded.doctor import checks
from deploy.embedded.swift_files import check_extended_attributes
from deploy.embedded.triton_client import ModelProbe
from deploy.embedded.triton_repository import TritonFolders, find_models
from deploy.embedded.wheels import WheelFile

MODELS = Path(__file__).parent / "data" / "models"


def test_a_repository_is_links_and_the_backends(tmp_path: Path) -> None:
    # Given folders with something of an older version in them
    folders = TritonFolders(tmp_path)
    (folders.repository / "older").mkdir(parents=True)

    # When they are assembled
    models = folders.assemble(MODELS)

    # Then they hold exactly the present models and what Triton needs of the Python backend
    assert [model.name for model in models] == ["affine", "echo"]
    assert sorted(path.name for path in folders.repository.iterdir()) == ["affine", "echo"]
    assert (folders.repository / "affine" / "1" / "model.onnx").is_file()
    assert (folders.backends / "onnxruntime" / "model.py").is_file()
    assert os.access(folders.backends / "python" / "triton_python_backend_stub", os.X_OK)
    assert not (folders.backends / "python" / "libtriton_python.so").is_symlink()
    assert [path.name for path in folders.libraries.iterdir()] == ["libpython3.11.so.1.0"]


def test_a_missing_artefact_names_the_file_and_the_command(tmp_path: Path) -> None:
    # Given a model whose ONNX file was not built
    shutil.copytree(MODELS / "affine", tmp_path / "affine")
    artefact = tmp_path / "affine" / "1" / "model.onnx"
    artefact.unlink()

    # Then the sentence names both
    with pytest.raises(StackError) as caught:
        find_models(tmp_path)
    assert str(caught.value) == f"The model affine lacks {artefact}: run `cadenza models build affine`."


def test_another_file_name_in_the_configuration_counts(tmp_path: Path) -> None:
    # Given a model that names its file itself
    shutil.copytree(MODELS / "affine", tmp_path / "affine")
    with (tmp_path / "affine" / "config.pbtxt").open("a") as config:
        config.write('default_model_filename: "small.onnx"\n')

    # Then that file is wanted
    with pytest.raises(StackError, match=r"small\.onnx"):
        find_models(tmp_path)


def test_a_folder_without_models_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="holds no model"):
        find_models(tmp_path)


async def test_a_failed_preflight_starts_nothing_and_frees_the_root(tmp_path: Path) -> None:
    # Given a stack whose models are missing
    (tmp_path / "models").mkdir()
    config = StackConfig(root=tmp_path / "root", model_root=tmp_path / "models")

    # When it is started twice, then the same sentence comes twice: the lock was let go, and no log was begun
    for _ in range(2):
        with pytest.raises(StackError, match="holds no model"):
            await EmbeddedStack(config).start()
    assert not (tmp_path / "root" / "logs").exists()


@pytest.mark.parametrize("content", ["{", "{}", '{"inputs": {"X": {"datatype": "FP32"}}}', '{"inputs": [1]}'])
def test_a_broken_probe_is_named(tmp_path: Path, content: str) -> None:
    # Given a probe.json that is none
    (tmp_path / "probe.json").write_text(content)

    # Then the sentence names it
    with pytest.raises(StackError, match=r"probe\.json is not a usable probe"):
        ModelProbe.load(tmp_path)


def test_one_number_of_a_probe_stands_for_all(tmp_path: Path) -> None:
    (tmp_path / "probe.json").write_text('{"inputs": {"X": {"datatype": "FP32", "shape": [2, 3], "data": [0.5]}}}')

    probe = ModelProbe.load(tmp_path)

    assert probe is not None
    assert probe.request().raw_input_contents[0] == np.full((2, 3), 0.5, dtype=np.float32).tobytes()


def test_a_model_may_have_no_probe(tmp_path: Path) -> None:
    assert ModelProbe.load(tmp_path) is None


def test_a_file_system_without_extended_attributes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a file system that keeps none
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "setxattr", refuse)

    # Then one sentence says so and nothing is left behind
    with pytest.raises(StackError) as caught:
        check_extended_attributes(tmp_path)
    assert str(caught.value) == (
        f"The file system of {tmp_path} keeps no extended attributes (ENOTSUP): choose a root on ext4, xfs or btrfs."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_missing_wheel_is_named() -> None:
    # Given a file that no wheel has installed
    missing = WheelFile("harp", "harp-wheel==1.0", "harp/bin/harp", True)

    # Then the sentence names the package
    with pytest.raises(StackError, match=r"^harp is missing \(.*harp/bin/harp\): install the package harp-wheel==1\.0"):
        missing.locate()


def test_an_unknown_component_is_refused() -> None:
    with pytest.raises(StackError, match="'mongodb' in the external servers: use one of mongo, redis, s3, triton"):
        StackConfig(external={"mongodb": "mongodb://elsewhere"})


def test_the_doctor_finds_this_machine_fit(tmp_path: Path) -> None:
    # When every check runs for a root that does not exist yet
    found = checks(tmp_path / "new" / "root")

    # Then all are good, none has a remedy, and nothing was made
    assert [check for check in found if not check.ok] == []
    assert {check.remedy for check in found} == {""}
    assert {"Python", "mongod", "redis-server", "tritonserver", "extended attributes", "free disk"} <= {
        check.name for check in found
    }
    assert list(tmp_path.iterdir()) == []
