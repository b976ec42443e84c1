"""The problem that every mutation with an idempotency key can have."""

import strawberry

from domain.idempotency import errors
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler

KEY_DESCRIPTION = "The same key with the same input within 24 hours gives the first result again."


@strawberry.type(description="The idempotency key was used within the last 24 hours for another input.")
class IdempotencyConflict(Problem):
    idempotency_key: str = strawberry.field(description="The key.")

    @classmethod
    def of(cls, error: errors.IdempotencyConflict) -> "IdempotencyConflict":
        return cls(code=ProblemCode.IDEMPOTENCY_CONFLICT, message=error.message, idempotency_key=error.idempotency_key)


HANDLERS = (ProblemHandler(errors.IdempotencyConflict, IdempotencyConflict),)
