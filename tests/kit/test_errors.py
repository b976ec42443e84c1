"""What expected failures say, and who a caller is."""

import pytest

from domain.kit.audio.media import StorageFull
from domain.kit.caller import ANONYMOUS, Caller
from domain.kit.errors import (
    DependencyUnavailable,
    DomainError,
    EngineRefused,
    Issue,
    NotFound,
    Unauthenticated,
    ValidationFailed,
)


@pytest.mark.parametrize(
    "error, code, message",
    [
        (
            ValidationFailed([Issue("bpm", "Too fast."), Issue("prompt", "Too long.")]),
            "VALIDATION_FAILED",
            "Too fast. Too long.",
        ),
        (NotFound("track", "x'y"), "NOT_FOUND", 'There is no track with the id "x\'y".'),
        (
            Unauthenticated(),
            "UNAUTHENTICATED",
            "Sign in first, then send the access token as 'Authorization: Bearer …'.",
        ),
        (Unauthenticated("Too late."), "UNAUTHENTICATED", "Too late."),
        (
            DependencyUnavailable("Redis", "connection refused by 10.0.0.7"),
            "DEPENDENCY_UNAVAILABLE",
            "Redis cannot be reached right now. Nothing is lost; try again in a moment.",
        ),
        (
            EngineRefused("INVALID_BRIEF", "bpm: must be from 30 to 240"),
            "ENGINE_REFUSED",
            "The music model could not make this song: bpm: must be from 30 to 240",
        ),
        (StorageFull("master.flac"), "STORAGE_FULL", "There is no room left on the disk to write master.flac."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, DomainError) else "",
)
def test_an_expected_failure_has_a_code_and_a_sentence(error: DomainError, code: str, message: str) -> None:
    assert (error.code, error.message, str(error)) == (code, message, message)


def test_an_expected_failure_can_be_raised_and_caught_by_its_root() -> None:
    with pytest.raises(DomainError) as caught:
        raise NotFound("track", "x")
    assert caught.value == NotFound("track", "x")


def test_a_signed_in_caller_has_an_account() -> None:
    assert Caller("ada").require() == "ada"


def test_an_anonymous_caller_has_none() -> None:
    with pytest.raises(Unauthenticated):
        ANONYMOUS.require()
