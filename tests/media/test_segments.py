"""CMAF segments as a player meets them: alone, joined, and on one time line."""

import struct

import numpy as np
import pytest

from adapters.media.hls import SegmentEncoder
from domain.kit.audio.media import Audio, MediaSegment
from tests.media.decoding import box, boxes, decoded
from tests.media.music import SAMPLE_RATE, Piece, chunks, played

PRIMING = 1024


@pytest.fixture(scope="module")
def audio() -> Audio:
    return played(Piece(bpm=97, seconds=11.37, drums=False))


@pytest.fixture(scope="module")
def segments(audio: Audio) -> list[MediaSegment]:
    encoder = SegmentEncoder()
    made = [segment for chunk in chunks(audio) for segment in encoder.write(chunk)]
    return made + encoder.finish()


def test_segments_last_about_one_second_at_first_then_two(segments: list[MediaSegment]) -> None:
    durations = [segment.duration_seconds for segment in segments[1:-1]]

    assert durations[:3] == pytest.approx([1.0] * 3, abs=0.03)
    assert durations[3:] == pytest.approx([2.0] * (len(durations) - 3), abs=0.03)


def test_each_segment_decodes_alone_to_its_own_piece_of_the_music(audio: Audio, segments: list[MediaSegment]) -> None:
    start = 0
    for segment in segments[1:]:
        alone = decoded(segments[0].data + segment.data)
        # FFmpeg skips the edit list's delay in any segment that it opens alone: its frames begin one packet later.
        heard = audio[start + (PRIMING if segment.index else 0) :][: len(alone)]
        assert segment.frames - PRIMING <= len(alone) <= segment.frames + PRIMING
        if segment.frames > 4 * PRIMING:
            body = slice(PRIMING, len(alone) - PRIMING)
            assert _signal_to_noise(heard[body], alone[body]) > 20.0
        start += segment.frames


def test_joined_segments_are_the_whole_song_without_gap_or_shift(audio: Audio, segments: list[MediaSegment]) -> None:
    whole = decoded(b"".join(segment.data for segment in segments))

    assert len(audio) <= len(whole) < len(audio) + PRIMING
    joined = whole[: len(audio)]
    assert _signal_to_noise(audio, joined) > 20.0
    cuts = np.cumsum([segment.frames for segment in segments[1:-1]])
    for cut in cuts:
        near = slice(int(cut) - 600, int(cut) + 600)
        assert _signal_to_noise(audio[near], joined[near]) > 20.0


def test_decode_times_follow_each_other_and_the_edit_list_hides_the_encoder_delay(
    segments: list[MediaSegment],
) -> None:
    edits = box(segments[0].data, "moov/trak/edts/elst")
    starts = [struct.unpack(">Q", box(s.data, "moof/traf/tfdt")[4:12])[0] for s in segments[1:]]
    lengths = [_media_frames(segment) for segment in segments[1:]]

    assert struct.unpack(">IIi", edits[4:16])[0] == 1
    assert struct.unpack(">i", edits[12:16])[0] == PRIMING
    assert starts == [0, *np.cumsum(lengths)[:-1].tolist()]
    assert sum(lengths) == PRIMING + sum(segment.frames for segment in segments)


def test_init_and_media_segments_have_the_boxes_of_cmaf(segments: list[MediaSegment]) -> None:
    brands = dict(boxes(segments[0].data))["ftyp"]

    assert b"cmfc" in brands
    assert [kind for kind, _ in boxes(segments[0].data)] == ["ftyp", "moov"]
    assert [kind for kind, _ in boxes(segments[1].data)] == ["styp", "sidx", "moof", "mdat"]


def test_the_same_audio_gives_the_same_bytes(audio: Audio, segments: list[MediaSegment]) -> None:
    encoder = SegmentEncoder()
    again = [s for chunk in chunks(audio, SAMPLE_RATE // 3) for s in encoder.write(chunk)] + encoder.finish()

    assert [segment.data for segment in again] == [segment.data for segment in segments]


def _media_frames(segment: MediaSegment) -> int:
    """Sum of the sample durations in the track run, the default duration where none is listed."""
    header = box(segment.data, "moof/traf/tfhd")
    default = struct.unpack(">I", header[12:16])[0]
    run = box(segment.data, "moof/traf/trun")
    flags, count = struct.unpack(">I", run[:4])[0] & 0xFFFFFF, struct.unpack(">I", run[4:8])[0]
    if not flags & 0x100:
        return int(default) * int(count)
    step = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    offset = 8 + 4 * bool(flags & 0x1) + 4 * bool(flags & 0x4)
    return sum(struct.unpack_from(">I", run, offset + step * index)[0] for index in range(count))


def _signal_to_noise(expected: Audio, heard: Audio) -> float:
    error = np.mean((expected - heard) ** 2)
    return float(10 * np.log10(np.mean(expected**2) / error))
