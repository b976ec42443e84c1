"""What every media studio promises, held against the real one and its twin."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adapters.media.studio import FfmpegStudio
from adapters.media.twin import FastStudio
from domain.kit.audio.media import Audio, LadderSegment, MediaFiles, MediaStudio, RenditionWriter
from tests.media.decoding import decoded
from tests.media.music import SAMPLE_RATE, TAGS, Piece, chunks, played
from tests.media.writing import written

STEMS = ("bass", "drums")


@pytest.fixture(params=[FfmpegStudio(), FastStudio()], ids=["ffmpeg", "fast"])
def studio(request: pytest.FixtureRequest) -> MediaStudio:
    chosen: MediaStudio = request.param
    return chosen


@pytest.fixture
def writer(studio: MediaStudio, tmp_path: Path) -> RenditionWriter:
    return studio.open(tmp_path / "song", TAGS, STEMS)


def stems_of(mix: Audio) -> dict[str, Audio]:
    return {"bass": mix * np.float32(0.5), "drums": mix * np.float32(0.25)}


def rendition(writer: RenditionWriter, audio: Audio) -> tuple[list[LadderSegment], MediaFiles]:
    segments: list[LadderSegment] = []
    for chunk in chunks(audio):
        segments += written(writer, chunk, stems_of(chunk))
    return [*segments, *writer.end()], writer.files(expected_bpm=100.0)


def test_a_song_becomes_numbered_segments_that_add_up_to_its_exact_length(writer: RenditionWriter) -> None:
    audio = played(Piece(bpm=100, seconds=7.3))

    segments, files = rendition(writer, audio)

    assert [segment.name for segment in segments[:3]] == ["init.mp4", "seg-00000.m4s", "seg-00001.m4s"]
    assert [segment.any_rung.index for segment in segments] == list(range(-1, len(segments) - 1))
    assert [segment.is_init for segment in segments] == [True] + [False] * (len(segments) - 1)
    assert sum(segment.frames for segment in segments) == len(audio) == files.frames
    assert sum(segment.duration_seconds for segment in segments) == pytest.approx(7.3, abs=1e-4)
    assert {segment.any_rung.content_type for segment in segments} == {"audio/mp4"}


def test_what_is_played_and_what_is_kept_may_be_written_at_the_same_time_in_pieces_of_other_lengths(
    studio: MediaStudio, tmp_path: Path
) -> None:
    # given a song that was written chunk by chunk
    audio = played(Piece(bpm=100, seconds=5.3))
    whole, files = rendition(studio.open(tmp_path / "whole", TAGS, STEMS), audio)
    # when both sides of it are written beside each other
    writer = studio.open(tmp_path / "apart", TAGS, STEMS)
    with ThreadPoolExecutor(2) as pool:
        playing = pool.submit(lambda: [*chain.from_iterable(map(writer.play, chunks(audio))), *writer.end()])
        for piece in np.array_split(audio, 3):
            writer.keep(piece, stems_of(piece))
        kept = writer.files(expected_bpm=100.0)
    # then it is the same song
    assert [segment.frames for segment in playing.result()] == [segment.frames for segment in whole]
    assert [file.sha256 for file in kept] == [file.sha256 for file in files]
    assert kept.analysis == files.analysis


def test_the_first_segment_is_out_after_two_seconds_of_audio(writer: RenditionWriter) -> None:
    chunk = played(Piece(seconds=2.0))

    segments = writer.play(chunk)

    assert [segment.name for segment in segments] == ["init.mp4", "seg-00000.m4s"]
    assert 0.9 < segments[1].duration_seconds < 1.1
    writer.abort()


def test_every_file_has_its_length_its_type_and_its_true_digest(writer: RenditionWriter) -> None:
    audio = played(Piece(bpm=100, seconds=4.0))

    _, files = rendition(writer, audio)

    assert {file.path.name: file.content_type for file in files} == {
        "master.flac": "audio/flac",
        "download.mp3": "audio/mpeg",
        "waveform-256.json": "application/json",
        "waveform-1024.json": "application/json",
        "waveform-8192.json": "application/json",
        "cover.jpg": "image/jpeg",
        "picture.png": "image/png",
        "stem-bass.flac": "audio/flac",
        "stem-drums.flac": "audio/flac",
    }
    for file in files:
        assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()
        assert file.size_bytes == file.path.stat().st_size
    for file in [file for file in files if file.content_type.startswith("audio/")]:
        assert len(decoded(file.path)) == len(audio)
    with Image.open(files.cover.path) as cover, Image.open(files.picture.path) as picture:
        assert (cover.format, cover.size) == ("JPEG", (1024, 1024))
        assert (picture.format, picture.size) == ("PNG", (1600, 900))
    assert files.analysis.duration_seconds == 4.0


@pytest.mark.parametrize(
    "mix, stems, sentence",
    [
        (np.zeros((0, 2), np.float32), None, "The mix is empty."),
        (np.zeros((8, 1), np.float32), None, "The mix has the shape (8, 1); it must be [frames, 2]."),
        (np.zeros(8, np.float32), None, "The mix has the shape (8,); it must be [frames, 2]."),
        (np.zeros((8, 2), np.float64), None, "The mix is float64; it must be float32."),
        (np.full((8, 2), np.nan, np.float32), None, "The mix holds a value that is not finite."),
        (
            np.zeros((8, 2), np.float32),
            {"bass": np.full((8, 2), np.inf, np.float32), "drums": np.zeros((8, 2), np.float32)},
            "The stem 'bass' holds a value that is not finite.",
        ),
        (
            np.zeros((8, 2), np.float32),
            {"bass": np.zeros((7, 2), np.float32), "drums": np.zeros((8, 2), np.float32)},
            "The stem 'bass' has 7 frames, the mix has 8.",
        ),
        (np.zeros((8, 2), np.float32), {}, "The stems are none; announced were bass, drums."),
    ],
)
def test_unsound_audio_is_refused_in_words_and_writes_nothing(
    writer: RenditionWriter, mix: Audio, stems: dict[str, Audio] | None, sentence: str
) -> None:
    with pytest.raises(ValueError) as refusal:
        writer.keep(mix, stems if stems is not None else stems_of(mix))

    assert str(refusal.value) == sentence
    if stems is None:
        with pytest.raises(ValueError, match=re.escape(sentence)):
            writer.play(mix)
    for ending in (writer.end, writer.files):
        with pytest.raises(ValueError, match=r"^No audio was written\.$"):
            ending()
    writer.abort()


@pytest.mark.parametrize("names", [("bass", "bass"), ("../bass",), ("",), (".hidden",)])
def test_stem_names_that_are_no_file_names_are_refused(
    studio: MediaStudio, tmp_path: Path, names: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="stem name"):
        studio.open(tmp_path / "song", TAGS, names)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", [0.0, 3.0])
def test_abort_removes_everything_at_any_time_and_twice(
    writer: RenditionWriter, tmp_path: Path, seconds: float
) -> None:
    for chunk in chunks(played(Piece(seconds=3.0)))[: round(seconds)]:
        written(writer, chunk, stems_of(chunk))

    writer.abort()
    writer.abort()

    assert list(tmp_path.iterdir()) == []


def test_abort_after_finish_removes_the_files_and_keeps_what_others_put_there(
    studio: MediaStudio, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("not ours")
    writer = studio.open(tmp_path, TAGS, STEMS)
    rendition(writer, played(Piece(seconds=1.0)))

    writer.abort()

    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


@pytest.mark.parametrize("frames", [1, 100, SAMPLE_RATE // 4])
def test_very_short_and_silent_audio_is_kept_exactly(writer: RenditionWriter, frames: int) -> None:
    segments, files = rendition(writer, np.zeros((frames, 2), np.float32))

    assert sum(segment.frames for segment in segments) == frames
    assert len(decoded(files.master.path)) == frames
    assert np.isfinite(files.analysis.loudness_lufs)
