"""What a person may want a track's lyrics to be, and the lyrics that come of it. Pure."""

from dataclasses import dataclass

from domain.kit.errors import Issue, ValidationFailed
from domain.library import lrc
from domain.library.lyrics import MAX_LYRICS, Lyrics, language_tag, line_issues, plain_lyrics, text_issues


@dataclass(frozen=True)
class LyricsWish:
    """Either a plain text or LRC; neither, or nothing but blanks, is a wish for none."""

    plain_text: str | None = None
    lrc: str | None = None
    language: str | None = None


def wished_lyrics(wish: LyricsWish) -> Lyrics | None:
    """Raises `ValidationFailed`, and `LyricsDamaged` for LRC with lines that cannot be read."""
    plain, timed = wish.plain_text or "", wish.lrc or ""
    issues = [*text_issues("plainText", plain), *text_issues("lrc", timed)]
    language = None
    if wish.language is not None and (language := language_tag(wish.language)) is None:
        issues.append(Issue("language", f"{wish.language[:40]!r} is not a language tag such as 'en' or 'pt-BR'."))
    if plain.strip() and timed.strip():
        issues.append(Issue("lrc", "Send the lyrics either as plain text or as LRC, not both."))
    if issues:
        raise ValidationFailed(issues)
    return _timed(timed, language) if timed.strip() else _plain(plain, language)


def _plain(text: str, language: str | None) -> Lyrics | None:
    lyrics = plain_lyrics(text, language)
    if lyrics is not None and (issues := line_issues("plainText", lyrics.source.split("\n"))):
        raise ValidationFailed(issues)
    return lyrics


def _timed(text: str, language: str | None) -> Lyrics:
    source = lrc.written(lrc.read(text))
    if len(source) > MAX_LYRICS:
        told = f"Written with one stamp for each line, lyrics have at most {MAX_LYRICS:,} characters."
        raise ValidationFailed([Issue("lrc", told)])
    return Lyrics(source, True, language)
