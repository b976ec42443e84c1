"""What can go wrong with a change of the library."""

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


HANDLERS = (ProblemHandler(errors.EditConflict, EditConflict),)
