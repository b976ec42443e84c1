"""What of a model on the hub is needed, and what the hub's refusals mean in one sentence."""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
from huggingface_hub import HfApi, constants, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from model_export.adding.errors import AddingError
from model_export.adding.sources import OnHub
from model_export.musicgen.weight_files import INDEX, WHOLE

CONFIG: Final = "config.json"
SMALL: Final = (CONFIG, "generation_config.json", "preprocessor_config.json", "tokenizer.json", "README.md")
KINDS: Final = ("musicgen", "musicgen_melody")
SECONDS: Final = 20.0


@dataclass(frozen=True)
class HubFile:
    """`size` in bytes. Large files have a `sha256`, all a `blob`: the SHA-1 by which git knows their content."""

    name: str
    url: str
    size: int
    sha256: str
    blob: str


@dataclass(frozen=True)
class HubListing:
    """The files of one commit that an export reads, the small ones first."""

    source: OnHub
    commit: str
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(file.size for file in self.files)


def endpoint() -> str:
    """Where the hub is: `HF_ENDPOINT`, or its own address."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or constants.ENDPOINT


def look_up(source: OnHub) -> HubListing:
    """Ask the hub; raises AddingError when there is no such model or it has no weights that can be read safely."""
    with refusals(source):
        found: Any = HfApi(endpoint=endpoint()).model_info(
            source.repository, revision=source.revision or None, files_metadata=True, timeout=SECONDS
        )
    files = {
        row.rfilename: HubFile(
            row.rfilename,
            hf_hub_url(source.repository, row.rfilename, revision=found.sha, endpoint=endpoint()),
            row.size or 0,
            row.lfs.sha256 if row.lfs else "",
            row.blob_id or "",
        )
        for row in found.siblings or ()
    }
    return HubListing(source, found.sha, tuple(files[name] for name in _needed(source, list(files))))


def _needed(source: OnHub, names: list[str]) -> list[str]:
    if CONFIG not in names:
        raise AddingError(f"{source.repository} has no {CONFIG}: it is no model in the format of transformers.")
    weights = [WHOLE] if WHOLE in names else []
    if INDEX in names and not weights:
        weights = [INDEX, *sorted(name for name in names if name.endswith(".safetensors") and "/" not in name)]
    if not weights:
        pickled = [name for name in names if name.endswith((".bin", ".pt", ".pth", ".ckpt"))]
        others = f", only {pickled[0]}, and pickled weights may run any program" if pickled else ""
        raise AddingError(
            f"{source.repository} has no {WHOLE}{others}: where you trust it, load it with transformers, call "
            "save_pretrained(folder), and add that folder."
        )
    return [*(name for name in SMALL if name in names), *weights]


def check_kind(config: Path, source: OnHub) -> None:
    """Before the weights come: raises AddingError when the model is of another kind than MusicGen."""
    try:
        kind = json.loads(config.read_text()).get("model_type")
    except (ValueError, AttributeError) as error:
        raise AddingError(f"{CONFIG} of {source.repository} is no JSON object: it cannot be read.") from error
    if kind not in KINDS:
        known = " and ".join(map(repr, KINDS))
        raise AddingError(f"{source.repository} is a model of the kind {kind!r}, only {known} can be added.")


@contextmanager
def refusals(source: OnHub) -> Iterator[None]:
    """What huggingface_hub raises, and the connection under it, as AddingError with one sentence."""
    try:
        yield
    except (HfHubHTTPError, HFValidationError) as error:
        raise AddingError(_refusal(source, error)) from error
    except OfflineModeIsEnabled as error:
        raise AddingError(
            "HF_HUB_OFFLINE forbids asking the hub: unset it, or add a folder that is here already."
        ) from error
    except httpx2.HTTPError as error:
        raise AddingError(
            f"{endpoint()} cannot be reached ({_words(error)}): look at the network and at HF_ENDPOINT, and give the "
            "same command again; what has arrived is kept."
        ) from error
    except OSError as error:
        # Without a number it is huggingface_hub's own: a file was shorter or longer than the hub had said.
        if error.errno is not None:
            raise
        raise AddingError(f"{source.repository} did not come whole: give the same command again.") from error


def _refusal(source: OnHub, error: HfHubHTTPError | HFValidationError) -> str:
    name = source.repository
    if isinstance(error, GatedRepoError):
        return (
            f"{name} is only for those who accept its terms: do so at {endpoint()}/{name}, and give an access token "
            "of yours in HF_TOKEN."
        )
    if isinstance(error, RepositoryNotFoundError | HFValidationError):
        return f"There is no model {name} at {endpoint()}; if it is a private one, give an access token in HF_TOKEN."
    if isinstance(error, RevisionNotFoundError):
        return f"{name} has no revision {source.revision}: leave --revision out for its main branch."
    status = error.response.status_code
    if status in (401, 403):
        return f"{endpoint()} does not let this access token have {name} ({status}): look at HF_TOKEN."
    return f"{endpoint()} answered with {status} for {name}: give the same command again later."


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def is_full(error: OSError) -> bool:
    """Whether a disk, or somebody's share of one, has no room left."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
