"""`export.json` of a model's folder: how any model's manifest is written, and the files that it records."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

NAME: Final = "export.json"


@dataclass(frozen=True)
class Artefact:
    """One file by its path in the model's folder."""

    path: str
    sha256: str
    bytes: int


def artefact(folder: Path, path: str) -> Artefact:
    """Digest and size of `folder/path` as it lies there now."""
    file = folder / path
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Artefact(path, digest, file.stat().st_size)


def file_problem(folder: Path, recorded: Artefact) -> str | None:
    """What is wrong with one file, if anything."""
    if not (folder / recorded.path).is_file():
        return f"{recorded.path}: missing"
    found = artefact(folder, recorded.path)
    return None if found == recorded else f"{recorded.path}: sha256 {found.sha256}, recorded {recorded.sha256}"


def write_manifest(folder: Path, manifest: "DataclassInstance") -> None:
    """Readable and with a stable order of keys."""
    (folder / NAME).write_text(json.dumps(asdict(manifest), indent=2, ensure_ascii=False) + "\n")
