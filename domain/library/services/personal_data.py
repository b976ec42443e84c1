"""A person's tracks and versions, with the files of those."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from domain.kit.blobs import BlobStore
from domain.kit.personal_data import Erasure, PersonalData, PersonalFile
from domain.library.stores.library import LibraryStore
from domain.library.stores.structures import StructureStore

Records = Sequence[dict[str, Any]]


class LibraryPersonalData(PersonalData):
    """Files go before the records that name them."""

    def __init__(self, store: LibraryStore, structures: StructureStore, blobs: BlobStore) -> None:
        self._store = store
        self._structures = structures
        self._blobs = blobs

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        """Each file with a link to fetch it by."""
        tracks, versions = await self._store.dump(account_id)
        for asset in _files(tracks, versions):
            asset["url"] = await self._blobs.presigned_url(asset["key"], links_live)
        return {"tracks": tracks, "versions": versions, "structures": await self._structures.dump(account_id)}

    async def files(self, account_id: str) -> Sequence[PersonalFile]:
        """A folder for each track, with its words and its own cover, and in it one for each version."""
        tracks, versions = await self._store.dump(account_id)
        own = [file for track in tracks for file in _of_track(track)]
        return [*own, *(file for version in versions for file in _of_version(version))]

    async def erase(self, erasure: Erasure) -> None:
        folders = {file["key"].rpartition("/")[0] for file in _files(*await self._store.dump(erasure.account_id))}
        for folder in folders:
            await self._blobs.delete_folder(folder)
        await self._structures.erase(erasure.account_id)
        await self._store.erase(erasure.account_id)


def _of_track(track: Mapping[str, Any]) -> Iterator[PersonalFile]:
    folder, lyrics, cover = f"tracks/{track['_id']}", track.get("lyrics"), track.get("own_cover")
    if lyrics is not None:
        name = "lyrics.lrc" if lyrics["is_synchronised"] else "lyrics.txt"
        yield PersonalFile(f"{folder}/{name}", text=lyrics["source"])
    if cover is not None:
        yield _file(folder, cover)


def _of_version(version: Mapping[str, Any]) -> Iterator[PersonalFile]:
    for asset in version["assets"]:
        yield _file(f"tracks/{version['track_id']}/{version['_id']}", asset)


def _file(folder: str, asset: Mapping[str, Any]) -> PersonalFile:
    name = asset["key"].rpartition("/")[2]
    return PersonalFile(f"{folder}/{name}", asset["key"], size_bytes=asset["size_bytes"])


def _files(tracks: Records, versions: Records) -> Sequence[dict[str, Any]]:
    """Everything that lies in storage for these."""
    covers = [track["own_cover"] for track in tracks if track.get("own_cover") is not None]
    return [*covers, *(asset for version in versions for asset in version["assets"])]
