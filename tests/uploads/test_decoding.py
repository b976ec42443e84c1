"""Files as people bring them become samples: the right ones, as many, with what the file says of itself."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soxr
from PIL import Image

from adapters.media.intake.decoder import DecoderFailed, SandboxedDecoder
from domain.kit.audio.audio_decoding import DecodedAudio, EmbeddedTags
from domain.kit.audio.media import Audio
from domain.kit.audio.unusable_audio import AudioTooLong
from tests.uploads.sounds import FLAC, FORMS, M4A, MP3, OPUS, WAV_16, WAV_32F, Form, encoded, picture, tones

# FFmpeg puts no picture into what it calls an iPod's file, and this differs in the brand alone.
MP4 = replace(M4A, container="mp4")
TAGS = {"title": "Rain on the Window", "artist": "Ada Lovelace", "album": "Notes", "genre": "ambient", "date": "1843"}
LOSSLESS = ("wav", "flac")
# Encoders without a place for their delay give back up to some frames more, and M4A may hide a frame.
SLACK = 2_400


async def decoded(data: bytes, folder: Path, max_seconds: float = 600.0) -> tuple[DecodedAudio, Audio]:
    source, samples = folder / "a file", folder / "samples"
    source.write_bytes(data)
    found = await SandboxedDecoder().decode(source, samples, max_seconds)
    return found, np.fromfile(samples, "<f4").reshape(-1, 2)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
async def test_each_accepted_format_becomes_the_samples_that_went_in(form: Form, tmp_path: Path) -> None:
    rate = 48_000 if form is OPUS else 44_100
    audio = tones(3.0, rate=rate)

    found, samples = await decoded(encoded(audio, form, rate=rate), tmp_path)

    expected = audio if rate == 44_100 else soxr.resample(audio, rate, 44_100)
    assert found.frames == len(samples)
    assert found.peak == pytest.approx(float(np.abs(samples).max()))
    assert (found.sample_rate, found.channels) == (rate, 2)
    if found.container in LOSSLESS:
        assert len(samples) == len(expected)
        assert np.abs(samples - expected).max() < 1e-4
    else:
        assert abs(len(samples) - len(expected)) <= SLACK
        assert likeness(samples, expected) > 0.98


def likeness(one: Audio, other: Audio) -> float:
    """Correlation at the best shift of up to 50 ms."""
    length = min(len(one), len(other)) - 2 * SLACK
    heard = one[SLACK : SLACK + length, 0]
    shifts = [
        np.corrcoef(heard, other[SLACK + shift : SLACK + shift + length, 0])[0, 1] for shift in range(-SLACK, SLACK, 16)
    ]
    return float(max(shifts))


@pytest.mark.parametrize("rate", [8_000, 22_050, 32_000, 48_000, 96_000, 192_000])
async def test_other_sampling_rates_become_ours_without_losing_time(rate: int, tmp_path: Path) -> None:
    found, samples = await decoded(encoded(tones(2.0, rate=rate), FLAC, rate=rate), tmp_path)

    assert abs(len(samples) - 2 * 44_100) <= 1
    assert found.sample_rate == rate


async def test_one_channel_is_heard_on_both_sides_as_loud_as_it_was(tmp_path: Path) -> None:
    audio = tones(1.0, channels=1)

    found, samples = await decoded(encoded(audio, WAV_32F), tmp_path)

    assert found.channels == 1
    assert np.array_equal(samples, np.repeat(audio, 2, axis=1))


async def test_many_channels_are_mixed_down_to_two(tmp_path: Path) -> None:
    found, samples = await decoded(encoded(tones(1.0, channels=6), FLAC), tmp_path)

    assert (found.channels, samples.shape) == (6, (44_100, 2))


@pytest.mark.parametrize("form", [FLAC, MP3, MP4], ids=["flac", "mp3", "m4a"])
async def test_tags_and_cover_in_a_file_are_read(form: Form, tmp_path: Path) -> None:
    data = encoded(tones(1.0), form, tags=TAGS, cover=None if form is FLAC else picture(300, 200))

    found, _ = await decoded(data, tmp_path)

    assert found.tags == EmbeddedTags(**TAGS)
    if form is not FLAC:
        assert found.cover is not None
        with Image.open(io.BytesIO(found.cover)) as cover:
            assert (cover.format, cover.size) == ("JPEG", (1024, 1024))
            red, green, blue = cover.convert("RGB").getpixel((512, 512))  # type: ignore[misc]
            assert red > 240 > 180 > green > 140 > 30 > blue


async def test_tags_are_single_lines_of_sane_length(tmp_path: Path) -> None:
    wild = {"title": "a\nb\x1b[31m\u202e" + "c" * 5_000, "artist": "\x00"}

    found, _ = await decoded(encoded(tones(1.0), FLAC, tags=wild), tmp_path)

    assert found.tags.title.startswith("a b")
    assert len(found.tags.title) <= 200
    assert found.tags.title.isprintable()


@pytest.mark.parametrize(
    "cover",
    [picture(9_000, 9_000, "PNG"), picture(32, 32), b"\x89PNG\r\n\x1a\n rubbish"],
    ids=["huge", "tiny", "rubbish"],
)
async def test_a_cover_that_is_none_is_left_out_and_the_music_stays(cover: bytes, tmp_path: Path) -> None:
    data = with_apic(encoded(tones(1.0), MP3), cover)

    found, samples = await decoded(data, tmp_path)

    assert found.cover is None
    assert len(samples) >= 44_100


def with_apic(mp3: bytes, cover: bytes) -> bytes:
    """An ID3v2.4 tag with one picture before the frames of the file."""
    body = b"\x00image/png\x00\x03\x00" + cover
    frame = b"APIC" + syncsafe(len(body)) + b"\x00\x00" + body
    frames = mp3[mp3.index(b"\xff\xfb") :]
    return b"ID3\x04\x00\x00" + syncsafe(len(frame)) + frame + frames


def syncsafe(size: int) -> bytes:
    return bytes(size >> shift & 127 for shift in (21, 14, 7, 0))


async def test_what_is_louder_than_full_scale_is_told_and_kept(tmp_path: Path) -> None:
    found, samples = await decoded(encoded(tones(1.0, level=1.7), WAV_32F), tmp_path)

    assert found.peak == pytest.approx(1.7, rel=1e-3)
    assert float(np.abs(samples).max()) == found.peak


async def test_a_recording_beyond_the_limit_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(AudioTooLong, match=r"0\.05 minutes"):
        await decoded(encoded(tones(5.0), MP3), tmp_path, max_seconds=3.0)
    assert (await decoded(encoded(tones(3.0), MP3), tmp_path, max_seconds=3.0))[0].frames > 0


async def test_a_decoder_that_has_to_wait_for_too_long_is_given_up_and_the_file_is_not_blamed(tmp_path: Path) -> None:
    source = tmp_path / "file"
    source.write_bytes(encoded(tones(1.0), WAV_16))
    with pytest.raises(DecoderFailed):
        await SandboxedDecoder(wall_seconds=0.01).decode(source, tmp_path / "samples", 600.0)
    assert children() == []


async def test_a_decoder_that_is_killed_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    source = tmp_path / "file"
    source.write_bytes(encoded(np.tile(tones(10.0), (30, 1)), WAV_16))
    decoding = asyncio.create_task(SandboxedDecoder().decode(source, tmp_path / "samples", 600.0))
    await asyncio.sleep(0.1)
    (decoder,) = children()
    os.kill(decoder, signal.SIGKILL)
    with pytest.raises(DecoderFailed):
        await decoding


async def test_a_decoder_gets_ready_for_a_file_that_is_on_its_way_and_reads_it_when_it_is_there(tmp_path: Path) -> None:
    # given a decoder that is ready and locked before there is a file
    source, arrived, audio = tmp_path / "file", asyncio.Event(), tones(1.0)
    decoding = asyncio.create_task(SandboxedDecoder().decode(source, tmp_path / "samples", 600.0, arrived))
    await asyncio.to_thread(until_locked)
    # when the file comes
    with source.open("wb") as file:
        file.write(encoded(audio, FLAC))
    arrived.set()
    # then all of it is read
    assert (await decoding).frames == len(audio)
    assert children() == []


# In a loop of its own: all other tests share one, and its threads.
@pytest.mark.asyncio(loop_scope="function")
async def test_decoders_that_wait_for_their_files_hold_nobody_up_who_brings_them(tmp_path: Path) -> None:
    # given one thread for everybody, and two decoders that wait
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    arrived, audio = asyncio.Event(), tones(1.0)
    sources = [tmp_path / name for name in ("one", "two")]
    waiting = [SandboxedDecoder().decode(file, tmp_path / f"{file.name}.f32", 600.0, arrived) for file in sources]
    decoding = asyncio.gather(*waiting)
    await asyncio.sleep(0.1)
    # when a thread is needed to bring the files, then it is there
    async with asyncio.timeout(20):
        for file in sources:
            await asyncio.to_thread(file.write_bytes, encoded(audio, FLAC))
        arrived.set()
        assert [found.frames for found in await decoding] == [len(audio)] * 2


async def test_a_decoder_whose_file_never_comes_ends(tmp_path: Path) -> None:
    waiting = SandboxedDecoder().decode(tmp_path / "file", tmp_path / "samples", 600.0, asyncio.Event())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await waiting
    assert children() == []


async def test_a_cancelled_decoding_leaves_no_process(tmp_path: Path) -> None:
    source = tmp_path / "file"
    source.write_bytes(encoded(tones(60.0), WAV_16))
    decoding = asyncio.create_task(SandboxedDecoder().decode(source, tmp_path / "samples", 600.0))
    await asyncio.sleep(0.1)
    decoding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await decoding
    assert children() == []


def test_a_decoder_dies_with_its_worker(tmp_path: Path) -> None:
    # given a decoder that waits for its worker to read, and a worker that is killed
    source = tmp_path / "file"
    source.write_bytes(encoded(tones(60.0), WAV_16))
    code = "import sys, time, pathlib; from adapters.media.intake.process import started\n"
    code += "print(started('adapters.media.intake.child', pathlib.Path(sys.argv[1]), '600').pid, flush=True)\n"
    code += "time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(source)], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        pid = worker.stdout.readline().strip()
        # proc(5): 2 is a filter of system calls
        while status(pid, "Seccomp") != "2":
            time.sleep(0.02)
        worker.kill()
    # then it is gone, or nobody has asked yet how it ended
    while status(pid, "State") not in ("", "Z (zombie)"):
        time.sleep(0.02)


def until_locked() -> None:
    """Until this process's decoder is; proc(5): 2 is a filter of system calls."""
    while not (decoders := children()) or status(str(decoders[0]), "Seccomp") != "2":
        time.sleep(0.02)


def status(pid: str, field: str) -> str:
    """A line of /proc/PID/status; empty for a process that is not there."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)[field]


def children() -> list[int]:
    """Ids of decoders that this process has started and that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if "media.intake.child" in line and parent == str(os.getpid()):
            found.append(int(folder.name))
    return found
