"""Where a checkpoint comes from: a folder, or a model on the hub."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_export.adding.errors import AddingError

ON_HUB: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")

CACHED: Final = "models--"


@dataclass(frozen=True)
class Folder:
    """A checkpoint that lies on this machine."""

    path: Path

    @property
    def name(self) -> str:
        """The model's own; a snapshot in the hub's cache is `models--OWNER--NAME/snapshots/COMMIT`."""
        place = self.path.resolve()
        cached = place.parent.name == "snapshots" and place.parents[1].name.startswith(CACHED)
        return place.parents[1].name.rpartition("--")[2] if cached else place.name

    @property
    def told(self) -> str:
        """For people, without the machine's folders."""
        return f"the folder {self.name}"


@dataclass(frozen=True)
class OnHub:
    """A model by `owner/name`; `revision` is a branch, a tag or a commit, empty for the main branch."""

    repository: str
    revision: str = ""

    @property
    def name(self) -> str:
        """The model's own."""
        return self.repository.partition("/")[2]

    @property
    def told(self) -> str:
        """For people."""
        return self.repository


Source = Folder | OnHub


def source_of(text: str, revision: str) -> Source:
    """A folder if there is one, else a name on the hub; raises AddingError when it is neither."""
    path = Path(text).expanduser()
    if path.is_dir():
        if revision:
            raise AddingError(f"{text} is a folder, and --revision is for models of the hub: leave it out.")
        return Folder(path)
    if not ON_HUB.fullmatch(text):
        raise AddingError(f"There is no folder {text}, and it is no model of the hub, whose names are owner/name.")
    return OnHub(text, revision)
