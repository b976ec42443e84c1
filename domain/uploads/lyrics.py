"""Which of the words in a file become the lyrics of its track, and what is said of those that do not. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.kit.audio.audio_decoding import DecodedAudio, EmbeddedLyrics
from domain.kit.audio.media import SEGMENT_RATE
from domain.kit.errors import ValidationFailed
from domain.kit.prose import LINE_SIGNS, TURNING_SIGNS, has_control_signs
from domain.library import lrc
from domain.library.errors import LyricsDamaged
from domain.library.lyric_wish import LyricsWish, wished_lyrics
from domain.library.lyrics import MAX_LYRICS, Lyrics, language_tag
from domain.uploads.model import LyricsNote, LyricsUse, Upload

TOO_LONG = f"The words have more than {MAX_LYRICS:,} characters."
OF_A_VERSION = "A version brings no words: the track keeps its own."
NO_TIMES = "The times do not fit the recording, so the words are without them."


@dataclass(frozen=True)
class FoundLyrics:
    lyrics: Lyrics | None
    note: LyricsNote


def found_lyrics(upload: Upload, decoded: DecodedAudio) -> FoundLyrics | None:
    """With times, if any of the texts has some that can be used; else one that is whole, else any; None of no words."""
    seconds = decoded.frames / SEGMENT_RATE
    texts = [replace(text, text=_tidied(text.text)) for text in decoded.lyrics]
    texts = [text for text in texts if text.text.strip()]
    if not texts:
        return None
    if upload.descent is not None:
        return _unused(OF_A_VERSION)
    return _best([_read(text, seconds) for text in texts])


def _best(found: Sequence[FoundLyrics]) -> FoundLyrics:
    """Of what has times nothing is missed; of anything else it is said why the others are not it."""
    best, *others = sorted(found, key=_rank)
    if best.note.use is LyricsUse.SYNCHRONISED:
        return best
    told = dict.fromkeys(each.note.left_out for each in (best, *others))
    return replace(best, note=replace(best.note, left_out=" ".join(filter(None, told))))


def _rank(found: FoundLyrics) -> tuple[int, bool]:
    return list(LyricsUse).index(found.note.use), bool(found.note.left_out)


def _read(text: EmbeddedLyrics, seconds: float) -> FoundLyrics:
    """What comes of one text."""
    if len(text.text) > MAX_LYRICS:
        return _unused(TOO_LONG)
    language = language_tag(text.language)
    try:
        read = _as_lrc(text.text)
        if read is None:
            return _used(LyricsWish(plain_text=text.text, language=language), "")
        document, damaged = read
        return _timed(document, damaged, seconds, language)
    except ValidationFailed as error:
        return _unused(" ".join(issue.message for issue in error.issues))


def _timed(document: lrc.LrcDocument, damaged: int, seconds: float, language: str | None) -> FoundLyrics:
    """Words that only come when the recording is over are left out; times that are all the same are none."""
    left_out = [f"{damaged} of the lines could not be read."] if damaged else []
    starts = [line.start_ms or 0 for line in document.played()]
    heard = tuple(line for line, start in zip(document.lines, starts, strict=True) if start < seconds * 1_000)
    if not heard or (len(starts) > 1 and min(starts) == max(starts)):
        return _used(LyricsWish(plain_text=document.text, language=language), " ".join([*left_out, NO_TIMES]))
    if late := len(starts) - len(heard):
        left_out.append(f"{late} of the lines would come after the end of the recording.")
    text = lrc.written(replace(document, lines=heard))
    return _used(LyricsWish(lrc=text, language=language), " ".join(left_out))


def _as_lrc(text: str) -> tuple[lrc.LrcDocument, int] | None:
    """The lines that can be read, and how many cannot; None where most cannot, for then it is a plain text."""
    try:
        return lrc.read(text), 0
    except LyricsDamaged as error:
        wrong = {line.number for line in error.lines}
    lines = text.splitlines()
    good = [line for number, line in enumerate(lines, start=1) if number not in wrong]
    if len(wrong) >= min(lrc.MAX_TOLD, sum(map(bool, map(str.strip, good)))):
        return None
    try:
        return lrc.read("\n".join(good)), len(wrong)
    except LyricsDamaged:
        return None


def _used(wish: LyricsWish, left_out: str) -> FoundLyrics:
    """Raises `ValidationFailed` for what no lyrics may be."""
    lyrics = wished_lyrics(wish)
    if lyrics is None:
        return _unused(left_out)
    use = LyricsUse.SYNCHRONISED if lyrics.is_synchronised else LyricsUse.PLAIN
    return FoundLyrics(lyrics, LyricsNote(use, left_out))


def _unused(left_out: str) -> FoundLyrics:
    return FoundLyrics(None, LyricsNote(LyricsUse.NOT_USED, left_out))


def _tidied(text: str) -> str:
    """Without signs that no lyrics may hold, and with line breaks of one kind."""
    one_kind = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    return "".join(sign for sign in one_kind if _is_kept(sign))


def _is_kept(sign: str) -> bool:
    return sign not in TURNING_SIGNS and not has_control_signs(sign, LINE_SIGNS)
