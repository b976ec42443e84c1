"""How a model comes into the folder of added ones and goes: by names, so that nobody ever sees half of one."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from model_export.adding.errors import AddingError
from triton_models.added_names import LEAVING

# What begins with a dot is no model to whoever reads the folder.
BUILDING: Final = ".adding-"
LOCK: Final = ".lock"


@contextmanager
def alone(models: Path) -> Iterator[None]:
    """Make the folder, and be the only one who adds to it; raises AddingError when somebody else does.

    What an addition left that was killed is removed first.
    """
    models.mkdir(parents=True, exist_ok=True)
    with (models / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AddingError(f"Another model is being added to {models}: wait until it is there.") from error
        for kind in (BUILDING, LEAVING):
            for left in models.glob(f"{kind}*"):
                shutil.rmtree(left)
        yield


@contextmanager
def building(models: Path) -> Iterator[Path]:
    """A folder beside the models to make one in; it is gone at the end, unless it was placed."""
    folder = Path(tempfile.mkdtemp(prefix=BUILDING, dir=models))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def next_version(target: Path) -> str:
    """The folder of a new version's graphs: one more than the model has, so that Triton tells them apart."""
    there = target.iterdir() if target.is_dir() else iter(())
    return str(1 + max((int(version.name) for version in there if version.name.isdecimal()), default=0))


def place(built: Path, target: Path) -> None:
    """Give the folder its name. A model that has it goes; if anything fails, it stays."""
    built.chmod(0o755)
    if not target.exists():
        built.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=LEAVING, dir=target.parent)) / target.name
    target.rename(old)
    try:
        built.rename(target)
    except OSError:
        old.rename(target)
        raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)
