"""Windows and streams of the codec, on a codec made of sums that everyone can follow."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers.models.encodec.modeling_encodec import EncodecConv1d

from triton_models.codec_stream.decoding import Codes, DecodeStream, Floats, Memory
from triton_models.codec_stream.encoding import encode
from triton_models.codec_stream.shape import NAME, CodecShape, CodecShapeError, Context, read_shape
from triton_models.codec_stream.windows import Window, next_window, with_ends

HOP, WIDTH = 2, 10
SHAPE = CodecShape(
    sampling_rate=100,
    hop=HOP,
    channels=1,
    books=2,
    book_size=9,
    width=1,
    layers=1,
    padding="constant",
    codes_before=1,
    codes_after=2,
    latents=Context(3, 1, 5, 1),
    samples=Context(2, 1, 4, 1),
    normalise=False,
)


def around(values: Floats, before: int, after: int) -> Floats:
    """The sum of each place of [rows, width, places] and of those around it."""
    padded = np.pad(values, ((0, 0), (0, 0), (before, after)))
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, before + after + 1, axis=2).sum(axis=3))


class Sums:
    """A latent is all codes so far, a sample the latents around its frame, a code the features so far."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.windows: list[int] = []

    def latents(self, codes: Codes, memory: Memory) -> tuple[Floats, Memory]:
        known = np.where(codes == SHAPE.book_size, 0, codes).sum(axis=1, keepdims=True).astype(np.float32)
        inside = np.lib.stride_tricks.sliding_window_view(known, 4, axis=2).sum(axis=3)
        told = inside.cumsum(axis=2) + memory.hidden
        self.frames.append(told.shape[2])
        return told, Memory(told[:, :, -1:], memory.cell)

    def samples(self, latents: Floats) -> Floats:
        self.windows.append(latents.shape[2])
        return np.repeat(around(latents, SHAPE.latents.before, SHAPE.latents.after), HOP, axis=2)

    def features(self, samples: Floats) -> Floats:
        self.windows.append(-(-samples.shape[2] // HOP))
        whole = np.pad(samples, ((0, 0), (0, 0), (0, -samples.shape[2] % HOP)))
        frames = whole.reshape(len(samples), 1, -1, HOP).sum(axis=3)
        return around(frames, SHAPE.samples.before, SHAPE.samples.after)

    def codes(self, features: Floats) -> Codes:
        self.frames.append(features.shape[2])
        return np.round(features).astype(np.int64)


def whole_song(codes: Codes) -> Floats:
    zeros = np.zeros((len(codes), 1, 1), np.float32)
    padded = np.pad(codes, ((0, 0), (0, 0), (SHAPE.codes_before, SHAPE.codes_after)), constant_values=9)
    return Sums().samples(Sums().latents(padded, Memory(zeros, zeros))[0])


def test_every_window_but_the_last_has_the_width_asked_for() -> None:
    # Given 33 frames of which five are known at a time, when windows of ten are asked for,
    codes = np.random.default_rng(1).integers(0, 9, (2, 2, 33))
    graphs = Sums()
    stream, parts = DecodeStream(SHAPE, graphs, 2), []
    for known in range(0, 33, 5):
        stream.take(codes[:, :, known : known + 5])
        while (made := stream.next(WIDTH)) is not None:
            parts.append(made.shape[2] // HOP)
    stream.finish()
    while (made := stream.next(WIDTH)) is not None:
        parts.append(made.shape[2] // HOP)
    # then they are as wide, the last has what is missing and its context, and each frame passed the memory once.
    assert graphs.windows == [WIDTH] * 4 + [6 + SHAPE.latents.before]
    assert parts == [9, 6, 6, 6, 6]
    assert (sum(graphs.frames), stream.told) == (33, 33)


@pytest.mark.parametrize("frames", [1, 2, 4, 5, 9, 10, 11, 30])
def test_songs_of_all_lengths_come_out_whole(frames: int) -> None:
    codes = np.random.default_rng(frames).integers(0, 9, (1, 2, frames))
    stream, parts = DecodeStream(SHAPE, Sums(), 1), []
    stream.take(codes)
    stream.finish()
    while (made := stream.next(WIDTH)) is not None:
        parts.append(made)
    assert np.array_equal(np.concatenate(parts, axis=2), whole_song(codes))
    assert stream.next(WIDTH) is None


def test_nothing_is_told_before_what_it_stands_on_is_known() -> None:
    # A window of five frames needs two more codes for its latents, and tells all but its last frame.
    stream = DecodeStream(SHAPE, Sums(), 1)
    stream.take(np.zeros((1, 2, 6), np.int64))
    assert (stream.next(5), stream.told) == (None, 0)
    stream.take(np.zeros((1, 2, 1), np.int64))
    made = stream.next(5)
    assert made is not None
    assert (made.shape, stream.told) == ((1, 1, 4 * HOP), 4)
    assert stream.next(5) is None


def drained(stream: DecodeStream) -> list[Floats]:
    parts = list[Floats]()
    while (made := stream.next(WIDTH)) is not None:
        parts.append(made)
    return parts


@pytest.mark.parametrize("frames", [1, 9, 10, 30])
def test_what_is_skipped_is_heard_in_what_follows_and_nowhere_else(frames: int) -> None:
    codes = np.random.default_rng(frames).integers(0, 9, (1, 2, 40))
    graphs = Sums()
    stream = DecodeStream(SHAPE, graphs, 1)
    stream.take(codes)
    stream.skip(frames)
    stream.finish()

    parts = drained(stream)

    assert np.array_equal(np.concatenate(parts, axis=2), whole_song(codes)[:, :, frames * HOP :])
    assert sum(graphs.frames) == 40


def test_a_fork_goes_its_own_way() -> None:
    # Given a stream of which something was told
    codes = np.random.default_rng(2).integers(0, 9, (1, 2, 40))
    stream = DecodeStream(SHAPE, Sums(), 1)
    stream.take(codes[:, :, :25])
    parts = drained(stream)
    told = stream.told

    # when a fork of it goes on with other frames to an end of its own
    other = np.concatenate([codes[:, :, :25], codes[:, :, :7]], axis=2)
    fork = stream.fork()
    fork.take(codes[:, :, :7])
    fork.finish()

    # then each is right
    assert np.array_equal(np.concatenate(drained(fork), axis=2), whole_song(other)[:, :, told * HOP :])
    stream.take(codes[:, :, 25:])
    stream.finish()
    assert np.array_equal(np.concatenate([*parts, *drained(stream)], axis=2), whole_song(codes))


def test_a_song_of_nothing_has_no_samples() -> None:
    stream = DecodeStream(SHAPE, Sums(), 1)
    stream.finish()
    assert stream.next(WIDTH) is None


@pytest.mark.parametrize("samples", [1, 7, 8, 40, 41])
def test_songs_are_encoded_in_windows_as_they_are_whole(samples: int) -> None:
    given = np.random.default_rng(samples).integers(-9, 9, (2, 1, samples)).astype(np.float32)
    graphs = Sums()
    found = encode(SHAPE, graphs, given, WIDTH)
    assert np.array_equal(found.codes, Sums().codes(Sums().features(given)))
    frames = -(-samples // HOP)
    assert (graphs.frames, max(graphs.windows)) == ([frames], min(frames, WIDTH))
    assert found.loudness.tolist() == [1.0, 1.0]


def test_a_window_too_narrow_for_its_context_is_refused() -> None:
    with pytest.raises(ValueError, match="a window has 5 frames at least, not 4"):
        next_window(SHAPE.latents, 4, kept=0, first=0, known=20, finished=False)


def test_the_last_window_reaches_back_no_further_than_what_was_kept() -> None:
    assert next_window(SHAPE.latents, 20, kept=7, first=10, known=15, finished=True) == Window(7, 15, 10, 15)
    assert next_window(SHAPE.latents, 5, kept=7, first=10, known=15, finished=True) == Window(7, 12, 10, 11)


@pytest.mark.parametrize("padding", ["reflect", "edge", "constant"])
@pytest.mark.parametrize("length", [1, 2, 3, 4, 9])
def test_beyond_the_ends_stands_what_transformers_puts_there(padding: str, length: int) -> None:
    # Given frames of which each has its number, when transformers pads them by three and two,
    numbers = torch.arange(1.0, length + 1)[None, None]
    mode = {"edge": "replicate"}.get(padding, padding)
    wanted = EncodecConv1d._pad1d(numbers, (3, 2), mode)[0, 0].numpy()
    # then those that stand where it put them are the same, and none is nought.
    with_none = np.append(numbers[0, 0].numpy(), 0.0)
    found = with_none[with_ends(-3, length + 2, length, padding, mirrored=4)]
    assert found.tolist() == wanted.tolist()
    assert with_none[with_ends(0, length, length, padding, mirrored=4)].tolist() == numbers[0, 0].tolist()


def test_the_shape_is_read_from_beside_the_graphs(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(json.dumps(asdict(SHAPE)))
    assert read_shape(tmp_path) == SHAPE


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", r"codec\.json: Expecting"),
        ("[]", r"codec\.json: "),
        (json.dumps({**asdict(SHAPE), "latents": {}}), r"codec\.json: 'before'"),
        (
            json.dumps(asdict(replace(SHAPE, padding="circular"))),
            r"codec\.json: padding is 'circular', it must be one of",
        ),
    ],
)
def test_what_describes_no_codec_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(CodecShapeError, match=sentence):
        read_shape(tmp_path)
