"""Audio files as people bring them, made of numpy by FFmpeg's encoders."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from domain.kit.audio.media import Audio

RATE = 44_100


@dataclass(frozen=True)
class Form:
    """A container with a codec, and the sample format that its encoder takes."""

    container: str
    codec: str
    sample_format: str
    options: Mapping[str, str] = field(default_factory=dict)
    bit_rate: int = 0


WAV_16, WAV_24 = Form("wav", "pcm_s16le", "s16"), Form("wav", "pcm_s24le", "s32")
WAV_32F, WAV_8 = Form("wav", "pcm_f32le", "flt"), Form("wav", "pcm_u8", "u8")
FLAC, MP3 = Form("flac", "flac", "s16"), Form("mp3", "libmp3lame", "fltp", bit_rate=192_000)
OPUS = Form("ogg", "libopus", "flt", bit_rate=128_000)
# FFmpeg's own encoder for it is good enough for tests and has to be asked for.
VORBIS = Form("ogg", "vorbis", "fltp", {"strict": "experimental"}, 192_000)
M4A, ADTS = Form("ipod", "aac", "fltp", bit_rate=192_000), Form("adts", "aac", "fltp", bit_rate=192_000)
FORMS = {
    "wav of 16 bits": WAV_16,
    "wav of 24 bits": WAV_24,
    "wav of floats": WAV_32F,
    "flac": FLAC,
    "mp3": MP3,
    "vorbis": VORBIS,
    "opus": OPUS,
    "m4a": M4A,
    "aac": ADTS,
}


def tones(seconds: float, channels: int = 2, rate: int = RATE, level: float = 0.5) -> Audio:
    """Chords that change every half second over a soft beat: [frames, channels]."""
    time = np.arange(round(seconds * rate)) / rate
    step = np.floor(time * 2) % 4
    base = 220.0 * 2.0 ** (np.array([0, 5, 7, 3])[step.astype(int)] / 12)
    voices = [np.sin(2 * np.pi * base * ratio * time) for ratio in (1.0, 1.25, 1.5)]
    beat = np.exp(-(time * 2 % 1) * 20) * np.sin(2 * np.pi * 60 * time)
    mono = sum(voices, np.zeros(len(time))) / 4 + beat / 2
    spread = np.linspace(1.0, 0.8, channels)
    audio: Audio = (level * mono[:, None] / np.abs(mono).max() * spread).astype(np.float32)
    return audio


def encoded(
    audio: Audio,
    form: Form = WAV_16,
    *,
    rate: int = RATE,
    tags: Mapping[str, str] | None = None,
    cover: bytes | None = None,
) -> bytes:
    """The bytes of a file. `cover` is a JPEG or PNG, for containers that take one."""
    file = io.BytesIO()
    with av.open(file, "w", format=form.container) as container:
        container.metadata.update(tags or {})
        stream: Any = container.add_stream(form.codec, rate=rate, options=dict(form.options))
        stream.layout = LAYOUTS[audio.shape[1]]
        stream.format = form.sample_format
        if form.bit_rate:
            stream.bit_rate = form.bit_rate
        picture = None if cover is None else _picture_stream(container, cover)
        if picture is not None:
            container.mux(picture)
        for start in range(0, len(audio), rate):
            container.mux(stream.encode(_frame(audio[start : start + rate], form, rate, start, stream)))
        container.mux(stream.encode(None))
    return file.getvalue()


LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


def _frame(samples: Audio, form: Form, rate: int, start: int, stream: Any) -> av.AudioFrame:
    levels = _levels(samples, form.sample_format)
    plane = levels.T if form.sample_format.endswith("p") else levels.reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(plane), form.sample_format, LAYOUTS[samples.shape[1]])
    frame.sample_rate, frame.pts = rate, start
    return frame


def _levels(samples: Audio, sample_format: str) -> npt.NDArray[Any]:
    """What an encoder of this sample format takes; 24 bits lie in the upper ones of 32."""
    levels: Mapping[str, Callable[[], npt.NDArray[Any]]] = {
        "u8": lambda: (np.rint(samples * 127) + 128).astype(np.uint8),
        "s16": lambda: np.rint(samples * 32_767).astype(np.int16),
        "s32": lambda: np.rint(samples.astype(np.float64) * 8_388_607).astype(np.int32) << 8,
        "flt": lambda: samples,
    }
    return levels[sample_format.removesuffix("p")]()


def _picture_stream(container: Any, cover: bytes) -> Any:
    with Image.open(io.BytesIO(cover)) as image:
        codec, width, height = ("png" if image.format == "PNG" else "mjpeg"), image.width, image.height
    stream = container.add_stream(codec, rate=1)
    stream.width, stream.height = width, height
    stream.pix_fmt = "rgb24" if codec == "png" else "yuvj420p"
    stream.disposition = av.stream.Disposition.attached_pic
    packet = av.Packet(cover)
    packet.stream = stream
    packet.pts = packet.dts = 0
    return packet


def picture(width: int, height: int, kind: str = "JPEG", colour: str = "orange") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind)
    return file.getvalue()
