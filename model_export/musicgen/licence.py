"""The licence that a checkpoint's README names, and whether it lets people earn money with what the model makes."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 1 << 20
FENCE: Final = "---"
# The hub's names of licences are SPDX identifiers in small letters; these are the ones known to allow commercial use.
COMMERCIAL: Final = (
    "Apache-2.0",
    "MIT",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "ISC",
    "MPL-2.0",
    "Unlicense",
)
NOT_COMMERCIAL: Final = ("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0", "CC-BY-NC-2.0", "CC-BY-NC-3.0")
SPDX: Final = {name.lower(): name for name in (*COMMERCIAL, *NOT_COMMERCIAL)}


class CommercialUse(StrEnum):
    """Whether the licence allows it; UNKNOWN where that is for a person to read."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Licence:
    """`id` is the SPDX identifier where there is one, else the README's own word; None where it names none."""

    id: str | None
    commercial_use: CommercialUse


def read_licence(folder: Path) -> Licence:
    """From the front matter of README.md; without one, or with one that names no licence, nothing is known."""
    try:
        with (folder / "README.md").open("rb") as file:
            text = file.read(MOST_BYTES).decode(errors="replace")
    except OSError:
        text = ""
    return licence_of(_named(text))


def licence_of(name: str | None) -> Licence:
    """What is known of a licence by the hub's name for it, in whatever case."""
    if not name:
        return Licence(None, CommercialUse.UNKNOWN)
    found = SPDX.get(name.lower(), name)
    if found in COMMERCIAL:
        return Licence(found, CommercialUse.YES)
    # Every licence that forbids commercial use and that the hub knows says so in its name.
    forbids = "nc" in name.lower().split("-") or "non-commercial" in name.lower() or "noncommercial" in name.lower()
    return Licence(found, CommercialUse.NO if forbids else CommercialUse.UNKNOWN)


def _named(text: str) -> str | None:
    """`license` of YAML front matter: a scalar, or the first of a list; `other` means what `license_name` says."""
    lines = text.lstrip("\ufeff").splitlines()
    if not lines or lines[0].strip() != FENCE or FENCE not in [line.strip() for line in lines[1:]]:
        return None
    matter = lines[1 : 1 + [line.strip() for line in lines[1:]].index(FENCE)]
    name = _scalar(matter, "license")
    return _scalar(matter, "license_name") or name if name == "other" else name


def _scalar(lines: list[str], key: str) -> str | None:
    for index, line in enumerate(lines):
        if line.startswith(f"{key}:"):
            value = line.split(":", 1)[1] or (lines[index + 1] if index + 1 < len(lines) else "")
            return value.split(" #")[0].strip().lstrip("-[").split(",")[0].strip(" \"']") or None
    return None
