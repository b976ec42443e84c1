"""Files that mean no good, and files that are no good. Each comes with the problem that it must meet."""

import io
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np

from tests.uploads.sounds import FLAC, M4A, MP3, OPUS, WAV_8, WAV_16, WAV_32F, Form, encoded, tones

MAX_SECONDS = 600.0


@dataclass(frozen=True)
class Hostile:
    """`code` is the problem's."""

    name: str
    data: bytes
    code: str


def corpus(port: int) -> Iterator[Hostile]:
    """All of them; those that name an address name this port of loopback."""
    yield from _playlists(f"http://127.0.0.1:{port}")
    yield from _strangers(f"http://127.0.0.1:{port}")
    yield from _polyglots()
    yield from _liars()
    yield from _damaged()
    yield from _empty_handed()
    yield from _bombs()


def _playlists(address: str) -> Iterator[Hostile]:
    lists = {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}/a.ts\n#EXT-X-ENDLIST\n",
        "hls behind a byte order mark": f"\ufeff#EXTM3U\n#EXTINF:9,\n{address}/a.mp3\n",
        "hls that names a file": "#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "ffconcat": f"ffconcat version 1.0\nfile '{address}/a.wav'\n",
        "concat": "file '/etc/passwd'\nfile 'b.wav'\n",
        "pls": f"[playlist]\nFile1={address}/a.mp3\nNumberOfEntries=1\n",
        "asx": f'<asx version="3.0"><entry><ref href="{address}/a"/></entry></asx>',
        "xspf": f'<?xml version="1.0"?>\n<playlist version="1"><location>{address}/a</location></playlist>',
        "dash": f'<?xml version="1.0"?>\n<MPD><BaseURL>{address}/</BaseURL></MPD>',
    }
    for name, text in lists.items():
        yield Hostile(f"playlist: {name}", text.encode(), "AUDIO_IS_A_PLAYLIST")


def _strangers(address: str) -> Iterator[Hostile]:
    random = np.random.default_rng(1).bytes(40_000)
    strangers = {
        "nothing": b"",
        "one byte": b"\xff",
        "text": b"This is no music.\n" * 99,
        "html": f"<html><audio src='{address}/a.mp3'></html>".encode(),
        "svg": f"<svg><image href='{address}/a.png'/></svg>".encode(),
        "sdp": f"v=0\no=- 0 0 IN IP4 127.0.0.1\nu={address}\nm=audio 5004 RTP/AVP 0\n".encode(),
        "program": b"\x7fELF\x02\x01\x01" + random,
        "random bytes": b"\x13" + random,
        "zip": _zip(),
        "aiff": encoded(tones(1.0), Form("aiff", "pcm_s16be", "s16")),
        "matroska": encoded(tones(1.0), Form("matroska", "flac", "s16")),
        "alac in m4a": encoded(tones(1.0), Form("ipod", "alac", "s16p")),
        "adpcm in wav": encoded(tones(1.0), Form("wav", "adpcm_ms", "s16")),
        "mp3 in wav": encoded(tones(1.0), Form("wav", "libmp3lame", "fltp", bit_rate=128_000)),
        "a film": _film(),
        "32 channels": _wav(struct.pack("<HHIIHH", 1, 32, 44_100, 32 * 88_200, 64, 16), bytes(64_000)),
    }
    for name, data in strangers.items():
        yield Hostile(f"stranger: {name}", data, "NOT_AUDIO")


def _polyglots() -> Iterator[Hostile]:
    wav, mp3, flac = (encoded(tones(1.0), form) for form in (WAV_16, MP3, FLAC))
    script = _chunk(b"LIST", b"INFO<script>alert(1)</script>")
    polyglots = {
        "wav and zip": wav + _zip(),
        "mp3 and zip": mp3 + _zip(),
        "flac and rar": flac + b"Rar!\x1a\x07\x01\x00" + bytes(64),
        "mp3 and 7z": mp3 + b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(64),
        "wav and html": wav[:12] + script + wav[12:],
        "wav and pdf": wav[:12] + _chunk(b"junk", b"%PDF-1.7\n") + wav[12:],
        "mp3 and php": b"ID3\x04\x00\x00\x00\x00\x00\x20" + b"<?php system($_GET[0]); ?>".ljust(32, b"\0") + mp3,
    }
    for name, data in polyglots.items():
        yield Hostile(f"polyglot: {name}", data, "AUDIO_IS_SOMETHING_ELSE_TOO")


def _liars() -> Iterator[Hostile]:
    flac = encoded(tones(4.0), FLAC)
    plain = struct.pack("<HHIIHH", 1, 1, 8_000, 16_000, 2, 16)
    liars = {
        "wav of a gigabyte in a kilobyte": _wav(plain, bytes(1024), declared=1 << 30),
        "wav that ends after a second": _wav(plain, _noise(16_000), riff=16_036) + _noise(400_000),
        "wav with impossible rates": _wav(struct.pack("<HHIIHH", 1, 2, 44_100, 7, 9, 16), bytes(40_000)),
        "flac of an hour in four seconds": _with_flac_length(flac, 3600 * 44_100),
        "flac of a moment in four seconds": _with_flac_length(flac, 4_410),
        "flac at another rate": _with_flac_rate(flac, 8_000),
    }
    for name, data in liars.items():
        yield Hostile(f"liar: {name}", data, "AUDIO_HEADER_LIES")


def _damaged() -> Iterator[Hostile]:
    noise = tones(4.0)
    wav, flac, mp3, m4a = (encoded(noise, form) for form in (WAV_16, FLAC, MP3, M4A))
    opus = encoded(tones(4.0, rate=48_000), OPUS, rate=48_000)
    nan = tones(1.0)
    nan[100] = np.nan
    holes = bytearray(mp3)
    for start in range(2_000, len(holes) - 400, 900):
        holes[start : start + 400] = b"\x00" * 400
    flipped = bytearray(flac)
    flipped[len(flac) // 2] ^= 0xFF
    damaged = {
        "wav cut off": wav[: len(wav) * 8 // 10],
        "flac cut off": flac[: len(flac) * 7 // 10],
        "flac with a wrong byte": bytes(flipped),
        "mp3 full of holes": bytes(holes),
        "m4a of minutes in two seconds": _with_slow_mp4(encoded(tones(2.0), M4A)),
        "m4a without its table": m4a[: len(m4a) // 2],
        "ogg of rubbish": b"OggS" + np.random.default_rng(2).bytes(30_000),
        "flac of rubbish": b"fLaC" + np.random.default_rng(3).bytes(30_000),
        "m4a of rubbish": b"\x00\x00\x00\x18ftypM4A " + np.random.default_rng(4).bytes(30_000),
        "opus without a page": opus[:200],
        "wav without data": wav[:36],
        "wav with what is no number": encoded(nan, WAV_32F),
    }
    for name, data in damaged.items():
        yield Hostile(f"damaged: {name}", data, "AUDIO_DAMAGED")


def _empty_handed() -> Iterator[Hostile]:
    silence = np.zeros((2 * 44_100, 2), np.float32)
    yield Hostile("silent: wav", encoded(silence, WAV_16), "AUDIO_SILENT")
    yield Hostile("silent: mp3", encoded(silence, MP3), "AUDIO_SILENT")
    long = encoded(np.tile(tones(10.0, 1, 8_000), (61, 1)), WAV_8, rate=8_000)
    yield Hostile("too long: eleven minutes", long, "AUDIO_TOO_LONG")


def _bombs() -> Iterator[Hostile]:
    silence = np.zeros((int(MAX_SECONDS) * 44_100, 8), np.float32)
    yield Hostile("bomb: flac of nothing", encoded(silence, FLAC), "AUDIO_DECOMPRESSION_BOMB")
    m4a = bytearray(encoded(tones(1.0), M4A))
    place = m4a.index(b"stsz") + 8
    m4a[place : place + 8] = struct.pack(">II", 1, 1 << 30)
    yield Hostile("bomb: m4a of a billion samples", bytes(m4a), "AUDIO_DAMAGED")


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("index.html", "<script>alert(1)</script>")
    return file.getvalue()


def _film() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack("<4sI", kind, len(data)) + data + bytes(len(data) & 1)


def _wav(form: bytes, data: bytes, declared: int | None = None, riff: int | None = None) -> bytes:
    size = len(data) if declared is None else declared
    body = b"WAVE" + _chunk(b"fmt ", form) + struct.pack("<4sI", b"data", size) + data
    return struct.pack("<4sI", b"RIFF", size + 36 if riff is None else riff) + body


def _noise(count: int) -> bytes:
    return np.random.default_rng(5).bytes(count)


def _with_flac_length(flac: bytes, samples: int) -> bytes:
    """STREAMINFO keeps 36 bits for it (RFC 9639, section 8.2), at byte 13 of its content."""
    place = 4 + 4 + 13
    return (
        flac[:place]
        + bytes([flac[place] & 0xF0 | samples >> 32])
        + (samples & 0xFFFFFFFF).to_bytes(4, "big")
        + flac[place + 5 :]
    )


def _with_flac_rate(flac: bytes, rate: int) -> bytes:
    """Twenty bits at byte 10 of STREAMINFO."""
    place = 4 + 4 + 10
    return (
        flac[:place]
        + (rate >> 4).to_bytes(2, "big")
        + bytes([(rate & 15) << 4 | flac[place + 2] & 15])
        + flac[place + 3 :]
    )


def _with_slow_mp4(m4a: bytes) -> bytes:
    """Each frame is said to last a hundred times as long (ISO/IEC 14496-12, 8.6.1.2)."""
    changed = bytearray(m4a)
    delta = changed.index(b"stts") + 4 + 4 + 4 + 4
    changed[delta : delta + 4] = (1_024 * 100).to_bytes(4, "big")
    return bytes(changed)
