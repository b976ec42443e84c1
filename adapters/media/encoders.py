"""Audio files that are encoded while the audio arrives: FLAC of 24 or 16 bits and MP3 of 320 kbit/s."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from adapters.media.spectrum import SAMPLE_RATE
from adapters.media.storage import WorkFolder, room_for
from domain.kit.audio.media import Audio

COVER_ROOM = 160 * 1024

_TIME_BASE = Fraction(1, SAMPLE_RATE)
# LAME at quality 7 costs half of quality 5; at 320 kbit/s its noise measured the same on rendered songs.
_MP3_OPTIONS = {"compression_level": "7"}
_FLAC_OPTIONS = {"compression_level": "5"}

Quantiser = Callable[[Audio], npt.NDArray[Any]]


def quantised_24(audio: Audio) -> npt.NDArray[np.int32]:
    """Nearest 24-bit values in the upper bits of int32, clipped at full scale."""
    # float32 holds every value of 24 bits and scales by a power of two exactly.
    levels = audio * np.float32(8_388_608)
    np.rint(levels, out=levels)
    np.clip(levels, -8_388_608, 8_388_607, out=levels)
    shifted: npt.NDArray[np.int32] = levels.astype(np.int32)
    shifted <<= 8
    return shifted


def quantised_16(audio: Audio) -> npt.NDArray[np.int16]:
    """Nearest 16-bit values, clipped at full scale."""
    levels: npt.NDArray[np.int16] = np.clip(np.rint(audio * np.float32(32_768)), -32_768, 32_767).astype(np.int16)
    return levels


def clipped(audio: Audio) -> Audio:
    """Floats within -1..1, as the lossy encoders want them."""
    return np.clip(audio, -1.0, 1.0)


def audio_frame(samples: npt.NDArray[Any], sample_format: str, start: int) -> av.AudioFrame:
    """An FFmpeg frame of `samples` [frames, 2] that begins at sample `start`."""
    planar = sample_format.endswith("p")
    plane = np.ascontiguousarray(samples.T) if planar else np.ascontiguousarray(samples).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(plane, format=sample_format, layout="stereo")
    frame.sample_rate = SAMPLE_RATE
    frame.time_base = _TIME_BASE
    frame.pts = start
    return frame


class AudioFile:
    """One file of stereo audio in a working folder. `StorageFull` from any call; then only `discard` may follow."""

    def __init__(
        self,
        folder: WorkFolder,
        name: str,
        *,
        container: str,
        codec: str,
        sample_format: str,
        quantiser: Quantiser,
        metadata: Mapping[str, str],
        options: Mapping[str, str],
        bit_rate: int = 0,
        padding: int = COVER_ROOM,
    ) -> None:
        self.name, self.path = name, folder.path / name
        self._format, self._quantiser, self._frames = sample_format, quantiser, 0
        self._file = folder.create(name)
        self._container = av.open(
            self._file, "w", format=container, options={"metadata_header_padding": str(padding), "fflags": "+bitexact"}
        )
        self._container.metadata.update(metadata)
        stream = self._container.add_stream(codec, rate=SAMPLE_RATE, options=dict(options))
        if not isinstance(stream, av.AudioStream):
            raise ValueError(f"{codec} is no audio codec.")
        self._stream = stream
        self._stream.layout = "stereo"
        self._stream.format = sample_format
        if bit_rate:
            self._stream.bit_rate = bit_rate

    def write(self, audio: Audio) -> None:
        """Appends [frames, 2]."""
        frame = audio_frame(self._quantiser(audio), self._format, self._frames)
        self._frames += len(audio)
        with room_for(self.name):
            self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Writes what the encoder still holds and the final header."""
        with room_for(self.name):
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._file.close()

    def discard(self) -> None:
        """Lets go of the encoder; the working folder closes and removes the file."""
        with suppress(OSError, ValueError, av.FFmpegError):
            self._container.close()


def master_flac(folder: WorkFolder, name: str, metadata: Mapping[str, str]) -> AudioFile:
    """24 bit: a mastered float mix keeps its head room for further work, and needs no dither."""
    return AudioFile(
        folder,
        name,
        container="flac",
        codec="flac",
        sample_format="s32",
        quantiser=quantised_24,
        metadata=metadata,
        options=_FLAC_OPTIONS,
    )


def stem_flac(folder: WorkFolder, name: str, metadata: Mapping[str, str]) -> AudioFile:
    """16 bit, a third smaller than 24: stems are for remixing by ear, their sum is not the master."""
    return AudioFile(
        folder,
        name,
        container="flac",
        codec="flac",
        sample_format="s16",
        quantiser=quantised_16,
        metadata=metadata,
        options=_FLAC_OPTIONS,
        padding=1024,
    )


def download_mp3(folder: WorkFolder, name: str, metadata: Mapping[str, str], bit_rate: int = 320_000) -> AudioFile:
    """Constant bit rate with ID3v2.4 and a LAME header, so that players skip the encoder's delay."""
    return AudioFile(
        folder,
        name,
        container="mp3",
        codec="libmp3lame",
        sample_format="fltp",
        quantiser=clipped,
        metadata=metadata,
        options=_MP3_OPTIONS,
        bit_rate=bit_rate,
    )
