"""Brings files of the hub here. What arrived stays, in whole or in part, and the next attempt goes on behind it."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from logging import ERROR, getLogger
from pathlib import Path
from typing import Any, Final

from huggingface_hub import get_token
from huggingface_hub.file_download import http_get

from model_export.adding.errors import AddingError
from model_export.adding.hub import CONFIG, HubFile, HubListing, check_kind, refusals
from model_export.adding.telling import Teller

DOWNLOADS: Final = ".downloads"
PART: Final = ".part"
GIGA: Final = 1e9


def folder_of(listing: HubListing, models: Path) -> Path:
    """Where the files of this commit are gathered."""
    return models / DOWNLOADS / f"{listing.source.repository.replace('/', '--')}@{listing.commit}"


def download(listing: HubListing, models: Path, tell: Teller) -> Path:
    """The folder with all files. Raises AddingError; what has arrived by then is kept for the next attempt."""
    folder = folder_of(listing, models)
    folder.mkdir(parents=True, exist_ok=True)
    here = sum(_arrived(folder, file) for file in listing.files)
    _check_room(folder, listing, here)
    if here:
        tell.say(f"{here / GIGA:.2f} of {listing.size / GIGA:.2f} GB are here from before")
    # It would tell of every connection that broke and was mended.
    getLogger("huggingface_hub").setLevel(ERROR)
    with refusals(listing.source), tell.arriving(listing.size, here) as bar:
        for file in listing.files:
            _fetch(file, folder / file.name, bar)
            if file.name == CONFIG:
                check_kind(folder / CONFIG, listing.source)
    return folder


@contextmanager
def only_kept_if_useful(folder: Path, useless: type[Exception]) -> Iterator[None]:
    """Remove the download when all is well, and also when what is raised means that it is good for nothing."""
    try:
        yield
    except useless:
        shutil.rmtree(folder)
        raise
    shutil.rmtree(folder)


def _arrived(folder: Path, file: HubFile) -> int:
    """Bytes of it that are here."""
    for name in (file.name, file.name + PART):
        if (folder / name).exists():
            return min((folder / name).stat().st_size, file.size)
    return 0


def _check_room(folder: Path, listing: HubListing, here: int) -> None:
    free, missing = shutil.disk_usage(folder).free, listing.size - here
    if free < missing:
        raise AddingError(
            f"{missing / GIGA:.2f} GB of {listing.source.repository} are still to come, and {free / GIGA:.2f} GB are "
            f"free in {folder.parents[1]}: free some, or name another folder in CADENZA_MODELS_FOLDER."
        )


def _fetch(file: HubFile, target: Path, bar: Any) -> None:
    if target.exists():
        return
    part = target.with_name(target.name + PART)
    with part.open("r+b" if part.exists() else "w+b") as opened:
        begun = opened.seek(0, 2)
        if begun > file.size:
            begun = opened.seek(0)
            opened.truncate()
        http_get(
            file.url,
            opened,
            resume_size=begun,
            headers=_headers(),
            expected_size=file.size,
            displayed_filename=file.name,
            tqdm_class=bar,
        )
    if not _is_right(part, file):
        part.unlink()
        raise AddingError(f"{file.name} was damaged on its way and has been removed: give the same command again.")
    part.rename(target)


def _headers() -> dict[str, str]:
    """Places in a compressed answer are none in the file, so none is asked for."""
    token = get_token()
    return {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {token}"} if token else {})}


def _is_right(part: Path, file: HubFile) -> bool:
    """By SHA-256 where the hub tells it, else by git's name for the content."""
    with part.open("rb") as opened:
        if file.sha256:
            return hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256
        named = hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
        named.update(opened.read())
    return not file.blob or named.hexdigest() == file.blob
