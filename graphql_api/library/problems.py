"""What can go wrong with a change of the library."""

from datetime import datetime

import strawberry

from domain.library import errors
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler
from graphql_api.library.types import Track


@strawberry.type(description="The track has changed since you read it; nothing was written.")
class EditConflict(Problem):
    current: Track = strawberry.field(description="The track as it is now, with the revision to expect next time.")

    @classmethod
    def of(cls, error: errors.EditConflict) -> "EditConflict":
        return cls(code=ProblemCode.EDIT_CONFLICT, message=error.message, current=Track.of(error.current))


@strawberry.type(description="One line of a text that cannot be read.")
class DamagedLine:
    number: int = strawberry.field(description="Which line, counted from 1.")
    message: str = strawberry.field(description="What is wrong with it.")


@strawberry.type(description="Lines of an LRC text cannot be read; nothing was written.")
class LyricsDamaged(Problem):
    lines: list[DamagedLine] = strawberry.field(description="The first of these lines, at most 20.")

    @classmethod
    def of(cls, error: errors.LyricsDamaged) -> "LyricsDamaged":
        lines = [DamagedLine(number=line.number, message=line.message) for line in error.lines]
        return cls(code=ProblemCode.LYRICS_DAMAGED, message=error.message, lines=lines)


@strawberry.type(description="A moderator has taken the track down, so you cannot open it to anybody.")
class TrackTakenDown(Problem):
    reason: str = strawberry.field(description="The reason given.")
    taken_down_at: datetime = strawberry.field(description="When it was taken down.")

    @classmethod
    def of(cls, error: errors.TrackTakenDown) -> "TrackTakenDown":
        return cls(
            code=ProblemCode.TRACK_TAKEN_DOWN,
            message=error.message,
            reason=error.reason,
            taken_down_at=error.taken_down_at,
        )


HANDLERS = (
    ProblemHandler(errors.EditConflict, EditConflict),
    ProblemHandler(errors.LyricsDamaged, LyricsDamaged),
    ProblemHandler(errors.TrackTakenDown, TrackTakenDown),
)
