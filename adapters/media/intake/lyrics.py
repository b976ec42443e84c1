"""Words that stand in a file, by the names that tags have for them. Runs inside the locked process."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import BinaryIO

from adapters.media.intake.frames import MAX_TEXTS
from adapters.media.intake.id3 import TimedText, lrc_of, texts_of
from adapters.media.languages import language_tag
from domain.kit.audio.audio_decoding import MAX_EMBEDDED_LYRICS, EmbeddedLyrics

# Vorbis comments, TXXX frames and atoms; FFmpeg names a USLT frame `lyrics-`, its description and its language.
_NAMES = ("syncedlyrics", "synced lyrics", "lyrics", "unsyncedlyrics", "unsynced lyrics", "unsynchronised lyrics")
_USLT = "lyrics-"
# One frame of MPEG audio, layer III (ISO/IEC 11172-3 and 13818-3), by whether the rate is of version 1.
_FRAME_SAMPLES, _SHORT_FRAME_SAMPLES, _LOWEST_OF_VERSION_1 = 1_152, 576, 32_000


def texts_in(file: BinaryIO, metadata: Mapping[str, str], sample_rate: int) -> Iterator[bytes]:
    """JSON of each text, at most `MAX_TEXTS`: those with times of their own frames first."""
    samples = _FRAME_SAMPLES if sample_rate >= _LOWEST_OF_VERSION_1 else _SHORT_FRAME_SAMPLES
    frame_ms = 1_000 * samples / max(1, sample_rate)
    for found in islice(_found(file, metadata, frame_ms), MAX_TEXTS):
        said = {"text": found.text[:MAX_EMBEDDED_LYRICS], "language": found.language}
        yield json.dumps(said, ensure_ascii=False).encode(errors="replace")


def _found(file: BinaryIO, metadata: Mapping[str, str], frame_ms: float) -> Iterator[EmbeddedLyrics]:
    for framed in texts_of(file):
        unit_ms = frame_ms if isinstance(framed, TimedText) and framed.is_in_frames else 1.0
        text = lrc_of(framed, unit_ms) if isinstance(framed, TimedText) else framed.text
        yield EmbeddedLyrics(text, language_tag(framed.language))
    for name in _NAMES:
        if metadata.get(name):
            yield EmbeddedLyrics(metadata[name])
    for name, text in metadata.items():
        if name.startswith(_USLT) and text:
            yield EmbeddedLyrics(text, language_tag(name.rpartition("-")[2]))
