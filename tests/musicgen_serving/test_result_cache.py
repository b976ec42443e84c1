"""Which songs are kept, and what tells one from another."""

from dataclasses import replace

import numpy as np

from triton_models.generation_core.request import Priority
from triton_models.musicgen.requests import AskedSection, parse_request
from triton_models.musicgen.result_cache import CacheNumbers, KeptSong, ResultCache, key_of
from triton_models.musicgen.songs import Reference

WANTED = parse_request(b'{"schema": "cadenza.audio/1", "prompt": "jazz", "duration_seconds": 2, "seed": 1}')


def song(frames: int) -> KeptSong:
    return KeptSong(np.zeros((4, frames), np.uint16), None)


def test_what_was_used_longest_ago_goes_first() -> None:
    # Given room for three songs, of which the first was asked for last
    cache = ResultCache(2400)
    songs = {name: song(100) for name in (b"a", b"b", b"c", b"d")}
    for name in (b"a", b"b", b"c"):
        cache.keep(name, songs[name])
    assert cache.find(b"a") is songs[b"a"]

    cache.keep(b"d", songs[b"d"])

    assert cache.find(b"b") is None
    assert [cache.find(name) is songs[name] for name in (b"a", b"c", b"d")] == [True] * 3
    assert cache.numbers() == CacheNumbers(hits=4, misses=1, songs=3, size=2400)


def test_a_song_larger_than_all_room_is_not_kept_and_drives_nothing_out() -> None:
    cache = ResultCache(2400)
    cache.keep(b"a", song(100))
    reference = Reference(np.zeros((4, 30), np.uint16), np.ones(1, np.float32))

    cache.keep(b"b", song(301))
    cache.keep(b"c", KeptSong(song(100).codes, reference))

    assert [cache.find(name) is None for name in (b"a", b"b", b"c")] == [False, True, False]
    assert cache.numbers().size == 2 * 800 + 240 + 4
    assert ResultCache(0).find(b"a") is None


def test_keys_differ_by_all_that_is_heard_and_nothing_else() -> None:
    sound = np.arange(4, dtype=np.float32)[None]
    same = [WANTED, replace(WANTED, owner="b"), replace(WANTED, priority=Priority.BATCH)]
    others = [
        replace(WANTED, seed=2),
        replace(WANTED, guidance=2.0),
        replace(WANTED, sampling=replace(WANTED.sampling, top_k=3)),
        replace(WANTED, sections=(AskedSection("jazz", 3.0),)),
        replace(WANTED, sections=(AskedSection("rock", 2.0),)),
        replace(WANTED, sections=(AskedSection("jazz", 1.0), AskedSection("jazz", 1.0))),
    ]

    assert len({key_of(each, None, ["a", 1]) for each in same}) == 1
    keys = [key_of(each, None, ["a", 1]) for each in [WANTED, *others]]
    keys += [key_of(WANTED, None, ["b", 1]), key_of(WANTED, sound, ["a", 1]), key_of(WANTED, sound + 1, ["a", 1])]
    assert len(set(keys)) == len(keys)
    assert {len(key) for key in keys} == {32}
