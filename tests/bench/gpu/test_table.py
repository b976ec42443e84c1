"""The program end to end with a tiny model on the CPU, and what its table says."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.bench.gpu.__main__ import main
from tests.bench.gpu.bandwidth import Floor
from tests.bench.gpu.planned import TensorRT
from tests.bench.gpu.report import EAGER, OURS, PLANNED, STATIC, Measured, Report, file_name, markdown, reaches, write
from tests.musicgen.checkpoints import melody
from tests.step_graph_plans.plans import Machine
from triton_models.step_graph.devices import DeviceAbsentError

ROWS = (
    Measured(1, EAGER, 4.0, None, 0.0006),
    Measured(1, STATIC, 2.0, None, 0.0006),
    Measured(1, OURS, 0.5, 0.001, 0.0006),
    Measured(64, STATIC, 8.0, None, 0.002),
    Measured(64, OURS, 2.0, 0.004, 0.002),
)
REPORT = Report(date(2026, 11, 22), "NVIDIA H200 (80 GB)", "random weights", 10.0, 4e12, {"torch": "2.13"}, ROWS)


TINY = ["--device", "cpu", "--tiny", "--seconds", "0.5", "--requests", "1", "2"]


@pytest.mark.parametrize(
    ("given", "told", "has_static"),
    [(None, "random weights, tiny, 12 words each", True), (melody, "given, 12 words and a melody each", False)],
)
def test_all_of_it_runs_on_any_machine(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: Callable[[Path], Path] | None,
    told: str,
    has_static: bool,
) -> None:
    # Given a machine with the twin of TensorRT
    out, there = tmp_path / "out", Machine()
    arguments = [*TINY, "--out", str(out)]
    arguments += [] if given is None else ["--checkpoint", str(given(tmp_path / "given"))]

    assert main(arguments, lambda: TensorRT(there.installation, there.runtime)) == 0

    (file,) = out.iterdir()
    assert told in file.read_text()
    rows = [line.split(" | ") for line in file.read_text().splitlines() if line.startswith(("| 1 |", "| 2 |"))]
    ways = (EAGER, STATIC, OURS, PLANNED)
    assert [row[0] + row[1] for row in rows] == [f"| {count}{way}" for count in (1, 2) for way in ways]
    assert "tensorrt 10.16.1" in file.read_text()
    assert {bool(row[2].strip()) for row in rows if row[1] == STATIC} == {has_static}
    assert ("transformers has no static cache for checkpoints that hear melodies" in file.read_text()) != has_static
    assert "these numbers only show that the program runs" in file.read_text()
    assert file.read_text() in capsys.readouterr().out


def test_without_tensorrt_the_table_says_why_its_row_is_missing(tmp_path: Path) -> None:
    def absent() -> TensorRT:
        raise DeviceAbsentError("there is none")

    assert main([*TINY[:-1], "--out", str(tmp_path)], absent) == 0

    (file,) = tmp_path.iterdir()
    assert "- TensorRT was not measured: there is none\n" in file.read_text()
    assert PLANNED not in file.read_text()


@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_without_cuda_it_says_so_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], device: str
) -> None:
    assert main(["--device", device, "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith("This machine has no CUDA device that PyTorch can use")
    assert not (tmp_path / "out").exists()


def test_what_was_to_be_reached_stands_beside_what_was_found() -> None:
    assert reaches(REPORT) == [
        ["share of the floor at one request", "60%", "60%"],
        ["times real time at 64 requests", "300", "320"],
        ["beside static cache and compile at 1", "3 times", "4.0 times"],
        ["beside static cache and compile at 64", "8 times", "4.0 times"],
    ]


def test_what_was_not_measured_is_left_empty() -> None:
    bare = Report(REPORT.day, "CPU", "random weights", 10.0, 1e9, {}, [Measured(8, EAGER, None, None, 1.0)])

    assert [row[2] for row in reaches(bare)] == [""] * 4
    assert f"| 8 | {EAGER} |  |  |  |  |" in markdown(bare)


def test_a_table_has_the_name_of_its_day_and_device(tmp_path: Path) -> None:
    assert file_name(REPORT) == "2026-11-22-nvidia-h200-80-gb.md"
    assert write(REPORT, tmp_path / "new").read_text() == markdown(REPORT)
    assert f"| 64 | {OURS} | 2.00 s | 320.0 | 4.00 ms | 50% |" in markdown(REPORT)


def test_the_floor_is_what_has_to_be_read() -> None:
    # Two rows behind 250 positions, one of them with a text of 12 words
    floor = Floor(weights=1_000_000, position=1_000, word=100)

    assert floor.seconds(2, 250, 12, 1e6) == pytest.approx(1.0 + 0.5 + 0.0012)
