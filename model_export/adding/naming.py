"""What an added model is called: an id for people, and a served name that nobody else has."""

import re
from pathlib import Path
from typing import Final

import triton_models
from model_export.adding.errors import AddingError
from triton_models.added_names import served_name

LONGEST: Final = 64
ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def model_id(wanted: str, source_name: str) -> str:
    """`wanted` as it is, else a slug of the source's name; raises AddingError when either is no id."""
    found = wanted or slug(source_name)
    if not ID.fullmatch(found) or len(found) > LONGEST:
        raise AddingError(
            f"{found!r} cannot be an id, which has small letters, digits and single - between them, {LONGEST} at most: "
            "choose one with --id."
        )
    return found


def slug(name: str) -> str:
    """Small letters and digits, and one `-` for whatever lies between them."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST].strip("-")


def check_free(model: str, models: Path, replace: bool) -> None:
    """Raises AddingError when Cadenza or another added model has the name."""
    served = served_name(model)
    if (Path(triton_models.__file__).parent / served / "config.pbtxt").is_file():
        raise AddingError(f"{model} is one of Cadenza's own models: choose another id with --id.")
    if (models / served).exists() and not replace:
        raise AddingError(f"{model} is there already: say --replace to put this one in its place, or choose --id.")
