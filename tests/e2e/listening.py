"""Listening to what the API serves, by means that share no code with the product: PyAV, librosa, pyloudnorm."""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import av
import httpx
import numpy as np
import pyloudnorm
import soxr
from librosa.beat import beat_track
from librosa.feature import chroma_cqt
from librosa.onset import onset_strength

SAMPLE_RATE = 44_100
# Krumhansl & Kessler (1982), probe-tone profiles of C major and C minor.
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

Samples = np.ndarray[Any, np.dtype[np.float32]]


def decode(data: bytes) -> Samples:
    """Samples [frames, channels] of any audio file."""
    with av.open(BytesIO(data)) as container:
        blocks = [frame.to_ndarray() for frame in _as_float(container)]
    return np.ascontiguousarray(np.concatenate(blocks, axis=1).T, dtype=np.float32)


def _as_float(container: Any) -> list[Any]:
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
    frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return frames + resampler.resample(None)


def loudness(samples: Samples) -> float:
    """Integrated loudness in LUFS."""
    return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples.astype(np.float64)))


def true_peak(samples: Samples) -> float:
    """dBTP at four times oversampling."""
    return float(20 * np.log10(np.abs(soxr.resample(samples, SAMPLE_RATE, 4 * SAMPLE_RATE)).max()))


def tempo(samples: Samples, around: float) -> float:
    """Beats per minute, by librosa; `around` settles the octave."""
    mono = samples.mean(axis=1)
    onsets = onset_strength(y=mono, sr=SAMPLE_RATE, hop_length=256)
    beats = beat_track(
        onset_envelope=onsets, sr=SAMPLE_RATE, hop_length=256, start_bpm=around, tightness=400, units="time"
    )[1]
    return float(60.0 / np.median(np.diff(beats)))


def key(samples: Samples) -> str:
    """The best of 24 keys, by correlation of librosa's chroma with the probe-tone profiles."""
    chroma = chroma_cqt(y=samples.mean(axis=1), sr=SAMPLE_RATE).sum(axis=1)
    scores = {
        f"{TONICS[shift]} {mode}": float(np.corrcoef(np.roll(profile, shift), chroma)[0, 1])
        for shift in range(12)
        for mode, profile in (("major", MAJOR), ("minor", MINOR))
    }
    return max(scores, key=lambda name: scores[name])


def longest_silence(samples: Samples, below_db: float = -60.0) -> float:
    """The longest stretch in seconds whose 50 ms blocks stay below a level."""
    block = SAMPLE_RATE // 20
    count = len(samples) // block
    levels = np.sqrt((samples[: count * block].reshape(count, -1) ** 2).mean(axis=1))
    longest = current = 0
    for level in levels:
        current = current + 1 if level < 10 ** (below_db / 20) else 0
        longest = max(longest, current)
    return longest / 20


@dataclass(frozen=True)
class Piece:
    """A segment: its length, and where it is; `span` are its first and its last byte there, None for all of it."""

    url: str
    seconds: float
    span: tuple[int, int] | None

    async def fetch(self, http: httpx.AsyncClient) -> bytes:
        """As players do, which follow a redirect with their range."""
        if self.span is None:
            return (await http.get(self.url)).raise_for_status().content
        answer = await http.get(self.url, headers={"Range": "bytes={}-{}".format(*self.span)})
        assert (answer.status_code, len(answer.content)) == (206, self.span[1] - self.span[0] + 1)
        return answer.content


@dataclass(frozen=True)
class Playlist:
    """A media playlist as a player sees it."""

    is_complete: bool
    kind: str
    init_url: str
    segments: list[Piece]

    @property
    def seconds(self) -> float:
        return sum(piece.seconds for piece in self.segments)

    async def fetch(self, http: httpx.AsyncClient) -> tuple[bytes, list[bytes]]:
        """The init segment, and the segments in their order."""
        init = (await http.get(self.init_url)).raise_for_status().content
        return init, [await piece.fetch(http) for piece in self.segments]


async def read_playlist(http: httpx.AsyncClient, master_url: str, rung: int = -1) -> Playlist:
    """Follows the master playlist to one of its variants, of which the last is the best."""
    master = (await http.get(master_url)).raise_for_status().text
    variants = sorted(re.findall(r"#EXT-X-STREAM-INF:.*?BANDWIDTH=(\d+).*\n(.+)", master), key=lambda one: int(one[0]))
    variant = urljoin(master_url, variants[rung][1])
    lines = (await http.get(variant)).raise_for_status().text.splitlines()
    mapped = next(line for line in lines if line.startswith("#EXT-X-MAP"))
    kind = next(line.split(":")[1] for line in lines if line.startswith("#EXT-X-PLAYLIST-TYPE"))
    return Playlist(
        is_complete="#EXT-X-ENDLIST" in lines,
        kind=kind,
        init_url=urljoin(variant, mapped.split('"')[1]),
        segments=_pieces(variant, lines),
    )


def _pieces(variant: str, lines: list[str]) -> list[Piece]:
    pieces, seconds, span = [], 0.0, None
    for line in lines:
        if line.startswith("#EXTINF:"):
            seconds = float(line[8:].rstrip(","))
        elif line.startswith("#EXT-X-BYTERANGE:"):
            size, _, offset = line[17:].partition("@")
            span = (int(offset), int(offset) + int(size) - 1)
        elif line and not line.startswith("#"):
            pieces.append(Piece(urljoin(variant, line), seconds, span))
            span = None
    return pieces
