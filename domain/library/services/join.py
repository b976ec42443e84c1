"""Asking for one more version of a track that is there."""

from dataclasses import replace

from domain.kit.caller import Caller
from domain.kit.errors import NotFound
from domain.library.model import Descent, Track, Visibility
from domain.library.service import LibraryService
from domain.library.services.publishing import PublishingRight


class TrackJoining:
    """Whether the version may replace what is published is decided when it is asked for, by who asks."""

    def __init__(self, library: LibraryService, publishing: PublishingRight) -> None:
        self._library = library
        self._publishing = publishing

    async def to_join(self, caller: Caller, descent: Descent) -> tuple[Track, Descent]:
        """The track that another version is to join, and how.

        Raises `NotFound`, also for a track in the trash, and `Forbidden` and `EmailUnverified` where becoming current
        would publish.
        """
        versions = await self._library.versions_by_id(caller, [descent.parent_id])
        if (version := versions.get(descent.parent_id)) is None:
            raise NotFound("version", descent.parent_id)
        track = await self._library.track(caller, version.track_id)
        if not descent.becomes_current:
            return track, descent
        if track.sharing.visibility is Visibility.PUBLIC:
            await self._publishing.check(caller)
        return track, replace(descent, may_publish=await self._publishing.has(caller))
