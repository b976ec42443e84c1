"""Which words of a file become lyrics, and what is said of the rest."""

import io
from datetime import UTC, datetime

import pytest

from adapters.media.intake.id3 import MAX_ENTRIES, PlainText, TimedText, lrc_of, texts_of
from adapters.media.languages import UNKNOWN, language_tag, three_letters
from domain.kit.audio.audio_decoding import DecodedAudio, EmbeddedLyrics
from domain.kit.audio.media import SEGMENT_RATE
from domain.library.lyrics import MAX_LYRICS, Lyrics
from domain.library.model import Descent
from domain.uploads.lyrics import NO_TIMES, OF_A_VERSION, TOO_LONG, FoundLyrics, found_lyrics
from domain.uploads.model import LyricsNote, LyricsUse, Upload, UploadStatus
from tests.uploads.tagged import sylt, uslt, with_id3

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SECONDS = 60
LRC = "[00:01.00]Rain\n[00:02.00]Snow"
ENTRIES = [(1_000, "Rain"), (2_000, "Snow")]


def an_upload(descent: Descent | None = None) -> Upload:
    return Upload(
        id="01",
        owner_id="ada",
        artist="Ada",
        file_name="rain.mp3",
        size_bytes=1,
        content_type="audio/mpeg",
        gathering=None,
        max_seconds=600.0,
        status=UploadStatus.COMPLETED,
        created_at=NOW,
        expires_at=NOW,
        track_id="02",
        version_id="03",
        descent=descent,
    )


def found(*texts: str | EmbeddedLyrics, descent: Descent | None = None) -> FoundLyrics | None:
    """Of a minute of sound with these texts in its file."""
    lyrics = tuple(EmbeddedLyrics(text) if isinstance(text, str) else text for text in texts)
    decoded = DecodedAudio(SECONDS * SEGMENT_RATE, 0.5, "mp3", "mp3", 44_100, 2, lyrics=lyrics)
    return found_lyrics(an_upload(descent), decoded)


def plain(text: str, left_out: str = "") -> FoundLyrics:
    return FoundLyrics(Lyrics(text, False), LyricsNote(LyricsUse.PLAIN, left_out))


def timed(text: str, left_out: str = "") -> FoundLyrics:
    return FoundLyrics(Lyrics(text, True), LyricsNote(LyricsUse.SYNCHRONISED, left_out))


def unused(left_out: str) -> FoundLyrics:
    return FoundLyrics(None, LyricsNote(LyricsUse.NOT_USED, left_out))


def test_a_file_without_words_says_nothing_of_them() -> None:
    assert found() is None
    assert found("", " \n\x00 ") is None


def test_words_with_times_come_before_those_without() -> None:
    assert found("Rain\nSnow", LRC) == timed(LRC)
    assert found(LRC.replace("\n", "\r\n")) == timed(LRC)
    assert found("\ufeff[ar:Ada]\n\n" + LRC) == timed("[ar:Ada]\n" + LRC)


def test_signs_that_no_lyrics_may_hold_are_taken_away() -> None:
    assert found("Ra\x1b\x00in\u202e\rSnow \x7f") == plain("Rain\nSnow")


def test_a_language_is_kept_if_it_is_one() -> None:
    kept, wild = found(EmbeddedLyrics("Regen", "de")), found(EmbeddedLyrics("Regen", "?!\n"))
    assert kept == FoundLyrics(Lyrics("Regen", False, "de"), LyricsNote(LyricsUse.PLAIN))
    assert wild == plain("Regen")
    assert [language_tag(code) for code in ("eng", "GER", "deu", UNKNOWN, "und", "gsw", "e1g")] == [
        *("en", "de", "de", "", "", "gsw", "")
    ]
    assert [three_letters(tag) for tag in ("de-AT", "gsw", "xh")] == ["deu", "gsw", UNKNOWN]


def test_lines_that_cannot_be_read_are_left_out_and_counted() -> None:
    assert found("[by someone]\n" + LRC + "\n(fades)\n[00:03.00]Oh") == timed(
        LRC + "\n[00:03.00]Oh", "2 of the lines could not be read."
    )


@pytest.mark.parametrize(
    "text",
    ["[Chorus]\nRain\nSnow", "[0:12] solo\nRain\nSnow", "\n".join(f"[{n}:00" for n in range(30)), "[ar:Ada]"],
    ids=["headings", "one time", "no stamps", "tags alone"],
)
def test_what_is_mostly_without_times_is_a_plain_text(text: str) -> None:
    assert found(text) == plain(text)


def test_times_that_do_not_fit_the_recording_are_left_out() -> None:
    late = f"{LRC}\n[00:59.99]Last\n[01:00.00]Late"
    assert found(late) == timed(f"{LRC}\n[00:59.99]Last", "1 of the lines would come after the end of the recording.")
    # an offset brings it back into the recording
    assert found(f"[offset:+20]\n{late}") == timed(f"[offset:+20]\n{late}")
    assert found("[02:00.00]Rain\n[03:00.00]Snow") == plain("Rain\nSnow", NO_TIMES)
    assert found("[00:00.00]Rain\n[00:00.00]Snow") == plain("Rain\nSnow", NO_TIMES)
    # a text that is whole is better than what is left of one with times
    assert found("[00:00.00]Rain\n[00:00.00]Snow", "Rain\n\nSnow") == plain("Rain\n\nSnow", NO_TIMES)


def test_what_is_too_long_is_not_used_and_not_cut() -> None:
    assert found("la " * MAX_LYRICS) == unused(TOO_LONG)
    assert found("a\n" * 1_001) == unused("Lyrics have at most 1,000 lines.")
    assert found("a" * 501) == unused("A line has at most 500 characters.")
    assert found("la " * MAX_LYRICS, "Rain") == plain("Rain", TOO_LONG)


def test_a_version_leaves_its_track_the_words_it_has() -> None:
    descent = Descent(parent_id="00", becomes_current=True)
    assert found(LRC, descent=descent) == unused(OF_A_VERSION)
    assert found(descent=descent) is None


def timed_texts(file: bytes) -> list[TimedText]:
    return [text for text in texts_of(io.BytesIO(file)) if isinstance(text, TimedText)]


def read(file: bytes) -> list[tuple[str, str]]:
    return [(text.language, lrc_of(text, 1.0)) for text in timed_texts(file)]


@pytest.mark.parametrize("major", [2, 3, 4])
@pytest.mark.parametrize("encoding", range(4))
def test_synchronised_words_are_read_from_each_kind_of_tag(major: int, encoding: int) -> None:
    name = b"SLT" if major == 2 else b"SYLT"
    entries = [(1_000, "Été ÿ"), (0xFF00, "þ")]
    file = with_id3(b"", (name, sylt(entries, encoding=encoding)), major=major)
    assert read(file) == [("eng", "[00:01.000]Été ÿ\n[01:05.280]þ")]
    hidden = with_id3(b"", (name, sylt(entries, encoding=encoding)), major=major, is_unsynchronised=major < 4)
    assert read(hidden) == read(file)


def test_one_mark_of_the_byte_order_holds_for_all_texts() -> None:
    file = with_id3(b"", (b"SYLT", sylt(ENTRIES, encoding=1, has_one_mark=True)))
    assert read(file) == [("eng", "[00:01.000]Rain\n[00:02.000]Snow")]


def test_line_breaks_tell_lines_from_words() -> None:
    words = [(1_000, "\nOh "), (1_500, "rain"), (2_000, "\nSnow"), (3_000, "\n")]
    assert read(with_id3(b"", (b"SYLT", sylt(words)))) == [
        ("eng", "[00:01.000]<00:01.000>Oh <00:01.500>rain\n[00:02.000]Snow\n")
    ]
    behind = [(1_000, "Rain\r\n"), (2_000, "Snow\r\n")]
    assert read(with_id3(b"", (b"SYLT", sylt(behind)))) == [("eng", "[00:01.000]Rain\n[00:02.000]Snow\n")]


def test_times_may_be_counted_in_frames() -> None:
    file = with_id3(b"", (b"SYLT", sylt([(100, "Rain")], unit=1)))
    (text,) = timed_texts(file)
    assert (text.is_in_frames, lrc_of(text, 1_000 * 1_152 / 44_100)) == (True, "[00:02.612]Rain")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x03eng\x02",
        sylt(ENTRIES, kind=5),
        sylt(ENTRIES, unit=7),
        b"\x09" + sylt(ENTRIES)[1:],
        sylt(ENTRIES)[:6],
        sylt([]),
        b"\x01eng\x02\x01" + b"\x01\x00" * 999,
    ],
    ids=["nothing", "cut", "chords", "no unit", "no encoding", "no description", "no words", "no end"],
)
def test_odd_frames_are_left_out(content: bytes) -> None:
    assert read(with_id3(b"", (b"SYLT", content), (b"SYLT", sylt(ENTRIES[:1])))) == [("eng", "[00:01.000]Rain")]


def test_what_lies_about_its_size_is_left_out() -> None:
    whole = with_id3(b"", (b"SYLT", sylt(ENTRIES)))
    for end in range(len(whole) - len(sylt(ENTRIES))):
        assert read(whole[:end]) == []
    assert read(whole[:-2]) == []
    assert read(b"ID3\x04\x00\x40" + b"\x7f" * 4 + b"\xff" * 100) == []
    many = with_id3(b"", (b"SYLT", sylt([(0, "a")] * (MAX_ENTRIES + 5))))
    (text,) = timed_texts(many)
    assert len(text.entries) == MAX_ENTRIES


@pytest.mark.parametrize("encoding", [0, 1])
def test_plain_words_of_the_oldest_tags_are_read(encoding: int) -> None:
    content = uslt("Été\nSnow", encoding=encoding)
    assert list(texts_of(io.BytesIO(with_id3(b"", (b"ULT", content), major=2)))) == [PlainText("eng", "Été\nSnow")]
    assert list(texts_of(io.BytesIO(with_id3(b"", (b"ULT", content[:3]), (b"ULT", b"\x07" + content), major=2)))) == []


def test_times_that_no_stamp_can_say_are_the_latest_one() -> None:
    assert read(with_id3(b"", (b"SYLT", sylt([((1 << 32) - 1, "Never")])))) == [("eng", "[999:59.999]Never")]
