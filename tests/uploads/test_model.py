"""Parts, titles and limits, without a server."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kit.audio.audio_decoding import EmbeddedTags
from domain.kit.audio.unusable_audio import FAULTS, AudioTooLarge, AudioTooLong, UnusableAudio
from domain.kit.blob_intake import ReceivedPart
from domain.uploads.model import PART_BYTES, Upload, UploadStatus, comes_in_parts

NOW = datetime(2026, 11, 21, tzinfo=UTC)
UPLOAD = Upload(
    id="upload",
    owner_id="ada",
    artist="Ada",
    file_name="rain.wav",
    size_bytes=1,
    content_type="audio/wav",
    gathering=None,
    max_seconds=600.0,
    status=UploadStatus.OPEN,
    created_at=NOW,
    expires_at=NOW,
    track_id="track",
    version_id="version",
)


@given(st.integers(1, 50_000_000))
def test_parts_cover_the_file_once_and_only_the_last_is_short(size: int) -> None:
    gathering = "g" if comes_in_parts(size) else None
    parts = replace(UPLOAD, size_bytes=size, gathering=gathering).parts

    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert sum(part.size_bytes for part in parts) == size
    assert [part.offset_bytes for part in parts] == [PART_BYTES * index for index in range(len(parts))]
    assert all(part.size_bytes == PART_BYTES for part in parts[:-1])
    assert (len(parts) == 1) == (size <= PART_BYTES)


def test_a_part_of_another_length_has_not_arrived() -> None:
    upload = replace(UPLOAD, size_bytes=PART_BYTES + 5, gathering="g")

    missing = upload.missing([ReceivedPart(1, PART_BYTES - 1, "a"), ReceivedPart(2, 5, "b")])

    assert [part.number for part in missing] == [1]


@pytest.mark.parametrize(
    "given_title, embedded, file_name, expected",
    [
        ("Evening", "Morning", "noon.wav", "Evening"),
        (None, "Morning", "noon.wav", "Morning"),
        (None, "", "noon.mix.wav", "noon.mix"),
        (None, "", "C:\\music\\noon.wav", "noon"),
        (None, "", "/music/noon.wav", "noon"),
        (None, "", ".wav", ".wav"),
        (None, "", " .wav", "Untitled"),
        (None, "x" * 300, "noon.wav", "x" * 120),
    ],
)
def test_a_track_is_called_what_its_owner_says_else_its_tag_else_its_file(
    given_title: str | None, embedded: str, file_name: str, expected: str
) -> None:
    upload = replace(UPLOAD, title=given_title, file_name=file_name)

    assert upload.titled(EmbeddedTags(title=embedded)) == expected


def test_every_fault_of_a_file_has_a_code_and_a_sentence_of_its_own() -> None:
    faults: list[UnusableAudio] = [kind("More.") for kind in FAULTS.values()]
    faults += [AudioTooLong(limit_seconds=600.0), AudioTooLarge(limit_bytes=50_000_000)]

    assert len({fault.code for fault in faults}) == len(faults)
    assert len({fault.message for fault in faults}) == len(faults)
    assert all(fault.message.endswith(".") for fault in faults)
