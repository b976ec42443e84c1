"""The version that a song is made of: whether a change fits it, and its score."""

from domain.generation.edits import Edit, Parent
from domain.generation.errors import NoScore
from domain.generation.model import Generation
from domain.generation.outline import bar_seconds
from domain.kit.blobs import BlobStore
from domain.kit.caller import Caller
from domain.kit.errors import NotFound, ValidationFailed
from domain.library.model import AssetKind, Version
from domain.library.service import LibraryService


def length_with(edit: Edit, version: Version) -> float:
    """How long this version is with the change, in seconds. Raises `NoScore` and `ValidationFailed`."""
    if version.asset(AssetKind.SCORE) is None or version.bpm is None or version.meter is None:
        raise NoScore(version.id)
    parent = Parent(version.duration_seconds, bar_seconds(version.bpm, version.meter))
    if issues := edit.misfits(parent):
        raise ValidationFailed(issues)
    return edit.lasts(parent)


class ParentScores:
    """For the worker, on behalf of the owner of a generation."""

    def __init__(self, library: LibraryService, blobs: BlobStore) -> None:
        self._library = library
        self._blobs = blobs

    async def of(self, generation: Generation) -> bytes | None:
        """The score to be changed, as cadenza.score/1 JSON; None where none is.

        Raises `NotFound` when its version has gone since it was asked for.
        """
        descent = generation.request.descent
        if generation.request.edit is None or descent is None:
            return None
        found = await self._library.versions_by_id(Caller(generation.owner_id), [descent.parent_id])
        version = found.get(descent.parent_id)
        asset = None if version is None else version.asset(AssetKind.SCORE)
        if asset is None:
            raise NotFound("version", descent.parent_id)
        return await self._blobs.get(asset.key)
