"""EnCodec's graphs in onnxruntime give what transformers gives: samples within 1e-4, and the same codes."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from model_export.musicgen.codec_architecture import read_architecture
from model_export.musicgen.codec_parity import Agreement, agreement, decoded, random_codes, random_samples
from model_export.musicgen.codec_runs import decode
from model_export.musicgen.errors import ModelNotSupportedError
from tests.musicgen.codecs import KINDS, ExportedCodec, exported
from triton_models.codec_stream.channels import rows_of, song_of
from triton_models.codec_stream.decoding import DecodeStream, SongTooShortError
from triton_models.codec_stream.encoding import encode

Codecs = Callable[[str], ExportedCodec]
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def codecs(tmp_path_factory: pytest.TempPathFactory) -> Codecs:
    return cache(lambda kind: exported(tmp_path_factory.mktemp("codec"), kind))


@pytest.mark.parametrize("kind", KINDS)
def test_songs_of_any_length_are_decoded_whole_and_in_windows(codecs: Codecs, kind: str) -> None:
    codec = codecs(kind)
    fewest = codec.shape.latents.fewest
    for frames in (codec.shape.latents.shortest, fewest + 1, 41):
        codes = random_codes(codec.shape, frames)
        found = decoded(codec.shape, codec.runs, codec.reference, codes, (fewest, fewest + 1, 17))
        assert max(found.whole, found.windows) < TOLERANCE < found.peak


@pytest.mark.parametrize("kind", KINDS)
def test_a_song_is_the_same_however_its_codes_arrive_and_its_windows_grow(codecs: Codecs, kind: str) -> None:
    codec, chance = codecs(kind), np.random.default_rng(8)
    codes = random_codes(codec.shape, 60)
    for _ in range(4):
        # Given codes that come in pieces of random length, when windows of random width are asked for in between,
        stream, given, parts = DecodeStream(codec.shape, codec.runs, len(codes)), 0, []
        while given < 60 or stream.told < 60:
            pace = int(chance.integers(1, 12))
            stream.take(codes[:, :, given : given + pace])
            given = min(60, given + pace)
            if given == 60:
                stream.finish()
            while (made := stream.next(codec.shape.latents.fewest + int(chance.integers(0, 20)))) is not None:
                parts.append(made)
        # then they join to the whole song.
        assert np.abs(np.concatenate(parts, axis=2) - codec.reference.decode(codes)).max() < TOLERANCE


@pytest.mark.parametrize("kind", KINDS)
def test_songs_of_any_length_have_the_codes_of_the_published_encoder(codecs: Codecs, kind: str) -> None:
    codec = codecs(kind)
    hop, shortest = codec.shape.hop, codec.shape.samples.shortest
    for samples in ((shortest - 1) * hop + 1, 30 * hop, 57 * hop - 1):
        given = random_samples(codec.shape, samples)
        found = agreement(codec.shape, codec.runs, codec.reference, codec.weights, given, tie=1e-5)
        frames = 2 * -(-samples // hop)
        assert found == Agreement(frames, same=frames - found.ties, ties=found.ties)
        assert found.ties <= 1
    # Not because there were few to choose from: hardly a frame is like another.
    wanted, _ = codec.reference.encode(random_samples(codec.shape, 57 * hop), codec.shape.books)
    different = np.unique(wanted.swapaxes(0, 1).reshape(codec.shape.books, -1), axis=1)
    assert different.shape[1] > 100


def test_what_was_levelled_comes_back_at_its_level(codecs: Codecs) -> None:
    # Given a loud and a quiet row of the same sound, when both are encoded, then only their loudness differs.
    codec = codecs("level kept apart")
    sound = random_samples(codec.shape, 400)[:1]
    found = encode(codec.shape, codec.runs, np.concatenate([sound, 0.25 * sound]), 20)
    assert np.array_equal(found.codes[0], found.codes[1])
    assert found.loudness == pytest.approx([np.sqrt(np.mean(sound**2)), 0.25 * np.sqrt(np.mean(sound**2))], rel=1e-5)
    assert encode(codecs("causal").shape, codecs("causal").runs, sound, 20).loudness.tolist() == [1.0]


def test_left_and_right_of_a_stereo_song_are_rows_of_the_codec(codecs: Codecs) -> None:
    # Given eight books, those of left and right in turns, as transformers takes them apart before it decodes,
    codec = codecs("as published")
    song = np.random.default_rng(2).integers(0, codec.shape.book_size, (8, 20))
    left, right = codec.reference.decode(np.stack([song[0::2], song[1::2]]))
    # when they are decoded as two rows, then both channels are there, and back again it is the same song.
    found = decode(codec.shape, codec.runs, rows_of(song, 2))
    assert np.abs(found - np.stack([left, right])).max() < TOLERANCE
    assert np.array_equal(song_of(rows_of(song, 2)), song)
    assert np.array_equal(rows_of(song[:4], 1)[0], song[:4])


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_is_heard_exactly_as_far_as_the_layers_say(codecs: Codecs, kind: str) -> None:
    # Given the latents of a song, when one frame of them is changed, then the frames around it sound different that
    # have it in their context, and no others.
    codec, place = codecs(kind), 20
    latents = np.random.default_rng(5).normal(size=(1, codec.shape.width, 41)).astype(np.float32)
    changed = latents.copy()
    changed[:, :, place] += 1.0
    away = np.abs(codec.runs.samples(latents) - codec.runs.samples(changed)).reshape(41, -1).max(axis=1)
    context = codec.shape.latents
    assert np.flatnonzero(away).tolist() == list(range(place - context.after, place + context.before + 1))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("norm_type", "time_group_norm", "audio_encoder.norm_type is 'time_group_norm', only 'weight_norm'"),
        ("pad_mode", "circular", "audio_encoder.pad_mode is 'circular', only 'reflect', 'replicate', 'constant'"),
        ("codebook_dim", 5, "audio_encoder.codebook_dim is 5, only 16"),
    ],
)
def test_a_codec_that_cannot_be_streamed_is_refused(codecs: Codecs, field: str, value: object, sentence: str) -> None:
    raw = {**codecs("as published").checkpoint.config.codec.raw, field: value}
    with pytest.raises(ModelNotSupportedError, match=f"{sentence} can be exported"):
        read_architecture(raw, 4)


def test_a_song_shorter_than_what_is_mirrored_is_refused(codecs: Codecs) -> None:
    codec = codecs("even kernels")
    assert (codec.shape.latents.shortest, codec.shape.samples.shortest) == (2, 3)
    stream = DecodeStream(codec.shape, codec.runs, 1)
    stream.take(random_codes(codec.shape, 1)[:1])
    with pytest.raises(SongTooShortError, match="a song of 1 frames is too short for this codec, which needs 2"):
        stream.finish()
    with pytest.raises(SongTooShortError):
        encode(codec.shape, codec.runs, random_samples(codec.shape, 9), 20)
