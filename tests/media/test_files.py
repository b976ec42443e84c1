"""The files a song leaves behind, read back and compared with what was put in."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from adapters.media.embedded_cover import embed_in_flac, embed_in_mp3
from adapters.media.studio import FfmpegStudio
from adapters.media.tags import initial_key, single_line
from domain.kit.audio.media import ALGORITHMIC_MEDIA, Audio, MediaFile, MediaFiles
from tests.media.decoding import Levels, decoded, levels
from tests.media.music import TAGS, Piece, chunks, played

AUDIO = played(Piece(bpm=100, tonic=9, mode="minor", seconds=12.345))
STEM = AUDIO[:, ::-1] * np.float32(1.4)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaFiles]:
    folder = tmp_path_factory.mktemp("song")
    writer = FfmpegStudio().open(folder, TAGS, ["lead"])
    for mix, stem in zip(chunks(AUDIO), chunks(STEM), strict=True):
        writer.keep(mix, {"lead": stem})
    yield writer.files(expected_bpm=100.0)
    shutil.rmtree(folder)


def _quantised(audio: Audio, bits: int) -> Levels:
    full = 2 ** (bits - 1)
    quantised: Levels = np.clip(np.rint(audio.astype(np.float64) * full), -full, full - 1).astype(np.int64)
    return quantised


def mp3_of(files: MediaFiles) -> MediaFile:
    assert files.download is not None
    return files.download


def test_the_master_holds_every_sample_in_24_bits(files: MediaFiles) -> None:
    assert np.array_equal(levels(files.master.path, 24), _quantised(AUDIO, 24))


def test_a_stem_holds_every_sample_in_16_bits_and_clips_instead_of_wrapping(files: MediaFiles) -> None:
    assert float(np.abs(STEM).max()) > 1.0
    assert np.array_equal(levels(files.stems["lead"].path, 16), _quantised(STEM, 16))


def test_the_download_is_320_kbit_and_plays_gapless(files: MediaFiles) -> None:
    with av.open(str(mp3_of(files).path)) as container:
        assert container.streams.audio[0].bit_rate == 320_000
    heard = decoded(mp3_of(files).path)

    assert len(heard) == len(AUDIO)
    assert np.mean((heard - AUDIO) ** 2) < 0.05 * np.mean(AUDIO**2)


def test_the_master_is_tagged_with_vorbis_comments(files: MediaFiles) -> None:
    with av.open(str(files.master.path)) as container:
        fields = {name.upper(): text for name, text in container.metadata.items()}

    assert fields == {
        "TITLE": "Rain on the Window",
        "ARTIST": "Cadenza",
        "GENRE": "lofi hip hop",
        "DATE": "2026-11-01",
        "COMMENT": "made in a test",
        "BPM": "82.5",
        "INITIALKEY": "Am",
        "KEY": "A minor",
        "LICENSE": "CC0-1.0",
        "ENCODED-BY": "Cadenza",
        "AI_GENERATED": "true",
        "DIGITALSOURCETYPE": ALGORITHMIC_MEDIA,
        "MODEL": "composer/1",
        "SEED": "7",
    }


def test_the_download_is_tagged_with_id3(files: MediaFiles) -> None:
    with av.open(str(mp3_of(files).path)) as container:
        fields = dict(container.metadata)

    assert (
        fields.items()
        >= {
            "title": "Rain on the Window",
            "artist": "Cadenza",
            "genre": "lofi hip hop",
            "comment": "made in a test",
            "TBPM": "82",
            "TKEY": "Am",
            "AI_GENERATED": "true",
            "DIGITALSOURCETYPE": ALGORITHMIC_MEDIA,
        }.items()
    )


@pytest.mark.parametrize("name", ["master", "download"])
def test_the_cover_is_inside_the_file(files: MediaFiles, name: str) -> None:
    path = (files.master if name == "master" else mp3_of(files)).path
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0))

    assert (picture.width, picture.height) == (600, 600)


def test_a_picture_without_room_is_refused_and_the_file_stays_as_it_was(files: MediaFiles, tmp_path: Path) -> None:
    flac, mp3 = (Path(shutil.copy(file.path, tmp_path)) for file in (files.stems["lead"], mp3_of(files)))
    before = flac.read_bytes(), mp3.read_bytes()

    with pytest.raises(ValueError, match=r"reserves 1024 bytes, the picture needs 2046\.$"):
        embed_in_flac(flac, bytes(2_000), 64)
    with pytest.raises(ValueError, match="the picture needs"):
        embed_in_mp3(mp3, bytes(200_000))
    with pytest.raises(ValueError, match="not a FLAC file"):
        embed_in_flac(mp3, b"", 64)
    with pytest.raises(ValueError, match=r"ID3v2\.4"):
        embed_in_mp3(flac, b"")

    assert (flac.read_bytes(), mp3.read_bytes()) == before


@pytest.mark.parametrize("zoom", [256, 1024, 8192])
def test_a_waveform_has_the_extremes_of_every_so_many_samples(files: MediaFiles, zoom: int) -> None:
    document = json.loads(files.waveforms[zoom].path.read_bytes())
    data = np.array(document.pop("data")).reshape(-1, 2)
    mono = AUDIO.mean(axis=1)
    parts = [mono[start : start + zoom] for start in range(0, len(mono), zoom)]

    assert document == {
        "version": 2,
        "channels": 1,
        "sample_rate": 44_100,
        "samples_per_pixel": zoom,
        "bits": 8,
        "length": len(parts),
    }
    assert len(mono) % zoom != 0
    assert data[:, 0].tolist() == [int(np.floor(part.min() * 128)) for part in parts]
    assert data[:, 1].tolist() == [int(np.ceil(part.max() * 128)) for part in parts]


def test_the_analysis_finds_what_was_played(files: MediaFiles) -> None:
    analysis = files.analysis

    assert analysis.duration_seconds == pytest.approx(12.345)
    assert analysis.tempo_bpm == pytest.approx(100.0, rel=0.01)
    assert analysis.key == "A minor"
    assert -30.0 < analysis.loudness_lufs < -8.0


@pytest.mark.parametrize("key, short", [("A minor", "Am"), ("F# major", "F#"), ("Bb minor", "Bbm"), ("", "")])
def test_keys_are_shortened_as_dj_software_reads_them(key: str, short: str) -> None:
    assert initial_key(key) == short


def test_texts_lose_line_breaks_and_control_characters() -> None:
    assert single_line(" Rain\n on\x00the\tWindow ") == "Rain on the Window"
