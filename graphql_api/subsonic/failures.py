"""Why a call of OpenSubsonic fails: its codes, and what of ours becomes which of them."""

from enum import IntEnum

from domain.kit.errors import DomainError, Forbidden, NotFound, Unauthenticated


class Code(IntEnum):
    """The codes of https://opensubsonic.netlify.app/docs/responses/error/ that are given here."""

    GENERIC = 0
    MISSING_PARAMETER = 10
    TOKENS_UNSUPPORTED = 41
    PASSWORDS_UNSUPPORTED = 42
    CONFLICTING_CREDENTIALS = 43
    INVALID_KEY = 44
    NOT_ALLOWED = 50
    NOT_FOUND = 70


class Failed(Exception):
    """What the client is told: a code of OpenSubsonic and a sentence."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @classmethod
    def of(cls, error: DomainError) -> "Failed":
        codes = {NotFound: Code.NOT_FOUND, Forbidden: Code.NOT_ALLOWED, Unauthenticated: Code.INVALID_KEY}
        return cls(codes.get(type(error), Code.GENERIC), error.message)
