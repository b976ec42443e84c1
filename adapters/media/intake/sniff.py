"""What a file is by its own bytes, before any demuxer sees it. Names and media types do not count."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from adapters.media.intake.faults import DAMAGED, LYING, NOT_AUDIO, PLAYLIST, POLYGLOT, Fault

HEAD_BYTES = 1 << 16
# An archive's directory ends with a record of 22 bytes and a comment of at most 65,535.
TAIL_BYTES = 22 + 65_535
BLOCK_BYTES = 1 << 20

_PLAYLISTS = (
    (b"#extm3u", "It is an M3U or HLS playlist."),
    (b"ffconcat version", "It is a list of files for FFmpeg."),
    (b"[playlist]", "It is a PLS playlist."),
    (b"<asx", "It is an ASX playlist."),
    (b"<smil", "It is a SMIL playlist."),
    (b"[reference]", "It is a list of references."),
)
_MANIFESTS = (b"<mpd", b"<playlist", b"<smoothstreamingmedia", b"<wpl", b"<?wpl")
# Where a browser, a reader of PDF or a server of scripts would find its own language.
_LANGUAGES = (b"%pdf-", b"<!doctype html", b"<html", b"<script", b"<svg", b"<?php", b"<iframe")
_LANGUAGE_BYTES = 2048
# Unpackers look for these anywhere, because archives can unpack themselves.
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c\x00", b"MSCF\x00\x00\x00\x00")
_ZIP_END, _ZIP_END_SIZE = b"PK\x05\x06", 22

_MAX_TAGS = 4
# WAVE_FORMAT_PCM, _IEEE_FLOAT and _EXTENSIBLE.
_PCM_TAGS = (1, 3, 0xFFFE)
_STREAMED = (0, 0xFFFFFFFF)
# Players write this much behind the end of a RIFF file without meaning harm: padding and tags.
_RIFF_TAIL = 1 << 16
_LYING_SHARE = 0.5


@dataclass(frozen=True)
class Sniffed:
    """The one demuxer that may open the file, and the only decoders it may use, by FFmpeg's names."""

    container: str
    demuxer: str
    codecs: tuple[str, ...]


_WAV = Sniffed(
    "wav",
    "wav",
    (
        "pcm_u8",
        "pcm_s16le",
        "pcm_s24le",
        "pcm_s32le",
        "pcm_f32le",
        "pcm_f64le",
    ),
)
_FLAC = Sniffed("flac", "flac", ("flac",))
_MP3 = Sniffed("mp3", "mp3", ("mp3float", "mp3"))
_OGG = Sniffed("ogg", "ogg", ("vorbis", "opus"))
_MP4 = Sniffed("mp4", "mov", ("aac",))
_ADTS = Sniffed("aac", "aac", ("aac",))
CONTAINERS = frozenset(known.container for known in (_WAV, _FLAC, _MP3, _OGG, _MP4, _ADTS))


def sniff(file: BinaryIO) -> Sniffed:
    """Looks through the whole file and leaves it at its start; raises `Fault`."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    found = _by_signature(head, file)
    if found is None:
        raise _nothing_known(head)
    _refuse_languages(head)
    _refuse_archives(file, size)
    if found is _WAV:
        _check_riff(file, size)
    file.seek(0)
    return found


def _by_signature(head: bytes, file: BinaryIO) -> Sniffed | None:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return _WAV
    if head[:4] == b"fLaC":
        return _FLAC
    if head[:4] == b"OggS":
        return _OGG
    if head[4:8] == b"ftyp":
        return _MP4
    return _behind_tags(head, file)


def _behind_tags(head: bytes, file: BinaryIO) -> Sniffed | None:
    """Skips ID3v2 tags (ID3v2.4, section 3.1: the size is in four bytes of seven bits); there may be several."""
    offset = 0
    for _ in range(_MAX_TAGS):
        if head[:3] != b"ID3" or len(head) < 10:
            break
        offset += 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])
        file.seek(offset)
        head = file.read(HEAD_BYTES)
        # Some programs pad behind the tag.
        padding = len(head) - len(head.lstrip(b"\x00"))
        offset, head = offset + padding, head[padding:]
    return _FLAC if head[:4] == b"fLaC" else _by_frames(head)


def _by_frames(head: bytes) -> Sniffed | None:
    """MPEG audio says so with eleven set bits; one frame must lead to the next."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5 if len(head) > 6 else 0
        return _ADTS if size > 7 and head[size : size + 1] in (b"", b"\xff") else None
    if head[1] & 0x06 != 0x02:
        return None
    size = _mp3_frame_size(head)
    return _MP3 if size and head[size : size + 1] in (b"", b"\xff") else None


def _mp3_frame_size(head: bytes) -> int:
    """Bytes of a layer III frame (ISO/IEC 11172-3, 2.4.2.3, and 13818-3); 0 for a header that is none."""
    version, rate, samples = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or rate == 3 or samples in (0, 15):
        return 0
    rates = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}[version]
    first = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    second = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    kilobits = (first if version == 3 else second)[samples - 1]
    return (144 if version == 3 else 72) * kilobits * 1_000 // rates[rate] + (head[2] >> 1 & 1)


def _nothing_known(head: bytes) -> Fault:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:4096].lower()
    for signature, sentence in _PLAYLISTS:
        if text.startswith(signature):
            return Fault(PLAYLIST, sentence)
    if text.startswith((b"<", b"<?xml")) and any(word in text for word in _MANIFESTS):
        return Fault(PLAYLIST, "It is a playlist in XML.")
    if text.startswith(b"file ") or b"\n#ext" in text:
        return Fault(PLAYLIST, "It is a list of files.")
    if not head:
        return Fault(NOT_AUDIO, "The file is empty.")
    return Fault(NOT_AUDIO)


def _refuse_languages(head: bytes) -> None:
    start = head[:_LANGUAGE_BYTES].lower()
    for word in _LANGUAGES:
        if word in start:
            raise Fault(POLYGLOT, f"Near its start it says {word.decode()!r}.")


def _refuse_archives(file: BinaryIO, size: int) -> None:
    file.seek(0)
    longest = max(map(len, _ARCHIVES))
    behind = b""
    while block := file.read(BLOCK_BYTES):
        searched = behind + block
        for signature in _ARCHIVES:
            if signature in searched:
                raise Fault(POLYGLOT, "There is an archive in it.")
        behind = searched[1 - longest :]
    start = max(0, size - TAIL_BYTES)
    file.seek(start)
    if _ends_as_zip(file.read(TAIL_BYTES)):
        raise Fault(POLYGLOT, "There is a ZIP archive at its end.")


def _ends_as_zip(tail: bytes) -> bool:
    """APPNOTE 4.3.16: the end record stands before a comment that reaches to the end of the file."""
    place = tail.rfind(_ZIP_END)
    while place >= 0:
        record = tail[place : place + _ZIP_END_SIZE]
        if len(record) == _ZIP_END_SIZE:
            disk, _, here, entries = struct.unpack_from("<4H", record, 4)
            comment = struct.unpack_from("<H", record, 20)[0]
            if place + _ZIP_END_SIZE + comment <= len(tail) and disk == 0 and here == entries:
                return True
        place = tail.rfind(_ZIP_END, 0, place)
    return False


def _check_riff(file: BinaryIO, size: int) -> None:
    """The chunks must be where the file says, and hold what it says."""
    file.seek(0)
    form, declared = struct.unpack("<4sI4x", file.read(12))
    if form == b"RIFF" and declared not in _STREAMED and size - 8 - declared > max(_RIFF_TAIL, declared):
        raise Fault(LYING, "Most of the file lies behind its declared end.")
    while len(header := file.read(8)) == 8:
        kind, length = struct.unpack("<4sI", header)
        if kind == b"fmt ":
            _check_format(file.read(length)[:16])
            file.seek(length & 1, 1)
        elif kind == b"data":
            left = size - file.tell()
            if form == b"RIFF" and length not in _STREAMED and length > left:
                raise _missing(left, length)
            return
        else:
            file.seek(length + (length & 1), 1)
    raise Fault(DAMAGED, "It has no audio data.")


def _check_format(chunk: bytes) -> None:
    if len(chunk) < 16:
        raise Fault(DAMAGED, "Its format chunk is cut off.")
    tag, channels, rate, per_second, block, bits = struct.unpack("<HHIIHH", chunk)
    if tag not in _PCM_TAGS:
        # Other codecs count in blocks of their own; their decoders are not let in anyway.
        return
    if block != channels * (bits + 7 >> 3) or per_second != rate * block:
        raise Fault(LYING, "Its format chunk contradicts itself.")


def _missing(left: int, declared: int) -> Fault:
    share = left / declared
    if share < _LYING_SHARE:
        return Fault(LYING, f"It declares {declared:,} bytes of audio and holds {left:,}.")
    return Fault(DAMAGED, f"Only {share:.0%} of it is there.")
