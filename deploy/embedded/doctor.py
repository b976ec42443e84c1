"""Checks whether this machine can run the embedded stack; starts nothing."""

import math
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.errors import StackError
from deploy.embedded.swift_files import check_extended_attributes
from deploy.embedded.triton import SHARED_MEMORY
from deploy.embedded.wheels import ALL_FILES, python_library

GIB = 1024**3
FREE_DISK_BYTES = 2 * GIB
SHARED_MEMORY_BYTES = GIB // 4
MEMORY_BYTES = 2 * GIB
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True)
class Check:
    """One finding; `remedy` is empty when `ok`."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def checks(root: Path = Path(".cadenza")) -> list[Check]:
    """Every check for a stack on `root`, good ones included."""
    place = _existing(root)
    return [
        _python(),
        *(_found(file.name, file.locate) for file in ALL_FILES),
        _found("Python library", python_library),
        _attributes(place),
        _space("shared memory", SHARED_MEMORY, SHARED_MEMORY_BYTES, "enlarge /dev/shm (Docker: --shm-size=1g)"),
        _space("free disk", place, FREE_DISK_BYTES, "free some disk space or choose another root"),
        _memory(),
    ]


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    ok = sys.version_info[:2] == (3, 11)
    return Check("Python", ok, version, "" if ok else "use Python 3.11: Triton's stub is built for it")


def _found(name: str, locate: Callable[[], Path]) -> Check:
    try:
        return Check(name, True, str(locate()))
    except StackError as error:
        detail, _, remedy = str(error).partition(": ")
        return Check(name, False, detail, remedy)


def _attributes(place: Path) -> Check:
    try:
        with tempfile.TemporaryDirectory(dir=place) as folder:
            check_extended_attributes(Path(folder))
    except StackError as error:
        detail, _, remedy = str(error).partition(": ")
        return Check("extended attributes", False, detail, remedy)
    except OSError as error:
        return Check("extended attributes", False, f"{place}: {error.strerror}", "choose a root you may write to")
    return Check("extended attributes", True, f"kept in {place}")


def _space(name: str, place: Path, wanted: int, remedy: str) -> Check:
    if not place.exists():
        return Check(name, False, f"{place} does not exist", remedy)
    free = shutil.disk_usage(place).free
    ok = free >= wanted
    return Check(name, ok, f"{free / GIB:.1f} GiB free, {wanted / GIB:.2g} needed", "" if ok else remedy)


def _memory() -> Check:
    available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    total = min(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), _container_limit())
    ok = total >= MEMORY_BYTES
    detail = f"{total / GIB:.1f} GiB, {available / GIB:.1f} unused, {MEMORY_BYTES / GIB:.2g} needed"
    return Check("memory", ok, detail, "" if ok else "give the machine or container more memory")


def _container_limit() -> float:
    try:
        return float(CONTAINER_LIMIT.read_text())
    except (OSError, ValueError):
        return math.inf


def _existing(path: Path) -> Path:
    """The nearest folder that is there already; a check must not make one."""
    path = path.absolute()
    return next(folder for folder in (path, *path.parents) if folder.is_dir())
