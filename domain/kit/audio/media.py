"""The port to the media studio: finished audio in, playable segments, files, pictures and measurements out.

Plain values and protocols only. Audio is 44.1 kHz stereo float32 of shape [frames, 2] within -1..1.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from domain.kit.audio.sound import Character, Structure
from domain.kit.errors import DomainError

Audio = npt.NDArray[np.float32]

SEGMENT_RATE = 44_100
INIT_SEGMENT_INDEX = -1

WAVEFORM_ZOOMS = (256, 1_024, 8_192)
"""Samples per pixel: to edit by, to seek by, and to draw a whole track small."""

# IPTC Digital Source Type NewsCodes, the vocabulary that C2PA uses to say how a work came about.
DIGITAL_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
ALGORITHMIC_MEDIA = DIGITAL_SOURCE_TYPES + "algorithmicMedia"
TRAINED_ALGORITHMIC_MEDIA = DIGITAL_SOURCE_TYPES + "trainedAlgorithmicMedia"
COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA = DIGITAL_SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia"


@dataclass
class StorageFull(DomainError):
    """The disk under the working folder has no room left; the rendition must be aborted."""

    file_name: str
    code: ClassVar[str] = "STORAGE_FULL"

    @property
    def message(self) -> str:
        return f"There is no room left on the disk to write {self.file_name}."


@dataclass(frozen=True)
class Rung:
    """One bit rate of the ladder in bit/s; `name` tells it apart in addresses."""

    name: str
    bit_rate: int


LADDER = (Rung("96k", 96_000), Rung("160k", 160_000), Rung("320k", 320_000))


@dataclass(frozen=True)
class MediaSegment:
    """One piece of one rung: the init segment first, then media segments numbered from 0.

    `frames` is what the segment adds to the presentation at 44.1 kHz; the sum over a song is its exact length.
    """

    index: int
    name: str
    data: bytes
    frames: int
    content_type: str = "audio/mp4"

    @property
    def is_init(self) -> bool:
        return self.index == INIT_SEGMENT_INDEX

    @property
    def duration_seconds(self) -> float:
        """0 for the init segment."""
        return self.frames / SEGMENT_RATE


@dataclass(frozen=True)
class LadderSegment:
    """The same piece of the presentation at every rung, by the rung's name; name and length are the same at all."""

    rungs: Mapping[str, MediaSegment]

    @property
    def any_rung(self) -> MediaSegment:
        return next(iter(self.rungs.values()))

    @property
    def is_init(self) -> bool:
        return self.any_rung.is_init

    @property
    def name(self) -> str:
        return self.any_rung.name

    @property
    def frames(self) -> int:
        return self.any_rung.frames

    @property
    def duration_seconds(self) -> float:
        return self.any_rung.duration_seconds


@dataclass(frozen=True)
class TrackTags:
    """What the files say about themselves. `key` is written like "A minor" or "F# major"; empty texts are left out.

    `digital_source_type` is an IPTC NewsCode address; an empty one means that no machine made the music, and None
    that nobody knows.
    """

    title: str
    artist: str
    genre: str
    bpm: float
    key: str
    comment: str = ""
    digital_source_type: str | None = ALGORITHMIC_MEDIA
    date: str = ""
    model: str = ""
    seed: int | None = None
    licence: str = ""
    encoder: str = "Cadenza"


@dataclass(frozen=True)
class AudioAnalysis:
    """What was measured on the finished mix.

    Loudness is BS.1770 integrated in LUFS (-70 for silence), its range in LU (EBU Tech 3342), the true peak at four
    times oversampling in dBTP. `tempo_bpm` is 0 and `key` empty when nothing was found; confidences are 0..1.
    `fingerprint` is the text of the acoustic fingerprint of all of it, empty for less than 3 s.
    """

    duration_seconds: float
    loudness_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    tempo_bpm: float
    tempo_confidence: float
    key: str
    key_confidence: float
    character: Character
    structure: Structure
    fingerprint: str


@dataclass(frozen=True)
class MediaFile:
    """One closed file in the working folder; `sha256` in lower-case hex."""

    path: Path
    content_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class MediaFiles:
    """Everything a finished rendition left in its working folder, and what was measured on it.

    `master` FLAC 24 bit, `download` MP3 320 kbit/s if it was wanted, `stems` FLAC 16 bit by stem name, `waveforms` BBC
    audiowaveform JSON version 2 (8 bit) by `WAVEFORM_ZOOMS`, `cover` JPEG 1024x1024, `picture` PNG 1600x900.
    """

    frames: int
    master: MediaFile
    download: MediaFile | None
    stems: Mapping[str, MediaFile]
    waveforms: Mapping[int, MediaFile]
    cover: MediaFile
    picture: MediaFile
    analysis: AudioAnalysis

    def __iter__(self) -> Iterator[MediaFile]:
        """Every file, stems last."""
        yield self.master
        if self.download is not None:
            yield self.download
        yield from (*self.waveforms.values(), self.cover, self.picture)
        yield from self.stems.values()


class RenditionWriter(Protocol):
    """One song being written: what is played of it, and what is kept. Every method blocks (call it in a thread).

    The same audio goes through both sides, `play` and `end` beside `keep` and `files`, each in a thread of its own and
    one call at a time; one side may be ahead. All raise `StorageFull`; after any error only `abort` may follow.
    """

    def play(self, mix: Audio) -> Sequence[LadderSegment]:
        """Takes the next chunk to be played and returns the segments it completed, the init segment before the first.

        Raises ValueError for an empty chunk, a wrong shape or type or a value that is not finite; takes none of it.
        """
        ...

    def end(self) -> Sequence[LadderSegment]:
        """Returns the last segments; raises ValueError when there was nothing to play."""
        ...

    def keep(self, mix: Audio, stems: Mapping[str, Audio]) -> None:
        """Takes the next chunk to be kept and measured.

        Raises ValueError as `play` does, for the stems too, and unless they are the announced ones at the mix's length.
        """
        ...

    def files(self, *, expected_bpm: float | None = None) -> MediaFiles:
        """Returns the closed files; `expected_bpm` settles which metrical level is the beat.

        Raises ValueError when no audio was kept.
        """
        ...

    def abort(self) -> None:
        """Closes and removes everything it wrote; may be called more than once, but beside no other call."""
        ...


class MediaStudio(Protocol):
    def open(
        self,
        workdir: Path,
        tags: TrackTags,
        stem_names: Sequence[str],
        *,
        cover: bytes | None = None,
        download: bool = True,
    ) -> RenditionWriter:
        """Starts a rendition in `workdir` (made if missing), one file per stem named after it.

        `cover` is a square JPEG in place of the one that would be drawn; without `download` there is no MP3. Raises
        ValueError for stem names that repeat or are not file names, `StorageFull` when nothing can be written.
        """
        ...
