"""The text form of acoustic fingerprints."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kit.audio.fingerprints import compressed, decompressed


def test_texts_are_those_of_the_format_by_hand() -> None:
    # one code with its lowest bit: steps 1, 0; the header says algorithm 1 and one code
    narrow = base64.urlsafe_b64encode(bytes([1, 0, 0, 1, 0b000_001])).decode().rstrip("=")
    assert compressed(np.array([1], np.uint32)) == narrow
    # bit 7 alone: step 8 is 7 and 1 further
    wide = base64.urlsafe_b64encode(bytes([1, 0, 0, 1, 0b000_111, 0b00001])).decode()
    assert compressed(np.array([128], np.uint32)) == wide
    assert compressed(np.zeros(0, np.uint32)) == "AQAAAA"


@given(st.lists(st.integers(0, 2**32 - 1), max_size=40))
def test_what_is_compressed_comes_back(codes: list[int]) -> None:
    given_codes = np.array(codes, np.uint32)

    assert np.array_equal(decompressed(compressed(given_codes)), given_codes)


@pytest.mark.parametrize("text", ["", "AQ", "AQAAAg", "AgAAAQE", "AQAAAQc", "not base64!", "AQAAAf///w"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        decompressed(text)
