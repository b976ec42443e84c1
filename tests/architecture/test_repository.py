"""What may not be in the repository: traces of one machine, addresses of package indexes, huge files."""

import re

from tests.architecture.sources import ROOT, project_files

MAX_BYTES = 50 * 2**20

# Cut in two, so that this file is no finding of its own.
MACHINE_PATHS = [
    b"/ro" + b"ot/",
    b"/wo" + b"rk/main",
    b"/wo" + b"rk/shared",
    b"/wo" + b"rk/.",
    b"/ho" + b"me/",
    b"/Us" + b"ers/",
]
INDEX_HOSTS = [
    b"py" + b"pi.org",
    b"python" + b"hosted.org",
    b"npm" + b"js.org",
    b"yarn" + b"pkg.com",
    b"deb.deb" + b"ian.org",
]


def test_no_file_names_a_place_on_one_machine() -> None:
    assert found(MACHINE_PATHS) == []


def test_no_file_names_the_host_of_a_package_index() -> None:
    assert found(INDEX_HOSTS) == []


def test_no_file_is_huge() -> None:
    sizes = {str(path): (ROOT / path).stat().st_size for path in project_files()}
    assert {path: size for path, size in sizes.items() if size > MAX_BYTES} == {}


def found(words: list[bytes]) -> list[str]:
    """Where one of the words stands, at the start of a word of its own."""
    pattern = re.compile(rb"(?<![\w.])(?:[\w-]+\.)*(?:" + b"|".join(map(re.escape, words)) + rb")")
    return [
        f"{path}: {match.group().decode()}"
        for path in project_files()
        if (match := pattern.search((ROOT / path).read_bytes())) is not None
    ]
