"""What can go wrong with a playlist."""

import strawberry

from domain.playlists import errors
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler
from graphql_api.playlists.types import Playlist


@strawberry.type(description="The playlist has changed since you read it; nothing was written.")
class PlaylistConflict(Problem):
    current: Playlist = strawberry.field(description="The playlist as it is, with the revision to expect next time.")

    @classmethod
    def of(cls, error: errors.PlaylistConflict) -> "PlaylistConflict":
        return cls(code=ProblemCode.PLAYLIST_CONFLICT, message=error.message, current=Playlist.of(error.current))


@strawberry.type(description="No more fits into the playlist; nothing was changed.")
class PlaylistFull(Problem):
    most: int = strawberry.field(description="How many there may be.")

    @classmethod
    def of(cls, error: errors.PlaylistFull) -> "PlaylistFull":
        return cls(code=ProblemCode.PLAYLIST_FULL, message=error.message, most=error.most)


@strawberry.type(
    description="A rule says what stands in the playlist, and it is for its owner alone; nothing was changed."
)
class PlaylistIsSmart(Problem):
    pass


@strawberry.type(description="The playlist has no rule; nothing was changed.")
class PlaylistNotSmart(Problem):
    pass


@strawberry.type(description="You have as many playlists as there may be.")
class TooManyPlaylists(Problem):
    most: int = strawberry.field(description="How many there may be.")

    @classmethod
    def of(cls, error: errors.TooManyPlaylists) -> "TooManyPlaylists":
        return cls(code=ProblemCode.TOO_MANY_PLAYLISTS, message=error.message, most=error.most)


HANDLERS = (
    ProblemHandler(errors.PlaylistConflict, PlaylistConflict),
    ProblemHandler(errors.PlaylistFull, PlaylistFull),
    ProblemHandler(errors.PlaylistIsSmart, PlaylistIsSmart),
    ProblemHandler(errors.PlaylistNotSmart, PlaylistNotSmart),
    ProblemHandler(errors.TooManyPlaylists, TooManyPlaylists),
)
