"""Plans from end to end with a twin of TensorRT: built, written down, checked, refused."""

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from model_export.tensorrt.__main__ import main
from model_export.tensorrt.installation import Installation
from model_export.tensorrt.running import DeviceRuntime
from tests.tensorrt.exports import copied
from tests.tensorrt.twin import Trouble, installed, twin
from triton_models.step_graph.plans.place import Machine

SMALL = ["--rows", "1:2:4", "--positions", "1:4:8"]


def run(*told: Any, trt: SimpleNamespace | None = None, there: Installation | None = None) -> int:
    """The program with the twin, on a CPU that is called a GPU."""
    found = there or installed(trt or twin())
    return main([str(part) for part in told], lambda rtx: found, lambda module: DeviceRuntime(module, "cpu"))


def test_plans_are_written_with_what_they_belong_to(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trouble = Trouble()

    assert run("build", scores, "--out", tmp_path, *SMALL, trt=twin(trouble)) == 0

    names = ["plans.json", "standard.float16.plan", "standard.float32.plan", "timings.cache"]
    assert sorted(file.name for file in tmp_path.iterdir()) == names
    written = json.loads((tmp_path / "plans.json").read_text())
    assert (written["schema"], written["module"]) == ("cadenza.tensorrt-plans/1", "tensorrt")
    assert written["version"] == "10.13.0"
    assert written["machine"] == {"name": "Twin 9000", "capability": "9.0"}
    first = written["plans"][0]
    assert first["profile"] == {"n": [1, 1, 40], "past": [1, 4, 8], "rows": [1, 2, 4]}
    exported = {each["path"]: each["sha256"] for each in json.loads((scores / "export.json").read_text())["artefacts"]}
    assert first["graph"] == {"standard.float16.onnx": exported["standard.float16.onnx"]}
    plan = json.loads((tmp_path / "standard.float16.plan").read_text())
    assert plan["profiles"][0]["tokens"] == [[1, 1], [2, 1], [4, 40]]
    assert plan["profiles"][0]["past_key.0"] == [[1, 2, 1, 16], [2, 2, 4, 16], [4, 2, 8, 16]]
    # Strongly typed, and float32 is float32.
    assert (trouble.flags, plan["tf32"]) == ([1, 1], False)
    # What the first build learned of kernels was known to the second.
    assert (tmp_path / "timings.cache").read_bytes() == b".."
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "tensorrt 10.13.0 for Twin 9000 (compute capability 9.0)"
    assert told[1] == "1 of 2: standard.float16 is built"
    assert told[2].startswith("1 of 2: standard.float16.plan, ")


@pytest.mark.parametrize(("version", "flag"), [("10.0.1", 1), ("11.4.1", 1), ("12.0", 0)])
def test_every_version_is_asked_for_strong_types_as_it_takes_them(
    scores: Path, tmp_path: Path, version: str, flag: int
) -> None:
    trouble = Trouble()
    only = ["--only", "standard.float32"]
    assert run("build", scores, "--out", tmp_path, *SMALL, *only, trt=twin(trouble, version)) == 0
    assert trouble.flags == [flag]


def test_plans_that_compute_the_same_pass(songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build", songs, "--out", tmp_path, *SMALL) == 0
    capsys.readouterr()

    assert run("check", songs, tmp_path, "--at", "smallest", "usual") == 0

    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert len(rows) == 2 * 13
    assert {len(row) for row in rows} == {5}
    assert all(float(row[3]) == 0.0 and row[4] in ("1.0e-04", "1.0e-03") for row in rows if "float32" in row[0])
    assert all(0.0 <= float(row[3]) <= float(row[4]) / 3.5 for row in rows if "float16" in row[0])


@pytest.mark.parametrize(("drift", "drifting"), [(0.002, 3), (0.5, 6), (float("nan"), 6)])
def test_plans_that_drift_fail(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], drift: float, drifting: int
) -> None:
    assert run("build", scores, "--out", tmp_path, *SMALL) == 0
    capsys.readouterr()

    status = run("check", scores, tmp_path, trt=twin(Trouble(drift=drift)))

    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split()[1] for row in rows] == ["smallest", "usual", "largest"] * 2
    assert (status, sum(row.endswith("DRIFTS") for row in rows)) == (1, drifting)


@pytest.mark.parametrize(("drift", "status"), [(0.003, 0), (0.5, 1)])
def test_halves_beside_halves_may_be_twice_as_far_apart(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], drift: float, status: int
) -> None:
    # Given graphs as they are served, of which the float32 ones were removed
    graphs, plans = copied(scores, tmp_path / "graphs"), tmp_path / "plans"
    made = json.loads((graphs / "export.json").read_text())
    made["artefacts"] = [row for row in made["artefacts"] if not row["path"].startswith("standard.float32")]
    (graphs / "export.json").write_text(json.dumps(made))
    (graphs / "standard.float32.onnx").unlink()
    assert run("build", graphs, "--out", plans, *SMALL) == 0
    capsys.readouterr()

    assert run("check", graphs, plans, trt=twin(Trouble(drift=drift))) == status

    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert [row[4:] for row in rows] == [["2.0e-03", "DRIFTS"][: 1 + status]] * 3
    assert max(float(row[3]) for row in rows) > 0.001


@pytest.mark.parametrize(
    ("there", "message"),
    [
        (installed(twin(version="10.14.0")), "are for tensorrt 10.13.0, and here is tensorrt 10.14.0: build them"),
        (
            installed(twin(), Machine("Twin 8000", "8.9")),
            "are for Twin 9000 (compute capability 9.0), and here is Twin 8000 (compute capability 8.9): build them",
        ),
    ],
)
def test_plans_of_another_place_are_refused(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], there: Installation, message: str
) -> None:
    assert run("build", scores, "--out", tmp_path, *SMALL) == 0
    before = (tmp_path / "plans.json").read_bytes()

    assert run("check", scores, tmp_path, there=there) == 1
    assert run("build", scores, "--out", tmp_path, there=there) == 1

    assert capsys.readouterr().err.count(message) == 2
    assert (tmp_path / "plans.json").read_bytes() == before


def test_plans_of_another_graph_are_refused(scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graphs, plans, only = copied(scores, tmp_path / "graphs"), tmp_path / "plans", ["--only", "standard.float32"]
    assert run("build", graphs, "--out", plans, *SMALL, *only) == 0
    manifest = graphs / "export.json"
    graph = graphs / "standard.float32.onnx"
    content, told = graph.read_bytes(), manifest.read_text()

    graph.write_bytes(b"another")
    assert run("check", graphs, plans) == 1
    graph.write_bytes(content)
    (digest,) = json.loads((plans / "plans.json").read_text())["plans"][0]["graph"].values()
    (plans / "plans.json").write_text((plans / "plans.json").read_text().replace(digest, "0" * 64))
    assert run("check", graphs, plans) == 1
    (plans / "standard.float32.plan").write_bytes(b"damaged")
    assert run("check", graphs, plans) == 1

    assert manifest.read_text() == told
    assert capsys.readouterr().err.splitlines() == [
        "standard.float32.onnx is not the file that export.json names: export the checkpoint again.",
        "standard.float32.plan was made of another standard.float32.onnx: build it again.",
        "standard.float32.plan is not the file that plans.json names: build it again.",
    ]


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ("[defaultAllocator] Cuda Runtime (out of memory)", "The GPU's memory is too small to build standard.float16"),
        ("no kernel for Gelu", "TensorRT makes no plan of standard.float16.onnx: no kernel for Gelu"),
    ],
)
def test_what_the_compiler_refuses_leaves_no_plan(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], problem: str, message: str
) -> None:
    assert run("build", scores, "--out", tmp_path, *SMALL, trt=twin(Trouble(builder=problem))) == 1
    assert capsys.readouterr().err.startswith(message)
    assert list(tmp_path.iterdir()) == []


def test_what_the_runtime_refuses_is_told(scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build", scores, "--out", tmp_path, *SMALL) == 0
    assert run("check", scores, tmp_path, trt=twin(Trouble(refused=True))) == 1
    assert "does not load standard.float16.plan: the plan is of another platform" in capsys.readouterr().err


def test_timings_of_another_gpu_are_begun_anew(scores: Path, tmp_path: Path) -> None:
    (tmp_path / "timings.cache").write_bytes(b"of another GPU")
    assert run("build", scores, "--out", tmp_path, *SMALL, "--only", "standard.float32") == 0
    assert (tmp_path / "timings.cache").read_bytes() == b"."


def test_nothing_is_tried_without_plans_or_graphs(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", scores, tmp_path) == 2
    assert run("build", tmp_path, "--out", tmp_path) == 2
    assert run("build", scores, "--out", tmp_path, "--rows", "few") == 2
    assert list(tmp_path.iterdir()) == []
    told = capsys.readouterr().err.splitlines()
    assert told[0].endswith("has no plans.json that can be read: build plans there first.")
    assert told[1].endswith("export the checkpoint into it first.")
    assert told[2] == "'few' is no MIN:OPT:MAX of three whole numbers."


def test_tensorrt_itself_needs_its_package_and_a_gpu(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = importlib.util.find_spec("tensorrt") is not None and torch.cuda.is_available()
    assert main(["build", str(scores), "--out", str(tmp_path), "--only", "standard.float16"]) == (0 if there else 2)
    assert (tmp_path / "standard.float16.plan").exists() == there
    assert capsys.readouterr().err.count("\n") == (0 if there else 1)


def test_tensorrt_rtx_compiles_without_a_gpu_where_it_is_installed(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = importlib.util.find_spec("tensorrt_rtx") is not None
    told = ["build", str(scores), "--out", str(tmp_path), "--rtx", "--only", "standard.float16"]
    assert main(told) == (0 if there else 2)
    assert (tmp_path / "standard.float16.plan").exists() == there
    assert ("The Python package tensorrt_rtx cannot be loaded" in capsys.readouterr().err) != there
