"""The media studio: one writer per song that feeds encoders, analysis and waveform, then draws the pictures."""

import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from adapters.media.analysis import Analyser, MelSpectrogram
from adapters.media.chunks import check_chunk, checked_stem_names
from adapters.media.cover import as_jpeg, draw_cover
from adapters.media.crew import Crew
from adapters.media.embedded_cover import embed_in_flac, embed_in_mp3
from adapters.media.encoders import AudioFile, download_mp3, master_flac, stem_flac
from adapters.media.ladder import LadderEncoder
from adapters.media.picture import Caption, draw_picture
from adapters.media.storage import WorkFolder, described, room_for
from adapters.media.tags import id3_frames, single_line, vorbis_comments
from adapters.media.waveform import WaveformPeaks, audiowaveform_json
from domain.kit.audio.media import (
    LADDER,
    WAVEFORM_ZOOMS,
    Audio,
    AudioAnalysis,
    LadderSegment,
    MediaFile,
    MediaFiles,
    TrackTags,
)
from domain.kit.audio.samples import mono_of

MASTER, DOWNLOAD = "master.flac", "download.mp3"
COVER, PICTURE = "cover.jpg", "picture.png"

_PICTURE_ZOOM = 1_024

_EMBEDDED_SIDE, _EMBEDDED_QUALITY = 600, 82


def stem_file(name: str) -> str:
    """File name of a stem."""
    return f"stem-{name}.flac"


def waveform_file(samples_per_pixel: int) -> str:
    """File name of a waveform at this zoom."""
    return f"waveform-{samples_per_pixel}.json"


class FfmpegStudio:
    """`MediaStudio` on PyAV. It holds nothing: every song has its own writer."""

    def open(
        self,
        workdir: Path,
        tags: TrackTags,
        stem_names: Sequence[str],
        *,
        cover: bytes | None = None,
        download: bool = True,
    ) -> "FfmpegWriter":
        names = checked_stem_names(stem_names)
        folder = WorkFolder(workdir)
        try:
            return FfmpegWriter(folder, tags, names, cover, download)
        except BaseException:
            folder.clear()
            raise


class FfmpegWriter:
    """`RenditionWriter` that encodes, measures and summarises each chunk as it comes, all of it at once."""

    def __init__(
        self, folder: WorkFolder, tags: TrackTags, stem_names: Sequence[str], cover: bytes | None, download: bool
    ) -> None:
        self._folder, self._tags, self._cover, self._played, self._kept = folder, tags, cover, 0, 0
        self._players, self._keepers, self._ladder = Crew(len(LADDER)), Crew(), LadderEncoder()
        self._master = master_flac(folder, MASTER, vorbis_comments(tags))
        self._download = download_mp3(folder, DOWNLOAD, id3_frames(tags)) if download else None
        self._stems = {name: stem_flac(folder, stem_file(name), _stem_comments(tags, name)) for name in stem_names}
        self._analyser, self._waveform = Analyser(), WaveformPeaks()

    def play(self, mix: Audio) -> list[LadderSegment]:
        check_chunk(mix, {}, ())
        self._played += len(mix)
        return self._ladder.aligned(self._players.run(self._ladder.writing(mix)))

    def end(self) -> list[LadderSegment]:
        if self._played == 0:
            raise ValueError("No audio was written.")
        segments = self._ladder.aligned(self._players.run(self._ladder.finishing()))
        self._players.close()
        return segments

    def keep(self, mix: Audio, stems: Mapping[str, Audio]) -> None:
        check_chunk(mix, stems, tuple(self._stems))
        self._kept += len(mix)
        self._keepers.run(
            [
                *(partial(file.write, mix) for file in self._whole_files()),
                partial(self._measure, mix),
                *(partial(self._stems[name].write, stem) for name, stem in stems.items()),
            ]
        )

    def files(self, *, expected_bpm: float | None = None) -> MediaFiles:
        if self._kept == 0:
            raise ValueError("No audio was written.")
        closing: list[Callable[[], Any]] = [file.close for file in self._audio_files()]
        *_, (analysis, mel) = self._keepers.run([*closing, partial(self._analyser.finish, expected_bpm)])
        return self._summarised(analysis, mel)

    def abort(self) -> None:
        self._players.close()
        self._keepers.close()
        self._ladder.discard()
        for file in self._audio_files():
            file.discard()
        self._folder.clear()

    def _measure(self, mix: Audio) -> None:
        mono = mono_of(mix)
        self._analyser.push(mix, mono)
        self._waveform.push(mono)

    def _audio_files(self) -> list[AudioFile]:
        return [*self._whole_files(), *self._stems.values()]

    def _whole_files(self) -> list[AudioFile]:
        """Those of the mix, the slowest first."""
        return [self._master] if self._download is None else [self._download, self._master]

    def _summarised(self, analysis: AudioAnalysis, mel: MelSpectrogram) -> MediaFiles:
        peaks = {zoom: self._waveform.peaks(zoom) for zoom in WAVEFORM_ZOOMS}
        caption = Caption(single_line(self._tags.title), single_line(facts_line(self._tags, analysis)))
        (cover, master), picture = self._keepers.run(
            [
                partial(self._covered, analysis, mel),
                partial(draw_picture, caption, analysis.duration_seconds, peaks[_PICTURE_ZOOM], mel),
            ]
        )
        self._keepers.close()
        return MediaFiles(
            frames=self._kept,
            master=master,
            download=None if self._download is None else described(self._download.path, "audio/mpeg"),
            stems={name: described(file.path, "audio/flac") for name, file in self._stems.items()},
            waveforms={
                zoom: self._saved(waveform_file(zoom), audiowaveform_json(found, zoom), "application/json")
                for zoom, found in peaks.items()
            },
            cover=self._saved(COVER, cover, "image/jpeg"),
            picture=self._saved(PICTURE, picture, "image/png"),
            analysis=analysis,
        )

    def _covered(self, analysis: AudioAnalysis, mel: MelSpectrogram) -> tuple[bytes, MediaFile]:
        """The cover, and the master that has it inside."""
        cover = self._cover or draw_cover(mel, analysis.key)
        self._embed(cover)
        return cover, described(self._master.path, "audio/flac")

    def _embed(self, cover: bytes) -> None:
        side = (_EMBEDDED_SIDE, _EMBEDDED_SIDE)
        small = Image.open(io.BytesIO(cover)).resize(side, Image.Resampling.LANCZOS)
        jpeg = as_jpeg(small, _EMBEDDED_QUALITY)
        with room_for(MASTER):
            embed_in_flac(self._master.path, jpeg, _EMBEDDED_SIDE)
        if self._download is not None:
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
