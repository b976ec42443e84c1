"""The models that somebody has added: what lies in their folder, and why one of them cannot be served."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from deploy.embedded.added_plans import unbuilt
from triton_models.added_names import LEAVING, model_id

SMALL_FILES: Final = 16 << 20


@dataclass(frozen=True)
class AddedModel:
    """One folder. `problem` is empty when Triton can be given it; `commercial_use` is None where nobody knows.

    One that is not `is_built` is whole, and its problem says how TensorRT's plans of it come.
    """

    folder: Path
    id: str
    version: str = ""
    name: str = ""
    licence: str = ""
    commercial_use: bool | None = None
    problem: str = ""
    is_built: bool = True

    @property
    def served_name(self) -> str:
        """What Triton calls it."""
        return self.folder.name

    @property
    def bytes(self) -> int:
        """Of all its files."""
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())

    def left_out(self, reason: str, again: str = "") -> str:
        """Why it is not served and what to do, in one sentence; `again` is the id to add it with, if it is another."""
        way = f"--id {again}" if again else f"--id {self.id} --replace"
        adding = f"; add it again with `cadenza models add SOURCE {way}`" if self.is_built or again else ""
        return (
            f"The added model {self.served_name} is left out: {reason}{adding}, or take it away with "
            f"`cadenza models remove {self.id}`."
        )


def added_models(folder: Path) -> list[AddedModel]:
    """By name; none where there is no such folder. What begins with a dot is being made and does not count."""
    if not folder.is_dir():
        return []
    return [
        read_added(place) for place in sorted(folder.iterdir()) if place.is_dir() and not place.name.startswith(".")
    ]


def remove_added(model: AddedModel) -> None:
    """Take it away; a stack that runs notices."""
    leaving = model.folder.with_name(f"{LEAVING}{model.served_name}")
    shutil.rmtree(leaving, ignore_errors=True)
    # By name first, so that nobody ever sees half of it.
    model.folder.rename(leaving)
    shutil.rmtree(leaving)


def read_added(folder: Path) -> AddedModel:
    """Never raises: whatever is wrong with the folder is its `problem`."""
    known = model_id(folder.name)
    try:
        version = _version(folder)
        config = text_format.Parse(_text(folder / "config.pbtxt"), model_config_pb2.ModelConfig())
        card = json.loads(config.parameters["card"].string_value)
        licence = card["licence"]
        told = (str(card["name"]), str(licence["name"]), licence["commercial_use"])
        made = json.loads(_text(folder / version / "export.json"))
        problem = next(_problems(folder / version, config, card, made), "")
        missing = "" if problem else unbuilt(folder / version, config, made)
        return AddedModel(folder, known, version, *told, problem or missing, is_built=not missing)
    except OSError as error:
        problem = f"{Path(error.filename or folder).name} cannot be read ({error.strerror})"
        return AddedModel(folder, known, problem=problem)
    except (text_format.ParseError, ValueError, KeyError, TypeError) as error:
        problem = f"its config.pbtxt or export.json is not what `cadenza models add` writes ({_line(error)})"
        return AddedModel(folder, known, problem=problem)


def _version(folder: Path) -> str:
    """The folder that Triton serves, the highest number; `1` where there is none."""
    versions = [int(place.name) for place in folder.iterdir() if place.name.isdecimal() and place.is_dir()]
    return str(max(versions, default=1))


def _problems(version: Path, config: Any, card: Any, made: Any) -> Iterator[str]:
    name, number = version.parent.name, version.name
    if config.name != name or card["id"] != model_id(name):
        yield f"its config.pbtxt is of another model, {config.name}"
    if not (version / "model.py").is_file():
        yield f"{number}/model.py is missing"
    for recorded in made["artefacts"]:
        file = version / recorded["path"]
        if not file.is_file():
            yield f"{number}/{recorded['path']} is missing"
        elif file.stat().st_size != recorded["bytes"]:
            yield f"{number}/{recorded['path']} has {file.stat().st_size} bytes, {recorded['bytes']} were written"


def _text(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(SMALL_FILES).decode()


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
