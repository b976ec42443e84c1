"""LRC in and out, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kit.errors import Issue, ValidationFailed
from domain.library.errors import DamagedLine, LyricsDamaged
from domain.library.lrc import LrcDocument, lines_of, read, text_of, written
from domain.library.lyric_wish import LyricsWish, wished_lyrics
from domain.library.lyrics import LyricLine, Lyrics, LyricWord, language_tag

SONG = """\ufeff[ti:Rain [live]]
[ar: Ada ]
[offset:+250]

[01:10.5][00:12.00] Rain, rain  \r
[00:15:50]<00:15.50>Twin<00:15.75>kle <00:16.00> twin <00:16.125>kle<00:17.00>
[00:14]
[00:20.00]I <3 you [softly]
"""
TIDY = """[ti:Rain [live]]
[ar:Ada]
[offset:+250]
[00:12.00]Rain, rain
[00:14.00]
[00:15.50]<00:15.50>Twin<00:15.75>kle <00:16.00>twin <00:16.125>kle<00:17.00>
[00:20.00]I <3 you [softly]
[01:10.50]Rain, rain"""
WORDS = (LyricWord(15_500, "Twin"), LyricWord(15_750, "kle "), LyricWord(16_000, "twin "), LyricWord(16_125, "kle"))


def test_a_song_is_read_with_all_that_it_says() -> None:
    assert read(SONG) == LrcDocument(
        lines=(
            LyricLine("Rain, rain", 12_000),
            LyricLine("", 14_000),
            LyricLine("Twinkle twin kle", 15_500, WORDS, 17_000),
            LyricLine("I <3 you [softly]", 20_000),
            LyricLine("Rain, rain", 70_500),
        ),
        tags=(("ti", "Rain [live]"), ("ar", "Ada")),
        offset_ms=250,
    )


def test_what_is_written_is_tidy_and_stays_so() -> None:
    assert written(read(SONG)) == TIDY
    assert written(read(TIDY)) == TIDY


def test_an_offset_brings_everything_forward_and_nothing_before_the_beginning() -> None:
    document = read("[offset:+500]\n[00:00.10]<00:00.10>Rain <00:01.00>falls<00:02.00>\n[00:03.00]down")
    assert document.played() == (
        LyricLine("Rain falls", 0, (LyricWord(0, "Rain "), LyricWord(500, "falls")), 1_500),
        LyricLine("down", 2_500),
    )


def test_words_before_the_first_stamp_of_a_word_begin_with_the_line() -> None:
    (line,) = read("[00:01.00]Rain <00:02.00>falls").lines
    assert line == LyricLine("Rain falls", 1_000, (LyricWord(1_000, "Rain "), LyricWord(2_000, "falls")))
    assert read("[00:01.00]<00:01.00>").lines == (LyricLine("", 1_000),)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Rain", "The line has no time stamp."),
        ("[Chorus]", "This is neither a time stamp nor a tag such as [ar:Ada]: '[Chorus]'."),
        ("[00:12.00 Rain", "The time stamp is not written like [01:23.45]: '[00:12.00 Rain'."),
        ("[00:61.00]Rain", "A minute has no second 61: '00:61.00'."),
        ("[00:12.0000]Rain", "The time is not written like 01:23.45: '00:12.0000'."),
        ("[1000:00.00]Rain", "The time is not written like 01:23.45: '1000:00.00'."),
        ("[00:12.00]<00:12.0.0>Rain", "The time is not written like 01:23.45: '00:12.0.0'."),
        ("[00:12.00]<00:11.00>Rain", "The time goes back from 00:12.00 to 00:11.00 within the line."),
        ("[00:12.00][00:15.00]<00:12.00>Rain", "A line whose words have stamps has one stamp itself."),
        ("[offset:soon]", "An offset is a number of milliseconds, at most 600,000: 'soon'."),
        ("[offset:999999]", "An offset is a number of milliseconds, at most 600,000: '999999'."),
        ("[offset:0]\n[offset:1]", "There is a second offset."),
        ("[ar:x]\n" * 21, "There are at most 20 tags."),
        ("[ar:" + "x" * 201 + "]", "A tag has at most 200 characters."),
        ("[00:12.00]" + "x" * 501, "A line has at most 500 characters."),
        ("[00:12.00]" * 1_001, "Lyrics have at most 1,000 lines, those with several stamps counted for each."),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, message: str) -> None:
    number = 1 + line.strip().count("\n") + 1
    with pytest.raises(LyricsDamaged) as told:
        read(f"[00:01.00]Before\n{line}\n[00:02.00]Behind")
    assert told.value.lines == [DamagedLine(number, message)]
    assert str(told.value) == f"Line {number}: {message}"


def test_of_many_damaged_lines_the_first_are_told() -> None:
    with pytest.raises(LyricsDamaged) as told:
        read("Rain\n" * 50)
    assert [line.number for line in told.value.lines] == list(range(1, 21))


def test_a_text_without_any_time_is_no_lrc() -> None:
    with pytest.raises(LyricsDamaged) as told:
        read("[ar:Ada]")
    assert str(told.value) == "Line 1: No line has a time stamp; send such lyrics as plain text."


STAMPS = st.integers(0, 999 * 60_000 + 59_999)
SIGNS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))


@st.composite
def documents(draw: st.DrawFn) -> str:
    """LRC with lines in any order, with and without stamps of words, and texts that look a bit like stamps."""
    piece = st.one_of(st.text(SIGNS, max_size=8), st.sampled_from(["<3", "[x]", "<1", "[0:", " ", "0:01>", ":"]))
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        start = draw(STAMPS)
        row = f"[{clock(start)}]" + draw(piece)
        for stamp in sorted(draw(st.lists(st.integers(start, 999 * 60_000 + 59_999), max_size=4))):
            row += f"<{clock(stamp)}>" + draw(piece)
        rows.append(row)
    offset = draw(st.integers(-600_000, 600_000))
    return "\n".join([f"[offset:{offset}]", *rows])


def clock(stamp: int) -> str:
    return f"{stamp // 60_000:02d}:{stamp // 1_000 % 60:02d}.{stamp % 1_000:03d}"


@given(documents())
def test_whatever_can_be_read_is_written_and_read_again_the_same(text: str) -> None:
    try:
        document = read(text)
    except LyricsDamaged:
        return
    again = read(written(document))
    assert again == document
    assert written(again) == written(document)


@given(st.text("[]<>0123456789:. a\n", max_size=60))
def test_no_text_is_more_than_damaged(text: str) -> None:
    try:
        document = read(text)
    except LyricsDamaged:
        return
    assert read(written(document)) == document


@pytest.mark.parametrize(
    ("given_tag", "tag"),
    [
        ("EN", "en"),
        (" pt-br ", "pt-BR"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
        ("de-1996", "de-1996"),
        ("es-419", "es-419"),
        ("en-US-x-OWN-ab", "en-US-x-own-ab"),
        ("english", "english"),
        ("e", None),
        ("en_US", None),
        ("en-", None),
        ("", None),
        ("deutsch-und-laut", None),
        ("²²", None),
    ],
)
def test_languages_are_tags_in_their_usual_spelling(given_tag: str, tag: str | None) -> None:
    assert language_tag(given_tag) == tag


def test_plain_lyrics_keep_their_lines() -> None:
    lyrics = wished_lyrics(LyricsWish(plain_text="\n\n[Chorus] \r\n  Rain\n\nSnow\n \n", language="EN"))
    assert lyrics == Lyrics("[Chorus]\n  Rain\n\nSnow", False, "en")
    assert lines_of(lyrics) == (LyricLine("[Chorus]"), LyricLine("  Rain"), LyricLine(""), LyricLine("Snow"))
    assert text_of(lyrics) == "[Chorus]\n  Rain\n\nSnow"


@pytest.mark.parametrize("wish", [LyricsWish(), LyricsWish(" \n", ""), LyricsWish(lrc="\n", language="en")])
def test_nothing_is_a_wish_for_none(wish: LyricsWish) -> None:
    assert wished_lyrics(wish) is None


@pytest.mark.parametrize(
    ("wish", "issues"),
    [
        (LyricsWish("x" * 40_001), [Issue("plainText", "Lyrics have at most 40,000 characters.")]),
        (LyricsWish("x" * 501), [Issue("plainText", "A line has at most 500 characters.")]),
        (LyricsWish("x\n" * 1_001), [Issue("plainText", "Lyrics have at most 1,000 lines.")]),
        (LyricsWish("a\x00b"), [Issue("plainText", "Lyrics hold no control characters.")]),
        (LyricsWish("a", "[00:01]b"), [Issue("lrc", "Send the lyrics either as plain text or as LRC, not both.")]),
        (LyricsWish("a", None, "x_y"), [Issue("language", "'x_y' is not a language tag such as 'en' or 'pt-BR'.")]),
        (
            LyricsWish(lrc="[00:01]" * 900 + "x" * 100),
            [Issue("lrc", "Written with one stamp for each line, lyrics have at most 40,000 characters.")],
        ),
    ],
)
def test_what_cannot_be_kept_is_told(wish: LyricsWish, issues: list[Issue]) -> None:
    with pytest.raises(ValidationFailed) as told:
        wished_lyrics(wish)
    assert told.value.issues == issues
