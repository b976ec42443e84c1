"""The words of a track as the schema has them."""

from typing import Self

import strawberry

from domain.library import lrc
from domain.library.lyric_wish import LyricsWish
from domain.library.lyrics import LyricLine as LineModel
from domain.library.lyrics import Lyrics as LyricsModel
from domain.library.lyrics import LyricWord as WordModel


@strawberry.type(description="A word or a syllable, and when it is sung.")
class LyricWord:
    start_seconds: float = strawberry.field(description="When it begins, in seconds from the beginning of the track.")
    text: str = strawberry.field(description="The word, with a blank behind it unless the next one belongs to it.")

    @classmethod
    def of(cls, word: WordModel) -> Self:
        return cls(start_seconds=word.start_ms / 1_000, text=word.text)


@strawberry.type(description="One line of lyrics.")
class LyricLine:
    start_seconds: float | None = strawberry.field(
        description="When it begins, in seconds from the beginning of the track; null in plain lyrics."
    )
    end_seconds: float | None = strawberry.field(description="When its last word ends; null when that is not said.")
    text: str = strawberry.field(description="Its words; empty for a pause.")
    words: list[LyricWord] = strawberry.field(description="Its words one by one; empty when only the line has a time.")

    @classmethod
    def of(cls, line: LineModel) -> Self:
        return cls(
            start_seconds=_seconds(line.start_ms),
            end_seconds=_seconds(line.end_ms),
            text=line.text,
            words=[LyricWord.of(word) for word in line.words],
        )


@strawberry.type(description="The words of a track.")
class Lyrics:
    language: str | None = strawberry.field(description="Their language as a BCP 47 tag, such as `pt-BR`.")
    is_synchronised: bool = strawberry.field(description="Whether every line has its time.")
    record: strawberry.Private[LyricsModel]

    @classmethod
    def of(cls, lyrics: LyricsModel) -> Self:
        return cls(language=lyrics.language, is_synchronised=lyrics.is_synchronised, record=lyrics)

    @strawberry.field(description="The words alone, line by line.")
    def text(self) -> str:
        return lrc.text_of(self.record)

    @strawberry.field(description="The lines in the order of their times, at most 1,000. An offset is in the times.")
    def lines(self) -> list[LyricLine]:
        return [LyricLine.of(line) for line in lrc.lines_of(self.record)]

    @strawberry.field(description="LRC: tags, then one line for each time; null for plain lyrics.")
    def lrc(self) -> str | None:
        return self.record.source if self.record.is_synchronised else None


@strawberry.input(description="The words of a track: plain text or LRC. Without either they are removed.")
class SetLyricsInput:
    track_id: strawberry.ID = strawberry.field(description="The track's id.")
    expected_revision: int = strawberry.field(
        description="The `revision` that you have read; if the track is at another one, nothing is written."
    )
    plain_text: str | None = strawberry.field(
        default=None, description="At most 40,000 characters and 1,000 lines of at most 500."
    )
    lrc: str | None = strawberry.field(
        default=None,
        description="LRC of at most 40,000 characters: `[mm:ss.xx]` before each line, several where it is repeated, "
        "`<mm:ss.xx>` before words, tags such as `[ar:Ada]`, and `[offset:+250]` in milliseconds.",
    )
    language: str | None = strawberry.field(
        default=None, description="The language as a BCP 47 tag, such as `en` or `pt-BR`."
    )

    def to_wish(self) -> LyricsWish:
        return LyricsWish(self.plain_text, self.lrc, self.language)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1_000
