"""The media studio: one writer per song that feeds encoders, analysis and waveform, then draws the pictures."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from adapters.media.analysis import Analyser
from adapters.media.chunks import check_chunk, checked_stem_names
from adapters.media.cover import as_jpeg, draw_cover
from adapters.media.embedded_cover import embed_in_flac, embed_in_mp3
from adapters.media.encoders import AudioFile, download_mp3, master_flac, stem_flac
from adapters.media.hls import SegmentEncoder
from adapters.media.picture import Caption, draw_picture
from adapters.media.storage import WorkFolder, described, room_for
from adapters.media.tags import id3_frames, single_line, vorbis_comments
from adapters.media.waveform import WaveformPeaks, audiowaveform_json
from domain.kit.media import Audio, AudioAnalysis, MediaFile, MediaFiles, MediaSegment, TrackTags

MASTER, DOWNLOAD = "master.flac", "download.mp3"
WAVEFORM, COVER, PICTURE = "waveform.json", "cover.jpg", "picture.png"

_EMBEDDED_SIDE, _EMBEDDED_QUALITY = 600, 82


def stem_file(name: str) -> str:
    """File name of a stem."""
    return f"stem-{name}.flac"


class FfmpegStudio:
    """`MediaStudio` on PyAV. It holds nothing: every song has its own writer."""

    def open(self, workdir: Path, tags: TrackTags, stem_names: Sequence[str]) -> "FfmpegWriter":
        names = checked_stem_names(stem_names)
        folder = WorkFolder(workdir)
        try:
            return FfmpegWriter(folder, tags, names)
        except BaseException:
            folder.clear()
            raise


class FfmpegWriter:
    """`RenditionWriter` that encodes, measures and summarises each chunk as it comes."""

    def __init__(self, folder: WorkFolder, tags: TrackTags, stem_names: Sequence[str]) -> None:
        self._folder, self._tags, self._frames = folder, tags, 0
        self._segments = SegmentEncoder()
        self._master = master_flac(folder, MASTER, vorbis_comments(tags))
        self._download = download_mp3(folder, DOWNLOAD, id3_frames(tags))
        self._stems = {name: stem_flac(folder, stem_file(name), _stem_comments(tags, name)) for name in stem_names}
        self._analyser, self._waveform = Analyser(), WaveformPeaks()

    def write(self, mix: Audio, stems: Mapping[str, Audio]) -> list[MediaSegment]:
        check_chunk(mix, stems, tuple(self._stems))
        segments = self._segments.write(mix)
        self._master.write(mix)
        self._download.write(mix)
        for name, stem in stems.items():
            self._stems[name].write(stem)
        mono = mix.mean(axis=1, dtype=np.float32)
        self._analyser.push(mix, mono)
        self._waveform.push(mono)
        self._frames += len(mix)
        return segments

    def finish(self, *, expected_bpm: float | None = None) -> tuple[list[MediaSegment], MediaFiles]:
        if self._frames == 0:
            raise ValueError("No audio was written.")
        segments = self._segments.finish()
        for file in self._audio_files():
            file.close()
        return segments, self._summarised(expected_bpm)

    def abort(self) -> None:
        self._segments.discard()
        for file in self._audio_files():
            file.discard()
        self._folder.clear()

    def _audio_files(self) -> list[AudioFile]:
        return [self._master, self._download, *self._stems.values()]

    def _summarised(self, expected_bpm: float | None) -> MediaFiles:
        analysis, mel = self._analyser.finish(expected_bpm)
        peaks = self._waveform.peaks()
        caption = Caption(single_line(self._tags.title), single_line(facts_line(self._tags, analysis)))
        cover = draw_cover(mel, analysis.key)
        picture = draw_picture(caption, analysis.duration_seconds, peaks, mel)
        self._embed(cover)
        return MediaFiles(
            frames=self._frames,
            master=described(self._master.path, "audio/flac"),
            download=described(self._download.path, "audio/mpeg"),
            stems={name: described(file.path, "audio/flac") for name, file in self._stems.items()},
            waveform=self._saved(WAVEFORM, audiowaveform_json(peaks), "application/json"),
            cover=self._saved(COVER, cover, "image/jpeg"),
            picture=self._saved(PICTURE, picture, "image/png"),
            analysis=analysis,
        )

    def _embed(self, cover: bytes) -> None:
        side = (_EMBEDDED_SIDE, _EMBEDDED_SIDE)
        small = Image.open(io.BytesIO(cover)).resize(side, Image.Resampling.LANCZOS)
        jpeg = as_jpeg(small, _EMBEDDED_QUALITY)
        with room_for(MASTER):
            embed_in_flac(self._master.path, jpeg, _EMBEDDED_SIDE)
        with room_for(DOWNLOAD):
            embed_in_mp3(self._download.path, jpeg)

    def _saved(self, name: str, data: bytes, content_type: str) -> MediaFile:
        return described(self._folder.save(name, data), content_type)


def facts_line(tags: TrackTags, analysis: AudioAnalysis) -> str:
    """The picture's second line: what was asked for by name, what was measured by number."""
    minutes, seconds = divmod(round(analysis.duration_seconds), 60)
    facts = [
        tags.artist,
        tags.genre,
        f"{analysis.tempo_bpm:.0f} BPM" if analysis.tempo_bpm else "",
        analysis.key,
        f"{analysis.loudness_lufs:.1f} LUFS",
        f"{minutes}:{seconds:02d}",
    ]
    return " · ".join(fact for fact in facts if fact)


def _stem_comments(tags: TrackTags, name: str) -> dict[str, str]:
    return {**vorbis_comments(tags), "TITLE": f"{tags.title} ({name})"}
