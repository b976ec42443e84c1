"""The small JSON files of a checkpoint, read with limits: a stranger wrote them, and what they ask for costs time."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from model_export.musicgen.errors import ConfigInvalidError

MOST_BYTES: Final = 1 << 20
LARGEST_NUMBER: Final = 1 << 24
MOST_REPEATED: Final = 256
DEEPEST: Final = 16
# Any of these in a field's name makes it a count of modules, each of which takes time to make whatever its size.
REPEATED: Final = ("layer", "block", "expert", "num_codebooks")


def read_object(file: Path, most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """An object of JSON; raises ConfigInvalidError."""
    try:
        with file.open("rb") as opened:
            text = opened.read(most_bytes + 1)
    except FileNotFoundError as error:
        raise ConfigInvalidError(file, f"there is none in {file.parent}; is that the checkpoint's folder?") from error
    except OSError as error:
        raise ConfigInvalidError(file, f"cannot be read: {error.strerror}") from error
    if len(text) > most_bytes:
        raise ConfigInvalidError(file, f"has more than {most_bytes} bytes, which no checkpoint's has")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigInvalidError(file, f"is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise ConfigInvalidError(file, "is no JSON object")
    return found


def check_fields(file: Path, found: Mapping[str, Any]) -> None:
    """Raises ConfigInvalidError for a number or a list out of all proportion, and for code or quantised weights."""
    for path, value in _fields(found, ""):
        if path.count(".") >= DEEPEST:
            raise ConfigInvalidError(file, f"has objects in more than {DEEPEST} others, which no checkpoint's has")
        name = path.rstrip(".")
        key = name.rsplit(".", 1)[-1]
        if key == "auto_map":
            raise ConfigInvalidError(file, f"{name} asks for code that comes with the checkpoint; none is ever run")
        if key == "quantization_config" and value:
            raise ConfigInvalidError(file, f"{name}: the weights are quantised; bring the original ones")
        if isinstance(value, list) and len(value) > MOST_REPEATED:
            raise ConfigInvalidError(file, f"{name} has {len(value)} entries, {MOST_REPEATED} is the most there may be")
        if isinstance(value, int | float):
            most = MOST_REPEATED if any(part in key for part in REPEATED) else LARGEST_NUMBER
            if not abs(value) <= most:
                raise ConfigInvalidError(file, f"{name} is {value}, {most} is the most there may be")


def lies_inside(folder: Path, file: Path) -> bool:
    """Whether the file truly lies in the folder, or in the hub's own cache of which the folder is a snapshot."""
    home, found = folder.resolve(), file.resolve()
    if found.parent == home:
        return True
    return home.parent.name == "snapshots" and found.parent == home.parents[1] / "blobs"


def _fields(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every value with its path, entries of lists under the list's name and with a dot of their own."""
    yield name, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _fields(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(inner, f"{name}.")
