"""Asking for one more version of a track that is there."""

from dataclasses import dataclass, replace

from domain.kit.caller import Caller
from domain.kit.errors import NotFound
from domain.library.model import Descent, Track, Version, Visibility
from domain.library.service import LibraryService
from domain.library.services.publishing import PublishingRight


@dataclass(frozen=True)
class Joining:
    """The track that another version is to join, the version that it is made of, and how it is to join."""

    track: Track
    parent: Version
    descent: Descent


class TrackJoining:
    """Whether the version may replace what is published is decided when it is asked for, by who asks."""

    def __init__(self, library: LibraryService, publishing: PublishingRight) -> None:
        self._library = library
        self._publishing = publishing

    async def to_join(self, caller: Caller, descent: Descent) -> Joining:
        """Raises `NotFound`, also for a track in the trash.

        And `Forbidden` and `EmailUnverified` where becoming current would publish.
        """
        versions = await self._library.versions_by_id(caller, [descent.parent_id])
        if (version := versions.get(descent.parent_id)) is None:
            raise NotFound("version", descent.parent_id)
        track = await self._library.track(caller, version.track_id)
        if not descent.becomes_current:
            return Joining(track, version, descent)
        if track.sharing.visibility is Visibility.PUBLIC:
            await self._publishing.check(caller)
        return Joining(track, version, replace(descent, may_publish=await self._publishing.has(caller)))
