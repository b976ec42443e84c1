"""Demuxes and decodes with FFmpeg inside the locked process: one demuxer, few decoders, no other file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import av
import av.error
import numpy as np
import numpy.typing as npt
import soxr

from adapters.media.intake.faults import BOMB, DAMAGED, LYING, NOT_AUDIO, TOO_LONG, Fault
from adapters.media.intake.sniff import Sniffed

RATE = 44_100
Samples = npt.NDArray[np.float32]

_MAX_CHANNELS, _LOWEST_RATE, _HIGHEST_RATE = 8, 4_000, 384_000
_READ_BYTES = 1 << 18
_BLOCK_FRAMES = 1 << 16
_STEREO = 2
# Opus at 6 kbit/s unpacks to about 500 times its size as float32; FLAC of one constant value to thousands.
_BOMB_RATIO, _BOMB_BYTES = 1_000, 32 << 20
# How much of a lossy stream may be broken and still count as the recording.
_BAD_SHARE, _BAD_ALWAYS, _HOPELESS = 0.01, 2, 100
# Encoders pad a recording of just the longest length that is allowed.
_GRACE_SECONDS = 0.5
_LENGTH_TOLERANCE_SECONDS, _LENGTH_TOLERANCE = 1.0, 0.02
_LYING_SHARE = 0.5
_LOSSLESS = ("wav", "flac")
# Elsewhere the declared length is an estimate of FFmpeg's.
_DECLARES_LENGTH = ("wav", "flac", "mp4")

# What whole numbers are divided by, packed ones as FFmpeg's decoders give them.
_FULL_SCALE = {"s16": np.float32(1 << 15), "s32": np.float32(1 << 31)}

_OPTIONS = {
    "protocol_whitelist": "none",
    "max_streams": "16",
    "probesize": "2000000",
    "analyzeduration": "2000000",
    "enable_drefs": "0",
}


@dataclass
class Source:
    """What was found on the way, in FFmpeg's terms; complete once all blocks were taken."""

    container: str
    codec: str = ""
    sample_rate: int = 0
    channels: int = 0
    metadata: dict[str, str] | None = None
    picture: bytes | None = None


class Decoder:
    """One file. `blocks` gives 44.1 kHz stereo [frames, 2] and fills in `source`; it raises `Fault`."""

    def __init__(self, file: BinaryIO, sniffed: Sniffed, size: int, max_seconds: float) -> None:
        self._file, self._sniffed, self._size, self._max_seconds = file, sniffed, size, max_seconds
        self.source = Source(sniffed.container)
        self._frames = self._packets = self._bad = self._unpacked = self._declared_rate = 0

    def blocks(self) -> Iterator[Samples]:
        try:
            with self._opened() as container:
                stream = self._audio_of(container)
                yield from _resampled(self._decoded(container, stream), self._note_source)
                self._check_end(stream)
        except MemoryError as error:
            raise Fault(BOMB, "It needs more memory than any recording does.") from error
        except (av.error.FFmpegError, ValueError, OverflowError) as error:
            raise Fault(DAMAGED) from error

    def _opened(self) -> Any:
        options = {
            **_OPTIONS,
            "format_whitelist": self._sniffed.demuxer,
            "codec_whitelist": ",".join((*self._sniffed.codecs, "mjpeg", "png")),
        }
        return av.open(
            self._file,
            "r",
            format=self._sniffed.demuxer,
            options=options,
            io_open=_refuse_to_open,
            buffer_size=_READ_BYTES,
            metadata_errors="replace",
        )

    def _audio_of(self, container: Any) -> Any:
        if any(stream.type == "video" and not _is_picture(stream) for stream in container.streams):
            raise Fault(NOT_AUDIO, "It holds a video.")
        if not container.streams.audio:
            raise Fault(NOT_AUDIO, "There is no sound in it.")
        stream = container.streams.audio[0]
        codec = stream.codec_context.name
        if codec not in self._sniffed.codecs:
            raise Fault(NOT_AUDIO, f"Its audio is coded as {codec}.")
        self._check_layout(stream.codec_context)
        # The header's rate makes the time base; the context may know better by now.
        self._declared_rate = stream.time_base.denominator
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"err_detect": "crccheck+explode"} if codec == "flac" else {}
        self.source.codec = codec
        self.source.metadata = {**container.metadata, **stream.metadata}
        return stream

    @staticmethod
    def _check_layout(context: Any) -> None:
        if not 1 <= context.channels <= _MAX_CHANNELS:
            raise Fault(NOT_AUDIO, f"It has {context.channels} channels; at most {_MAX_CHANNELS} are accepted.")
        if not _LOWEST_RATE <= context.sample_rate <= _HIGHEST_RATE:
            raise Fault(NOT_AUDIO, f"Its sampling rate is {context.sample_rate:,} Hz.")

    def _decoded(self, container: Any, stream: Any) -> Iterator[Any]:
        """Frames as they come out of the decoder; broken ones are counted."""
        pictures = [each for each in container.streams.video if _is_picture(each)][:1]
        for packet in self._packets_of(container, stream, *pictures):
            if packet.stream is not stream:
                self.source.picture = self.source.picture or (bytes(packet) if packet.size else None)
                continue
            self._packets += 1
            try:
                frames = packet.decode()
            except (av.error.InvalidDataError, av.error.PatchWelcomeError, av.error.BugError) as error:
                self._note_bad(error)
                continue
            for frame in frames:
                self._count(frame)
                yield frame

    def _packets_of(self, container: Any, *streams: Any) -> Iterator[Any]:
        """A demuxer that stumbles does not get up again, so what follows would be missing."""
        try:
            yield from container.demux(*streams)
        except av.error.FFmpegError as error:
            raise Fault(DAMAGED, f"It breaks off after {self._seconds:.1f} s.") from error

    def _count(self, frame: Any) -> None:
        if frame.sample_rate <= 0 or not 1 <= len(frame.layout.channels) <= _MAX_CHANNELS:
            raise Fault(DAMAGED)
        if self._sniffed.container in _LOSSLESS and frame.sample_rate != self._declared_rate:
            raise Fault(LYING, "Its sampling rate is not the declared one.")
        if self._sniffed.container == "flac" and frame.pts is not None and frame.pts != self._frames:
            # With err_detect FFmpeg leaves a broken frame out and goes on behind it.
            raise Fault(DAMAGED, f"It breaks off after {self._frames / frame.sample_rate:.1f} s.")
        self._frames += frame.samples
        self._unpacked += frame.samples * len(frame.layout.channels) * 4
        if self._unpacked > max(_BOMB_BYTES, _BOMB_RATIO * self._size):
            raise Fault(BOMB)
        if self._frames > (self._max_seconds + _GRACE_SECONDS) * frame.sample_rate:
            raise Fault(TOO_LONG)

    def _note_bad(self, error: Exception) -> None:
        self._bad += 1
        if self._sniffed.container in _LOSSLESS:
            raise Fault(DAMAGED, f"It breaks off after {self._seconds:.1f} s.") from error
        if self._bad > _HOPELESS and self._bad * 2 > self._packets:
            raise Fault(DAMAGED) from error

    def _note_source(self, rate: int, channels: int) -> None:
        self.source.sample_rate, self.source.channels = rate, channels

    @property
    def _seconds(self) -> float:
        return self._frames / self.source.sample_rate if self.source.sample_rate else 0.0

    def _check_end(self, stream: Any) -> None:
        """Whether what came out is what was promised."""
        if self._frames == 0:
            raise Fault(DAMAGED, "No sound could be read from it.")
        if self._bad > _BAD_ALWAYS + _BAD_SHARE * self._packets:
            raise Fault(DAMAGED, f"{self._bad} of its {self._packets} pieces cannot be read.")
        if self._sniffed.container in _DECLARES_LENGTH and stream.duration and stream.time_base:
            self._check_length(float(stream.duration * stream.time_base))

    def _check_length(self, declared: float) -> None:
        exact = self._sniffed.container == "flac"
        tolerance = 0.0 if exact else max(_LENGTH_TOLERANCE_SECONDS, _LENGTH_TOLERANCE * declared)
        if self._seconds > declared + tolerance or self._seconds < _LYING_SHARE * declared - tolerance:
            raise Fault(LYING, f"It declares {declared:.1f} s of audio and holds {self._seconds:.1f} s.")
        if self._seconds < declared - tolerance:
            raise Fault(DAMAGED, f"It declares {declared:.1f} s of audio and ends after {self._seconds:.1f} s.")


def _resampled(frames: Iterator[Any], note: Callable[[int, int], None]) -> Iterator[Samples]:
    """All frames as stereo at 44.1 kHz, by soxr; raises `Fault` when the form changes on the way."""
    form: tuple[int, int] | None = None
    converter = rates = None
    gathered, count = [], 0
    for frame in frames:
        found = (frame.sample_rate, len(frame.layout.channels))
        if form is None:
            form = found
            note(*form)
            converter = av.AudioResampler(format="flt", layout="stereo" if form[1] > _STEREO else frame.layout.name)
            rates = None if form[0] == RATE else soxr.ResampleStream(form[0], RATE, 2, "float32", "HQ")
        if found != form or converter is None:
            raise Fault(LYING, "Its sampling rate or its number of channels changes on the way.")
        gathered += _packed(frame, converter)
        count += frame.samples
        # Codecs give a thousand samples at a time, and each piece costs as much on its way as many together.
        if count >= _BLOCK_FRAMES:
            yield from _blocks(_stereo(np.concatenate(gathered)), rates)
            gathered, count = [], 0
    if gathered:
        yield from _blocks(_stereo(np.concatenate(gathered)), rates)
    if rates is not None:
        yield rates.resample_chunk(np.zeros((0, 2), np.float32), last=True)


def _packed(frame: Any, converter: Any) -> list[Samples]:
    """[frames, channels] as floats. Most lossy codecs give just these, lossless ones whole numbers."""
    channels = len(frame.layout.channels)
    if frame.format.name == "fltp" and channels <= _STEREO:
        return [frame.to_ndarray().T]
    if (full_scale := _FULL_SCALE.get(frame.format.name)) is not None and channels <= _STEREO:
        levels: Samples = frame.to_ndarray().reshape(-1, channels).astype(np.float32)
        levels /= full_scale
        return [levels]
    frame.pts = None
    return [part.to_ndarray().reshape(-1, min(channels, _STEREO)) for part in converter.resample(frame)]


def _stereo(samples: Samples) -> Samples:
    """[frames, 2]; a single channel is heard on both sides."""
    return np.repeat(samples, 2, axis=1) if samples.shape[1] == 1 else samples


def _blocks(samples: Samples, rates: Any) -> Iterator[Samples]:
    for start in range(0, len(samples), _BLOCK_FRAMES):
        block = np.ascontiguousarray(samples[start : start + _BLOCK_FRAMES], np.float32)
        yield block if rates is None else rates.resample_chunk(block)


def _is_picture(stream: Any) -> bool:
    """A cover, which containers keep as a video of one frame."""
    return bool(stream.type == "video" and stream.disposition & av.stream.Disposition.attached_pic)


def _refuse_to_open(url: str, flags: int, options: dict[str, Any]) -> Any:
    raise PermissionError("a file that names others is not followed")
