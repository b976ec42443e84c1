"""Playlists, without a server."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.playback.model import Rendition, Segment, Variant, master_playlist, media_playlist
from tests.playback.playlists import VARIANTS, attributes, parse_master, parse_media

# The lengths that cutting at AAC frames around 1 s (at first) and 2 s can give.
LENGTHS = st.floats(0.01, 2.4)


def rendition(lengths: list[float], *, is_complete: bool = False) -> Rendition:
    segments = tuple(Segment(f"seg-{number:05d}.m4s", length) for number, length in enumerate(lengths))
    return Rendition("version", "track", "owner", "job", 1, "songs/1", VARIANTS, segments, is_complete)


@given(st.lists(LENGTHS, max_size=40))
def test_a_growing_playlist_only_gains_lines(lengths: list[float]) -> None:
    before = media_playlist(rendition(lengths[:-1]), "96k")
    after = media_playlist(rendition(lengths), "96k")
    assert after.startswith(before)
    playlist = parse_media(after)
    assert (playlist.tags["EXT-X-PLAYLIST-TYPE"], playlist.ended, playlist.target) == ("EVENT", False, 2)
    assert [address for _, address in playlist.segments] == [f"seg-{n:05d}.m4s" for n in range(len(lengths))]


@given(st.lists(st.floats(0.01, 30.0), min_size=1, max_size=40))
def test_a_complete_playlist_is_as_long_as_its_segments(lengths: list[float]) -> None:
    playlist = parse_media(media_playlist(rendition(lengths, is_complete=True), "96k"))
    assert (playlist.tags["EXT-X-PLAYLIST-TYPE"], playlist.ended) == ("VOD", True)
    assert abs(playlist.seconds - sum(lengths)) <= 1e-6 * len(lengths)
    assert playlist.target == max(2, *(int(length + 0.5) for length in lengths))


@given(st.lists(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), min_size=1, max_size=5), max_size=5))
def test_segments_that_share_an_object_lie_one_behind_the_other(objects: list[list[tuple[int, int]]]) -> None:
    # given objects with the sizes of their segments at both rungs; one alone is a whole object
    segments = [
        Segment(f"seg-{number}.m4s", 2.0, sizes if len(inside) > 1 else ())
        for number, inside in enumerate(objects)
        for sizes in inside
    ]
    shared = replace(rendition([]), segments=tuple(segments))
    for rung, variant in enumerate(VARIANTS):
        # when its playlist is read
        playlist = parse_media(media_playlist(shared, variant.name))
        # then each segment begins where the one before it ends
        expected = [
            (sum(sizes[rung] for sizes in inside[:place]), inside[place][rung]) if len(inside) > 1 else None
            for inside in objects
            for place in range(len(inside))
        ]
        assert playlist.spans == expected
        assert [address for _, address in playlist.segments] == [segment.name for segment in segments]


@given(st.lists(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), min_size=1, max_size=5), max_size=5))
def test_an_object_of_all_variants_has_one_behind_the_other(objects: list[list[tuple[int, int]]]) -> None:
    # given objects that hold both rungs, those of the first before those of the second
    segments = [
        Segment(f"seg-{number}.m4s", 2.0, sizes, holds_all=True)
        for number, inside in enumerate(objects)
        for sizes in inside
    ]
    shared = replace(rendition([]), segments=tuple(segments))
    for rung, variant in enumerate(VARIANTS):
        # when its playlist is read
        playlist = parse_media(media_playlist(shared, variant.name))
        # then each segment begins where the one before it ends, and those of the second rung behind all of the first
        expected = [
            (rung * sum(first for first, _ in inside) + sum(sizes[rung] for sizes in inside[:place]), sizes[rung])
            for inside in objects
            for place, sizes in enumerate(inside)
        ]
        assert playlist.spans == expected
        # and both rungs lie in the same objects, beside the folders of what is a rung's own
        assert {shared.key_of(variant.name, segment.name) for segment in segments} == {
            f"songs/1/{segment.name}" for segment in segments
        }
    assert shared.object_keys() == {f"songs/1/{segment.name}" for segment in segments} | {
        f"songs/1/{variant.name}/init.mp4" for variant in VARIANTS
    }


def test_a_playlist_without_segments_is_one_already() -> None:
    playlist = parse_media(media_playlist(rendition([]), "96k"))
    assert (playlist.segments, playlist.target, playlist.ended) == ([], 2, False)


def test_the_master_playlist_names_each_variant_the_leanest_first() -> None:
    assert parse_master(master_playlist(rendition([2.0]))) == [
        ({"BANDWIDTH": "110000", "CODECS": "mp4a.40.2"}, "96k/audio.m3u8"),
        ({"BANDWIDTH": "356000", "CODECS": "mp4a.40.2"}, "320k/audio.m3u8"),
    ]


def test_a_rendition_from_before_there_was_a_ladder_has_one_variant_in_its_own_folder() -> None:
    old = replace(rendition([2.0]), variants=(Variant("", 210_000),))
    assert parse_master(master_playlist(old)) == [({"BANDWIDTH": "210000", "CODECS": "mp4a.40.2"}, "audio.m3u8")]
    assert old.key_of("", "init.mp4") == "songs/1/init.mp4"
    assert old.key_of("96k", "init.mp4") is None


def test_only_files_of_the_playlist_have_a_key() -> None:
    found = rendition([2.0, 2.0])
    assert found.key_of("96k", "init.mp4") == "songs/1/96k/init.mp4"
    assert found.key_of("320k", "seg-00001.m4s") == "songs/1/320k/seg-00001.m4s"
    for name in ("seg-00002.m4s", "", ".", "..", "../init.mp4", "master.flac", "init.mp4\0"):
        assert found.key_of("96k", name) is None
    for variant in ("", "160k", ".", "..", "96k/.."):
        assert found.key_of(variant, "init.mp4") is None


def test_attributes_are_read_with_commas_in_quotes() -> None:
    assert attributes('BANDWIDTH=1,CODECS="mp4a.40.2,avc1",X="y"') == {
        "BANDWIDTH": "1",
        "CODECS": "mp4a.40.2,avc1",
        "X": "y",
    }
