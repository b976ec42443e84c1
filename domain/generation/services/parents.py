"""The version that a song is made of: whether a change fits it, its score and its sound."""

from domain.generation.edits import Edit, Parent
from domain.generation.errors import NoScore
from domain.generation.model import Generation
from domain.generation.models import ModelCard, ModelKind
from domain.generation.outline import bar_seconds
from domain.kit.blobs import BlobStore
from domain.kit.caller import Caller
from domain.kit.errors import NotFound, ValidationFailed
from domain.library.model import Asset, AssetKind, Version
from domain.library.service import LibraryService


def length_with(edit: Edit, version: Version, card: ModelCard) -> float:
    """How long this version is with the change by this model, in seconds. Raises `NoScore` and `ValidationFailed`."""
    parent = _sounding(version) if card.kind is ModelKind.AUDIO else _written(version)
    if issues := edit.misfits(parent):
        raise ValidationFailed(issues)
    return edit.lasts(parent)


def master_of(version: Version) -> Asset:
    """Every version has one."""
    asset = version.asset(AssetKind.MASTER)
    if asset is None:
        raise LookupError(f"the version {version.id} has no master")
    return asset


def _sounding(version: Version) -> Parent:
    """A recording has no bars that a change would have to fit."""
    return Parent(version.duration_seconds, bar_seconds=0.0)


def _written(version: Version) -> Parent:
    if version.asset(AssetKind.SCORE) is None or version.bpm is None or version.meter is None:
        raise NoScore(version.id)
    return Parent(version.duration_seconds, bar_seconds(version.bpm, version.meter))


class Parents:
    """For the worker, on behalf of the owner of a generation."""

    def __init__(self, library: LibraryService, blobs: BlobStore) -> None:
        self._library = library
        self._blobs = blobs

    async def score_of(self, generation: Generation) -> bytes | None:
        """The score to be changed, as cadenza.score/1 JSON; None where none is.

        Raises `NotFound` when its version has gone since it was asked for.
        """
        if generation.request.edit is None:
            return None
        version = await self.version_of(generation)
        asset = version.asset(AssetKind.SCORE)
        if asset is None:
            raise NoScore(version.id)
        return await self._blobs.get(asset.key)

    async def version_of(self, generation: Generation) -> Version:
        """The version that is changed. Raises `NotFound` when it has gone since it was asked for."""
        descent = generation.request.descent
        if descent is None:
            raise LookupError(f"the job {generation.job_id} descends from nothing")
        return await self.seen(Caller(generation.owner_id), descent.parent_id)

    async def seen(self, caller: Caller, version_id: str) -> Version:
        """One of the caller's. Raises `NotFound`."""
        found = await self._library.versions_by_id(caller, [version_id])
        if (version := found.get(version_id)) is None:
            raise NotFound("version", version_id)
        return version

    async def genre_of(self, generation: Generation) -> str:
        """Of the track that the version joins; empty when nobody has said."""
        found = await self._library.tracks_by_id(Caller(generation.owner_id), [generation.track_id])
        track = found.get(generation.track_id)
        return "" if track is None else track.genre
