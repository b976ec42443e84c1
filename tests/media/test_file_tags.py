"""New heads of finished files, as an independent reader understands them; the audio behind them stays as it was."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from adapters.media.file_tags import HeadTagging
from adapters.media.studio import FfmpegStudio
from domain.kit.audio.file_tags import FileTags, HeadIncomplete, TimedLine
from domain.kit.audio.media import MediaFile, MediaFiles
from tests.media.decoding import decoded
from tests.media.music import TAGS, Piece, played

SAID = FileTags(
    title="Häuser & 東京",
    artist="Ada",
    genre="folk",
    bpm=99.5,
    key="F# minor",
    comment="Cadenza track 01",
    lyrics="Regen\nSchnee",
    lrc="[00:01.50]Regen\n[00:02.00]Schnee",
    timed_lyrics=[TimedLine(1_500, "Regen"), TimedLine(2_000, "Schnee")],
    language="de-AT",
)


def jpeg(side: int) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(file, "JPEG", quality=95)
    return file.getvalue()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> MediaFiles:
    audio = played(Piece(bpm=100, tonic=9, mode="minor", seconds=3.0))
    writer = FfmpegStudio().open(tmp_path_factory.mktemp("song"), TAGS, ["lead"])
    writer.keep(audio, {"lead": audio})
    return writer.files()


@pytest.fixture(params=["master", "mp3", "stem"])
def file(request: pytest.FixtureRequest, files: MediaFiles) -> MediaFile:
    assert files.download is not None
    return {"master": files.master, "mp3": files.download, "stem": files.stems["lead"]}[request.param]


def tagged(file: MediaFile, tags: FileTags, data: bytes | None = None) -> bytes:
    """The whole file with a new head."""
    data = file.path.read_bytes() if data is None else data
    new = HeadTagging().head(file.content_type, data, tags)
    assert new is not None
    return new.data + data[new.replaced :]


def fields(data: bytes) -> Mapping[str, str]:
    with av.open(io.BytesIO(data)) as container:
        return {name.upper(): text for name, text in container.metadata.items()}


def pictures(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data), "r") as container:
        return [bytes(next(container.demux(stream))) for stream in container.streams.video]


def test_what_is_known_now_is_in_the_file(file: MediaFile) -> None:
    data = tagged(file, SAID)
    found = fields(data)
    is_mp3 = file.content_type == "audio/mpeg"
    wanted = {
        "TITLE": "Häuser & 東京",
        "ARTIST": "Ada",
        "GENRE": "folk",
        "BPM": "99.5",
        "KEY": "F# minor",
        "COMMENT": "Cadenza track 01",
        **({"TBPM": "100", "TKEY": "F#m", "LYRICS-DEU": SAID.lyrics} if is_mp3 else {}),
        **({} if is_mp3 else {"INITIALKEY": "F#m", "LYRICS": SAID.lyrics, "SYNCEDLYRICS": SAID.lrc}),
    }
    assert {name: found.get(name) for name in wanted} == wanted


def test_what_nobody_has_changed_stays(file: MediaFile) -> None:
    before, after = fields(file.path.read_bytes()), fields(tagged(file, SAID))
    for name in ("AI_GENERATED", "DIGITALSOURCETYPE", "MODEL", "SEED", "DATE"):
        assert name in before
        assert after[name] == before[name]
    assert pictures(tagged(file, SAID)) == pictures(file.path.read_bytes())


def test_a_file_can_keep_to_itself_how_it_was_made(file: MediaFile) -> None:
    old = file.path.read_bytes()
    data = tagged(file, replace(SAID, tells_making=False))
    found = fields(data)
    assert TAGS.comment.encode() in old
    assert TAGS.comment.encode() not in data
    assert not found.keys() & {"MODEL", "SEED", "DESCRIPTION"}
    assert {name: found[name] for name in ("COMMENT", "AI_GENERATED")} == {
        "COMMENT": "Cadenza track 01",
        "AI_GENERATED": "true",
    }


def test_what_is_empty_is_taken_away(file: MediaFile) -> None:
    data = tagged(file, SAID)
    bare = fields(tagged(file, replace(SAID, genre="", bpm=0.0, key="", lyrics="", lrc="", timed_lyrics=()), data))
    assert not bare.keys() & {"GENRE", "BPM", "TBPM", "KEY", "TKEY", "INITIALKEY", "LYRICS", "SYNCEDLYRICS"}
    assert not any(name.startswith("LYRICS") for name in bare)


def test_the_audio_is_the_same_to_the_byte_and_to_the_sample(file: MediaFile) -> None:
    old = file.path.read_bytes()
    data = tagged(file, replace(SAID, cover=jpeg(1024), cover_side=1024))
    new = HeadTagging().head(file.content_type, old, SAID)
    assert new is not None
    audio = old[new.replaced :]
    assert len(audio) > 1000
    assert data.endswith(audio)
    assert np.array_equal(decoded(data), decoded(file.path))


def test_a_cover_takes_the_place_of_the_one_before(file: MediaFile) -> None:
    first, second = jpeg(1024), jpeg(640)
    data = tagged(file, replace(SAID, cover=first, cover_side=1024))
    assert pictures(data) == [first]
    assert pictures(tagged(file, replace(SAID, cover=second, cover_side=640), data)) == [second]


def test_a_head_can_be_made_again_and_again(file: MediaFile) -> None:
    once = tagged(file, SAID)
    assert tagged(file, SAID, once) == once


def test_lines_of_an_mp3_have_their_times(files: MediaFiles) -> None:
    assert files.download is not None
    data = tagged(files.download, SAID)
    place = data.index(b"SYLT")
    size = int.from_bytes(data[place + 4 : place + 8], "big")
    lines = b"\nRegen\x00" + (1_500).to_bytes(4, "big") + b"\nSchnee\x00" + (2_000).to_bytes(4, "big")
    # of UTF-8, in milliseconds, lyrics, without a name
    assert data[place + 10 : place + 10 + size] == b"\x03deu\x02\x01\x00" + lines


def test_a_beginning_that_is_too_short_says_how_much_is_needed(file: MediaFile) -> None:
    data = file.path.read_bytes()
    whole = HeadTagging().head(file.content_type, data, SAID)
    assert whole is not None
    # from one byte too few, each time as many as were asked for, less one
    needed = whole.replaced
    with pytest.raises(HeadIncomplete) as incomplete:
        HeadTagging().head(file.content_type, data[: needed - 1], SAID)
    assert incomplete.value.needed == needed
    assert HeadTagging().head(file.content_type, data[:needed], SAID) == whole


def test_an_mp3_without_a_tag_gets_one(files: MediaFiles) -> None:
    assert files.download is not None
    data = files.download.path.read_bytes()
    new = HeadTagging().head("audio/mpeg", data, SAID)
    assert new is not None
    bare = data[new.replaced :]
    assert fields(tagged(files.download, SAID, bare))["TITLE"] == SAID.title


def test_other_types_have_no_place_for_tags(tmp_path: Path) -> None:
    assert HeadTagging().head("audio/midi", b"MThd", SAID) is None


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        ("audio/flac", b"no FLAC at all"),
        ("audio/flac", b"fLaC\x81\x00\x00\x00"),
        ("audio/flac", b"fLaC\x00\x00\x00\x00\x84\x00\x00\x04\xff\xff\xff\x00"),
        ("audio/mpeg", b"ID3\x03\x00\x00\x00\x00\x00\x00"),
        ("audio/mpeg", b"ID3\x04\x00\x00\x00\x00\x00\x0bTIT2\x00\x00\x00\x7f\x00\x00x"),
    ],
)
def test_a_damaged_head_is_refused(content_type: str, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        HeadTagging().head(content_type, data, SAID)
