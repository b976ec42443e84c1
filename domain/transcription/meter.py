"""The port to whoever counts transcriptions."""

from typing import Protocol


class TranscriptionMeter(Protocol):
    def heard(self, audio_seconds: float, seconds: float, notes: int) -> None:
        """A recording was transcribed: how long it is, how long that took, and how many notes were found."""
        ...
