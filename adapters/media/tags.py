"""What the track says about itself, spelled as Vorbis comments and as ID3v2.4 frames."""

from domain.kit.audio.file_tags import FileTags
from domain.kit.audio.media import TrackTags

# Prompt, model and seed, by the names of Vorbis comments and of TXXX frames. FFmpeg writes comments as descriptions.
MAKING = frozenset({"COMMENT", "DESCRIPTION", "MODEL", "SEED"})


def single_line(text: str) -> str:
    """The text without line breaks, control characters and repeated blanks."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def initial_key(key: str) -> str:
    """ "A minor" as the short form of ID3's TKEY and of DJ software: "Am"; major keys have no suffix."""
    tonic, _, mode = key.partition(" ")
    return tonic + ("m" if mode == "minor" else "")


def vorbis_comments(tags: TrackTags) -> dict[str, str]:
    """Fields of a FLAC file (xiph.org field names, plus BPM, INITIALKEY and KEY as players read them)."""
    return _filled(
        {
            "TITLE": tags.title,
            "ARTIST": tags.artist,
            "GENRE": tags.genre,
            "DATE": tags.date,
            "COMMENT": tags.comment,
            "BPM": _bpm(tags.bpm),
            "INITIALKEY": initial_key(tags.key),
            "KEY": tags.key,
            "LICENSE": tags.licence,
            "ENCODED-BY": tags.encoder,
            **_provenance(tags),
        }
    )


def field_texts(tags: FileTags) -> dict[str, str]:
    """What is said anew of a finished file, by the names of Vorbis comments."""
    return _filled(
        {
            "TITLE": tags.title,
            "ARTIST": tags.artist,
            "GENRE": tags.genre,
            "COMMENT": tags.comment,
            "BPM": _bpm(tags.bpm),
            "INITIALKEY": initial_key(tags.key),
            "KEY": tags.key,
        }
    )


def id3_frames(tags: TrackTags) -> dict[str, str]:
    """Fields of an MP3 file by FFmpeg's names; what ID3 has no frame for becomes a TXXX frame."""
    return _filled(
        {
            "title": tags.title,
            "artist": tags.artist,
            "genre": tags.genre,
            "date": tags.date,
            "comment": tags.comment,
            "TBPM": str(round(tags.bpm)) if tags.bpm > 0 else "",
            "TKEY": initial_key(tags.key),
            "BPM": _bpm(tags.bpm),
            "KEY": tags.key,
            "copyright": tags.licence,
            "encoded_by": tags.encoder,
            **_provenance(tags),
        }
    )


def _provenance(tags: TrackTags) -> dict[str, str]:
    """Nothing about a recording whose making is not known."""
    if tags.digital_source_type is None:
        return {}
    return {
        "AI_GENERATED": "true" if tags.digital_source_type else "false",
        "DIGITALSOURCETYPE": tags.digital_source_type,
        "MODEL": tags.model,
        "SEED": "" if tags.seed is None else str(tags.seed),
    }


def _bpm(bpm: float) -> str:
    return f"{bpm:.2f}".rstrip("0").rstrip(".") if bpm > 0 else ""


def _filled(fields: dict[str, str]) -> dict[str, str]:
    lines = {name: single_line(text) for name, text in fields.items()}
    return {name: line for name, line in lines.items() if line}
