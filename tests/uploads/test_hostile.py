"""Files that mean no good: each is refused with the right problem, within bounds, and reaches nobody."""

import json
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.uploads.hostile import MAX_SECONDS, Hostile, corpus

ROOT = Path(__file__).parents[2]
MOST_MEBIBYTES = 256


class Listener:
    """A port of loopback that counts who comes."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    def visitors(self) -> int:
        count = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def listener() -> Generator[Listener, None, None]:
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture(scope="module")
def files(listener: Listener) -> Sequence[Hostile]:
    return list(corpus(listener.port))


@pytest.fixture(scope="module")
def outcomes(files: Sequence[Hostile], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, dict[str, Any]]:
    """What came of each file, by its name."""
    folder = tmp_path_factory.mktemp("hostile") / "files"
    folder.mkdir()
    for hostile in files:
        (folder / hostile.name).write_bytes(hostile.data)
    command = [sys.executable, "-m", "tests.uploads.measure", str(folder), str(MAX_SECONDS)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = [json.loads(line) for line in run.stdout.splitlines() if line.startswith('{"name"')]
    for outcome in found:
        sys.stdout.write(f"{outcome['seconds']:6.2f} s  {outcome['code']:<28} {outcome['name']}\n")
    longest = max(outcome["seconds"] for outcome in found)
    sys.stdout.write(f"most memory: {found[-1]['peak_mebibytes']} MiB, longest: {longest:.2f} s\n")
    return {outcome["name"]: outcome for outcome in found}


def test_each_hostile_file_is_refused_with_its_own_problem(
    files: Sequence[Hostile], outcomes: Mapping[str, dict[str, Any]], subtests: pytest.Subtests
) -> None:
    for hostile in files:
        with subtests.test(hostile.name):
            assert outcomes[hostile.name]["code"] == hostile.code
            assert outcomes[hostile.name]["message"].endswith(".")


def test_no_hostile_file_takes_more_memory_than_is_allowed(outcomes: Mapping[str, dict[str, Any]]) -> None:
    assert max(outcome["peak_mebibytes"] for outcome in outcomes.values()) <= MOST_MEBIBYTES


def test_nobody_is_called_by_a_hostile_file(outcomes: Mapping[str, dict[str, Any]], listener: Listener) -> None:
    assert outcomes
    assert listener.visitors() == 0
