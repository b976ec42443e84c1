"""Failures of a rendering, each with the code that the worker reads from the stream's error text."""


class RenderError(Exception):
    """Base; `code` is one of the protocol's codes."""

    code = "INTERNAL"

    def __str__(self) -> str:
        return f"{self.code}: {super().__str__()}"


class InvalidScoreError(RenderError):
    """The score cannot be read, names a preset that the SoundFont lacks, or makes no sound."""

    code = "INVALID_SCORE"


class InvalidOptionsError(RenderError):
    """The options cannot be read, or the ring that they name does not fit."""

    code = "INVALID_OPTIONS"


class StorageFullError(RenderError):
    """The disk on which the audio lies while it is being rendered has no room left."""

    code = "STORAGE_FULL"


class CancelledError(RenderError):
    """The caller is gone: it cancelled, or it no longer empties the ring."""

    code = "CANCELLED"
