"""A light studio for tests of other parts: real formats and exact lengths, silence and plain colours inside."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from adapters.media.chunks import check_chunk, checked_stem_names
from adapters.media.encoders import AudioFile, download_mp3, stem_flac
from adapters.media.hls import SegmentEncoder
from adapters.media.spectrum import SAMPLE_RATE
from adapters.media.storage import WorkFolder, described
from adapters.media.tags import id3_frames, vorbis_comments
from adapters.media.waveform import WaveformPeaks, audiowaveform_json
from domain.kit.audio.media import (
    LADDER,
    WAVEFORM_ZOOMS,
    Audio,
    AudioAnalysis,
    LadderSegment,
    MediaFile,
    MediaFiles,
    MediaSegment,
    StorageFull,
    TrackTags,
)
from domain.kit.audio.samples import mono_of
from domain.kit.audio.sound import BeatGrid, Character, Estimate, Section, Structure

_BIT_RATE = 32_000
_SILENT = AudioAnalysis(
    duration_seconds=0.0,
    loudness_lufs=-14.0,
    loudness_range_lu=5.0,
    true_peak_dbtp=-1.0,
    tempo_bpm=120.0,
    tempo_confidence=1.0,
    key="C major",
    key_confidence=1.0,
    character=Character(Estimate(0.5, 0.8), Estimate(0.25, 0.7), Estimate(0.75, 0.4), Estimate(0.5, 0.25)),
    structure=Structure(BeatGrid((0.5, 1.0, 1.5, 2.0), 0.9, 4, (0.5,), 0.6), (Section(0.0, 0.0, 1.0),)),
    fingerprint="",
)


@dataclass(frozen=True)
class FastStudio:
    """`MediaStudio` that answers `analysis` with the true duration, of one section, and the expected tempo if given.

    With `full_after_frames` the write that passes this length raises `StorageFull`.
    """

    analysis: AudioAnalysis = _SILENT
    full_after_frames: int | None = None

    def open(
        self,
        workdir: Path,
        tags: TrackTags,
        stem_names: Sequence[str],
        *,
        cover: bytes | None = None,
        download: bool = True,
    ) -> "FastWriter":
        names = checked_stem_names(stem_names)
        return FastWriter(self, WorkFolder(workdir), tags, names, cover, download)


class FastWriter:
    """`RenditionWriter` that keeps only lengths and the waveform of what it is given; all rungs have the same bytes."""

    def __init__(
        self,
        studio: FastStudio,
        folder: WorkFolder,
        tags: TrackTags,
        stem_names: Sequence[str],
        cover: bytes | None,
        download: bool,
    ) -> None:
        self._studio, self._folder, self._cover, self._played, self._kept = studio, folder, cover, 0, 0
        self._segments = SegmentEncoder(_BIT_RATE)
        self._master = stem_flac(folder, "master.flac", vorbis_comments(tags))
        self._download = download_mp3(folder, "download.mp3", id3_frames(tags), _BIT_RATE) if download else None
        self._stems = {name: stem_flac(folder, f"stem-{name}.flac", {}) for name in stem_names}
        self._waveform = WaveformPeaks()

    def play(self, mix: Audio) -> list[LadderSegment]:
        check_chunk(mix, {}, ())
        self._played += len(mix)
        return _at_every_rung(self._segments.write(np.zeros_like(mix)))

    def end(self) -> list[LadderSegment]:
        if self._played == 0:
            raise ValueError("No audio was written.")
        return _at_every_rung(self._segments.finish())

    def keep(self, mix: Audio, stems: Mapping[str, Audio]) -> None:
        check_chunk(mix, stems, tuple(self._stems))
        self._kept += len(mix)
        limit = self._studio.full_after_frames
        if limit is not None and self._kept > limit:
            raise StorageFull("master.flac")
        self._waveform.push(mono_of(mix))
        for file in self._audio_files():
            file.write(np.zeros_like(mix))

    def files(self, *, expected_bpm: float | None = None) -> MediaFiles:
        if self._kept == 0:
            raise ValueError("No audio was written.")
        for file in self._audio_files():
            file.close()
        return self._files(expected_bpm)

    def abort(self) -> None:
        self._segments.discard()
        for file in self._audio_files():
            file.discard()
        self._folder.clear()

    def _audio_files(self) -> list[AudioFile]:
        return [self._master, *([] if self._download is None else [self._download]), *self._stems.values()]

    def _files(self, expected_bpm: float | None) -> MediaFiles:
        seconds = self._kept / SAMPLE_RATE
        structure = replace(self._studio.analysis.structure, sections=(Section(0.0, seconds, 1.0),))
        analysis = replace(self._studio.analysis, duration_seconds=seconds, structure=structure)
        if expected_bpm is not None:
            analysis = replace(analysis, tempo_bpm=expected_bpm)
        return MediaFiles(
            frames=self._kept,
            master=described(self._master.path, "audio/flac"),
            download=None if self._download is None else described(self._download.path, "audio/mpeg"),
            stems={name: described(file.path, "audio/flac") for name, file in self._stems.items()},
            waveforms={zoom: self._drawn(zoom) for zoom in WAVEFORM_ZOOMS},
            cover=self._saved("cover.jpg", self._cover or _plain(1024, 1024, "JPEG"), "image/jpeg"),
            picture=self._saved("picture.png", _plain(1600, 900, "PNG"), "image/png"),
            analysis=analysis,
        )

    def _drawn(self, zoom: int) -> MediaFile:
        data = audiowaveform_json(self._waveform.peaks(zoom), zoom)
        return self._saved(f"waveform-{zoom}.json", data, "application/json")

    def _saved(self, name: str, data: bytes, content_type: str) -> MediaFile:
        return described(self._folder.save(name, data), content_type)


def _at_every_rung(segments: Sequence[MediaSegment]) -> list[LadderSegment]:
    return [LadderSegment({rung.name: segment for rung in LADDER}) for segment in segments]


def _plain(width: int, height: int, kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "midnightblue").save(file, kind)
    return file.getvalue()
