"""Names of languages: the three letters that ID3 has (ISO 639-2) and the two that BCP 47 wants where there are two."""

from collections.abc import Mapping

# Lyrics in others are marked as of a language that is not known.
THREE_LETTERS: Mapping[str, str] = {
    "ar": "ara",
    "cs": "ces",
    "da": "dan",
    "de": "deu",
    "el": "ell",
    "en": "eng",
    "es": "spa",
    "fi": "fin",
    "fr": "fra",
    "he": "heb",
    "hi": "hin",
    "hu": "hun",
    "id": "ind",
    "it": "ita",
    "ja": "jpn",
    "ko": "kor",
    "nb": "nob",
    "nl": "nld",
    "no": "nor",
    "pl": "pol",
    "pt": "por",
    "ro": "ron",
    "ru": "rus",
    "sv": "swe",
    "th": "tha",
    "tr": "tur",
    "uk": "ukr",
    "vi": "vie",
    "zh": "zho",
}
# Three times the same letter, by the standard.
UNKNOWN = "X" * 3

# As libraries write them (ISO 639-2/B), which many programs took over.
_OF_LIBRARIES = {"chi": "zh", "cze": "cs", "dut": "nl", "fre": "fr", "ger": "de", "gre": "el", "rum": "ro"}
_TWO_LETTERS = {**{three: two for two, three in THREE_LETTERS.items()}, **_OF_LIBRARIES}
# Undetermined, several, none: they name no language.
_NO_LANGUAGE = frozenset({UNKNOWN.lower(), "und", "mul", "zxx"})


def three_letters(tag: str) -> str:
    """Of a BCP 47 tag."""
    primary = tag.partition("-")[0].lower()
    return primary if len(primary) == 3 else THREE_LETTERS.get(primary, UNKNOWN)


def language_tag(code: str) -> str:
    """Of three letters; empty where they name no language."""
    code = code.lower()
    if len(code) != 3 or not (code.isascii() and code.isalpha()) or code in _NO_LANGUAGE:
        return ""
    return _TWO_LETTERS.get(code, code)
