"""Why a file that somebody brought is no use as music. Each is the end of its job, with a sentence for the person."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError

ACCEPTED = "WAV, FLAC, MP3, Ogg Vorbis, Ogg Opus, and AAC or M4A"


@dataclass
class UnusableAudio(DomainError):
    """`detail` says what was found, as an addition to the sentence or empty."""

    detail: str = ""
    code: ClassVar[str] = "AUDIO_UNUSABLE"
    sentence: ClassVar[str] = "This file cannot be used."

    @property
    def message(self) -> str:
        return f"{self.sentence} {self.detail}".rstrip()


@dataclass
class AudioTooLong(UnusableAudio):
    limit_seconds: float = 0.0
    code: ClassVar[str] = "AUDIO_TOO_LONG"

    @property
    def message(self) -> str:
        return f"The recording is longer than {self.limit_seconds / 60:g} minutes, which is the most that is accepted."


@dataclass
class AudioTooLarge(UnusableAudio):
    limit_bytes: int = 0
    code: ClassVar[str] = "AUDIO_TOO_LARGE"

    @property
    def message(self) -> str:
        return f"The file is larger than {self.limit_bytes / 1e6:g} MB, which is the most that is accepted."


@dataclass
class NotAudio(UnusableAudio):
    code: ClassVar[str] = "NOT_AUDIO"
    sentence: ClassVar[str] = f"This is no audio file that is accepted here. Bring {ACCEPTED}."


@dataclass
class PlaylistInDisguise(UnusableAudio):
    code: ClassVar[str] = "AUDIO_IS_A_PLAYLIST"
    sentence: ClassVar[str] = "This is a playlist, which only names audio that is elsewhere. Bring the audio itself."


@dataclass
class PolyglotAudio(UnusableAudio):
    code: ClassVar[str] = "AUDIO_IS_SOMETHING_ELSE_TOO"
    sentence: ClassVar[str] = "This file is audio and something else at once. Export the audio anew and bring that."


@dataclass
class DamagedAudio(UnusableAudio):
    code: ClassVar[str] = "AUDIO_DAMAGED"
    sentence: ClassVar[str] = "The file is damaged or was cut off."


@dataclass
class SilentAudio(UnusableAudio):
    code: ClassVar[str] = "AUDIO_SILENT"
    sentence: ClassVar[str] = "There is nothing to hear in this file."


@dataclass
class DecompressionBomb(UnusableAudio):
    code: ClassVar[str] = "AUDIO_DECOMPRESSION_BOMB"
    sentence: ClassVar[str] = "This file unpacks to far more than any recording of its size could hold."


@dataclass
class LyingHeader(UnusableAudio):
    code: ClassVar[str] = "AUDIO_HEADER_LIES"
    sentence: ClassVar[str] = "What the file says about itself is not true. Export it anew and bring that."


FAULTS: dict[str, type[UnusableAudio]] = {
    kind.code: kind
    for kind in (
        NotAudio,
        PlaylistInDisguise,
        PolyglotAudio,
        DamagedAudio,
        SilentAudio,
        DecompressionBomb,
        LyingHeader,
    )
}
"""Those that a decoder names by their code."""
