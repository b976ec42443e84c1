"""Finding the place at which two fingerprints fit, and telling that there is none."""

import numpy as np
import pytest

from domain.kit.audio.fingerprints import HOP_SECONDS, Codes
from domain.recognition.matching import FEWEST_SHARED, KEYS, fit, keys_of

SILENCE = np.uint32(627_964_279)


def some_codes(count: int, seed: int = 1) -> Codes:
    return np.random.default_rng(seed).integers(0, 2**32, count, dtype=np.uint32)


def with_errors(codes: Codes, share: float) -> Codes:
    """This share of all bits turned over, at random."""
    bits = np.unpackbits(codes.view(np.uint8))
    turned = np.random.default_rng(9).random(len(bits)) < share
    return np.packbits(bits ^ turned.astype(np.uint8)).view(np.uint32)


def test_the_same_fits_wholly() -> None:
    codes = some_codes(800)

    found = fit(codes, codes)

    assert found is not None
    assert (found.similarity, found.offset_seconds) == (1.0, 0.0)
    assert found.overlap_seconds == pytest.approx(800 * HOP_SECONDS, abs=0.01)


@pytest.mark.parametrize("start", [1, 100, 400])
def test_an_excerpt_is_found_where_it_begins_from_both_sides(start: int) -> None:
    whole = some_codes(800)
    excerpt = whole[start : start + 300]

    there, back = fit(excerpt, whole), fit(whole, excerpt)

    assert there is not None
    assert back is not None
    assert there.offset_seconds == pytest.approx(start * HOP_SECONDS, abs=0.01)
    assert back.offset_seconds == -there.offset_seconds


def test_a_lossy_copy_is_as_like_as_its_bits() -> None:
    codes = some_codes(800)

    found = fit(with_errors(codes, 0.05), codes)

    assert found is not None
    assert found.similarity == pytest.approx(0.9, abs=0.01)


def test_what_differs_in_more_than_a_fifth_of_its_bits_does_not_fit() -> None:
    codes = some_codes(800)
    # the first codes agree, so that the place is tried
    half = np.concatenate([codes[:40], some_codes(760, seed=2)])

    assert fit(half, codes) is None
    assert fit(some_codes(800, seed=3), codes) is None


def test_a_short_stretch_in_common_is_no_duplicate() -> None:
    jingle = some_codes(70)

    assert fit(np.concatenate([jingle, some_codes(500, seed=2)]), np.concatenate([jingle, some_codes(500, 3)])) is None
    assert fit(jingle, jingle) is None


def test_silence_is_like_nothing_and_no_key() -> None:
    silence = np.full(500, SILENCE)

    assert fit(silence, silence) is None
    assert keys_of(silence) == []


def test_keys_are_few_and_mostly_the_same_for_copies() -> None:
    codes = some_codes(4_000)

    keys = keys_of(codes)

    assert len(keys) == len(set(keys)) == KEYS
    assert len(set(keys) & set(keys_of(with_errors(codes, 0.02)))) > KEYS / 4
    assert len(set(keys) & set(keys_of(codes[1_000:3_000]))) > KEYS / 4
    assert len(set(keys) & set(keys_of(some_codes(4_000, seed=2)))) < FEWEST_SHARED


def test_fingerprints_without_codes_do_not_fit() -> None:
    nothing = np.zeros(0, np.uint32)

    assert fit(nothing, nothing) is None
    assert fit(some_codes(200), nothing) is None
