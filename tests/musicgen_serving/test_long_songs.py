"""Songs of several windows: what they begin with, how they join, and who is heard in between."""

import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tests.musicgen_serving.conftest import WORDS, Checkpoints, Served
from tests.musicgen_serving.test_desk import PATIENCE, TOLERANCE, Waiting, fail, greedy, instrument, open_desk
from triton_models.code_books.delay_pattern import Codes
from triton_models.code_books.frames import FrameReader
from triton_models.codec_stream.channels import rows_of
from triton_models.codec_stream.decoding import Floats
from triton_models.generation_core.errors import RequestCancelledError
from triton_models.generation_core.request import Sampling
from triton_models.generation_core.runner import Runner
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.musicgen.joins import best_join, frame_levels, spectral_flux
from triton_models.musicgen.result_cache import ResultCache
from triton_models.musicgen.songs import Reference, Wish, request_of, window_seed
from triton_models.musicgen.sound import Sound
from triton_models.musicgen.window_plan import Window, WindowSizes
from triton_models.musicgen.windowed_song import WindowedSong
from triton_models.step_graph.code_books import CodeBookSettings

GREEDY = Sampling(temperature=0.0)
# Windows of 1.4 s in which 0.6 s are new, of models with 50 frames a second.
SMALL = WindowSizes(70, 40, 6)
WHOLE = WindowSizes(256, 100, 17)


@pytest.mark.parametrize("kind", ["mono", "stereo", "melody"])
def test_a_window_goes_on_as_the_published_model_does(checkpoints: Checkpoints, kind: str) -> None:
    # Given what transformers makes of a text behind frames that are given
    served = checkpoints(kind)
    given = np.random.default_rng(5).integers(0, 64, (served.pattern.books, 30))
    steps = served.pattern.positions(90) - 31
    wanted = served.reference.generate(WORDS, np.ones_like(WORDS), steps, 3.0, given).codes
    model = served.open(CodeBookSettings(260, 2, 16))
    runner = Runner(Scheduler(model, Limits(prompt_chunk=16)), "window")

    # when a window of a song begins with them
    window, wish = Window(0, 0, 30, 60, 0), served.wish(60, sampling=GREEDY)
    chunks = list(runner.submit(request_of("a", wish, window, given, served.pattern, 10)))
    runner.close()

    # then it has the same frames behind them, and what was drawn first is what was given
    drawn = np.concatenate([chunk.tokens for chunk in chunks])
    assert np.array_equal(FrameReader(served.pattern).take(drawn), FrameReader(served.pattern).take(wanted.T))
    assert drawn[0, -1] == given[-1, 30 - served.pattern.longest]


def drawn_by_hand(served: Served, wish: Wish, sizes: WindowSizes) -> tuple[Floats, Codes, list[int]]:
    """The song, and where its windows join, in frames."""
    model = served.open(CodeBookSettings(sizes.frames + 4, 2, 16))
    runner = Runner(Scheduler(model, Limits()), "by hand")
    made = instrument(served)
    song, sound = WindowedSong(wish, sizes, served.pattern), Sound(made, wish.reference)
    parts, joins = list[Floats](), list[int]()

    def hear(codes: Codes) -> None:
        sound.take(codes)
        while (samples := sound.next()) is not None:
            parts.append(samples)

    while (begun := song.begin()) is not None:
        for chunk in runner.submit(request_of("a", wish, *begun, served.pattern, made.every)):
            hear(song.take(chunk.tokens))
        if tail := song.held.shape[1]:
            preview = sound.preview(song.held)
            hear(song.join(best_join(preview, served.shape.hop, tail, sound.level(preview))))
        else:
            song.join(0)
        joins.append(song.codes.shape[1])
    sound.finish()
    hear(song.held)
    runner.close()
    return np.concatenate(parts, axis=1), song.codes.astype(np.int64), joins[:-1]


def apart(served: Served, codes: Codes, joins: list[int]) -> Floats:
    """The same codes, of which every window is decoded by itself."""
    parts = list[Floats]()
    for piece in np.split(codes, joins, axis=1):
        sound = Sound(instrument(served))
        sound.take(piece)
        sound.finish()
        while (samples := sound.next()) is not None:
            parts.append(samples)
    return np.concatenate(parts, axis=1)


def test_the_windows_of_a_song_sound_as_one_song(checkpoints: Checkpoints) -> None:
    # Given what is drawn for a song of many windows,
    served = checkpoints("stereo")
    song, codes, joins = drawn_by_hand(served, served.wish(300, seed=3), SMALL)
    assert len(joins) >= 8
    # when the published codec decodes it whole, and when each window is decoded by itself,
    whole = served.codec.decode(rows_of(codes, 2))[:, 0]
    pieces = apart(served, codes, joins)

    # then only the latter are heard to be pieces
    assert np.abs(song - whole).max() < TOLERANCE
    places = np.array(joins) * served.shape.hop
    assert np.abs(pieces - whole)[:, places].max() > 10 * TOLERANCE


def test_joins_are_no_louder_and_no_newer_than_the_rest_of_the_song(checkpoints: Checkpoints) -> None:
    # Given songs of many windows, of which it is known where they join
    served = checkpoints("stereo")
    hop, outside, count = served.shape.hop, {"flux": 0, "step": 0}, 0
    for seed in range(3):
        song, _, joins = drawn_by_hand(served, served.wish(600, seed=seed), SMALL)
        count += len(joins)
        # when spectra and levels are followed through the song
        levels = frame_levels(song, hop)[25:]
        steps = np.abs(np.diff(levels, append=levels[-1:]))
        for name, values, at in (("flux", spectral_flux(song, hop), joins), ("step", steps, np.array(joins) - 25)):
            low, high = np.percentile(values, [1, 99])
            outside[name] += int(((values[at] < low) | (values[at] > high)).sum())

    # then hardly more of them than two in a hundred are where two in a hundred are
    assert count >= 50
    assert max(outside.values()) <= 4


def test_a_long_song_is_what_it_is_by_hand_whoever_else_is_heard(checkpoints: Checkpoints) -> None:
    # Given three songs of many windows, two of which are equal
    served = checkpoints("mono")
    listeners = [Waiting() for _ in range(3)]
    with open_desk(served, sizes=SMALL) as desk:
        for seed, listener in zip((4, 5, 4), listeners, strict=True):
            desk.submit(partial(served.wish, 200, seed=seed), listener)
        first, other, second = (listener.song() for listener in listeners)

    wanted, codes, _ = drawn_by_hand(served, served.wish(200, seed=4), SMALL)
    assert codes.shape == (4, 200)
    assert np.array_equal(first, wanted)
    assert np.array_equal(second, wanted)
    assert not np.array_equal(other, wanted)


def test_a_short_song_waits_for_a_window_of_a_long_one_and_not_for_its_end(checkpoints: Checkpoints) -> None:
    # Given slots for one guided song, which a long one has
    served = checkpoints("mono")
    long, short = Waiting(), Waiting()
    with open_desk(served, sizes=SMALL, slots=2) as desk:
        desk.submit(partial(served.wish, 1500, owner="a"), long)
        assert long.begun.wait(PATIENCE)

        # when another wants a short one, then it has ended long before
        desk.submit(partial(served.wish, 30, owner="b"), short)
        assert short.song().shape == (1, 30 * served.shape.hop)
        heard = sum(part.shape[1] for part in long.parts)
        assert not long.ended.is_set()
        assert heard < 750 * served.shape.hop


def test_who_leaves_a_long_song_ends_it_in_any_window(checkpoints: Checkpoints) -> None:
    served, gone, whole = checkpoints("mono"), Waiting(wants=4), Waiting()
    with open_desk(served, sizes=SMALL, slots=2) as desk:
        desk.submit(partial(served.wish, 5000), gone)
        assert gone.ended.wait(PATIENCE)
        assert isinstance(gone.error, RequestCancelledError)
        desk.submit(greedy(served, 30), whole)
        assert whole.song().shape[1] == 30 * served.shape.hop


@pytest.mark.parametrize("frames", [20, 40])
def test_a_song_goes_on_with_another_as_one_song(checkpoints: Checkpoints, frames: int) -> None:
    # Given codes of a song that a window may begin with,
    served = checkpoints("stereo")
    before = np.random.default_rng(8).integers(0, 64, (8, frames))
    wish = replace(served.wish(120, seed=2), reference=Reference(before, np.ones(2, np.float32)))

    song, codes, joins = drawn_by_hand(served, wish, SMALL)
    with open_desk(served, sizes=SMALL) as desk:
        heard = Waiting()
        desk.submit(lambda: wish, heard)
        assert np.array_equal(heard.song(), song)

    # then what is heard is what the published codec decodes behind it from both
    whole = served.codec.decode(rows_of(np.concatenate([before, codes], axis=1), 2))[:, 0, frames * served.shape.hop :]
    assert len(joins) >= 3
    assert song.shape == (2, 120 * served.shape.hop)
    assert np.abs(song - whole).max() < TOLERANCE
    # and the level that the codec kept apart is put back
    louder = replace(wish, reference=Reference(before, np.full(2, 2.0, np.float32)))
    assert np.abs(drawn_by_hand(served, louder, WHOLE)[0] - 2 * drawn_by_hand(served, wish, WHOLE)[0]).max() < TOLERANCE


def test_a_song_that_was_made_is_heard_again_in_every_bit_and_nothing_is_drawn(checkpoints: Checkpoints) -> None:
    # Given a song that goes on with another, and was heard
    served, cache = checkpoints("stereo"), ResultCache(1 << 16)
    before = np.random.default_rng(8).integers(0, 64, (8, 20))
    wish = replace(served.wish(300, seed=2), reference=Reference(before, np.full(2, 0.7, np.float32)))
    first, again, gone, other = Waiting(), Waiting(), Waiting(wants=2), Waiting()
    with open_desk(served, sizes=SMALL, cache=cache) as desk:
        desk.submit(lambda: wish, first, b"a")
        first.song()

        # when it is asked for again, then no wish is asked for, in whatever parts it is heard
        desk.submit(lambda: fail(threading.Event()), again, b"a")
        assert np.array_equal(again.song(), first.song())
        assert [part.shape for part in again.parts] == [part.shape for part in first.parts]
        # and who leaves is told, and a song that was left is not kept
        desk.submit(lambda: fail(threading.Event()), gone, b"a")
        assert gone.ended.wait(PATIENCE)
        left = Waiting(wants=2)
        desk.submit(lambda: wish, left, b"b")
        assert left.ended.wait(PATIENCE)
        desk.submit(partial(served.wish, 30), other, b"c")
        other.song()

    assert [isinstance(each.error, RequestCancelledError) for each in (gone, left)] == [True, True]
    assert (cache.numbers().hits, cache.numbers().misses, cache.numbers().songs) == (2, 3, 2)
    assert cache.numbers().size == 8 * (300 + 30) + before.nbytes + 8


def test_windows_have_seeds_of_their_own() -> None:
    seeds = [window_seed(seed, number) for seed in (0, 1, 2**63 - 1) for number in range(20)]

    assert [window_seed(seed, 0) for seed in (0, 1, 2**63 - 1)] == [0, 1, 2**63 - 1]
    assert len(set(seeds)) == 60
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert (window_seed(7, 1), window_seed(7, 2)) == (2021251017632032385, 8779501138110131270)
