"""Fingerprints beside those of Chromaprint's own client, and what they survive."""

import numpy as np
import pytest

from adapters.media.fingerprint import Fingerprinter
from domain.kit.audio.fingerprints import Codes, codes_in, compressed, decompressed
from domain.kit.audio.media import Audio
from tests.media.music import SAMPLE_RATE, Piece, chunks, played

PIECE = Piece(bpm=97.0, tonic=2, mode="major", seconds=25.0)
# What fpcalc 1.5.1 says of `PIECE` as a WAV file of 16 bits.
REFERENCE = (
    "AQAAtGEURkkyHcdvmMceWbgSOAcdZSH848yLj-h9PDil4WqOydJxPPuEw4cPHT-RnriP8bCNj4e_Db3wS_gSjviRH-ePjnmgw_TxauhRnId-"
    "UI9yfLzxIjZzwv-KqXHwBCEFv6iH_nh3PE5w2DY-fID741EFHV4j3EoMMWkJrzzabMaTo3yD5sGDSxaqcvgFjxeOFx90w8ePH9sTWcKTwnnw"
    "KMtBoVxidEef40um43hzTD4u43D_4djwDpd06IdzIi8-o_1xRzh66egT4jhiKrmMjtEF-HmhS-gRHn-"
    "Raz_exCkeyBqomPmEnKzwDQ92nMWPmBJOHrfgH6-BZ_CPL-rwCA-eJMUvw_nxhbiNK8mF3_CDLzglCx-Hx8IP94B6uMG_Boef44mOJ8b2o41"
    "C4dUOKZTwo9ETfPohn9jDHL2E4_gIH2AdEIghQYWhwDEmCKKGWI2lQkJAhZQQBjAHlAJKIBGBVoJY4YARQBAFBANCMICAQBIIhARiSABkgSP"
    "KASsARIZB5QjhhmjogBFWMEAsIwwgqATiRhBDBGMUIAGQEwQpQRwSgAAEDGAAWSYAEgYRQQQygAiGAEDAKcAEVAY4pAgRhgAiTEge"
)


def codes_of(audio: Audio, frames: int = 70_001) -> Codes:
    fingerprinter = Fingerprinter()
    for chunk in chunks(audio, frames):
        fingerprinter.push(chunk.mean(axis=1, dtype=np.float32))
    return fingerprinter.codes()


def differing(one: Codes, other: Codes) -> float:
    """Share of the bits."""
    return float(np.unpackbits((one ^ other).view(np.uint8)).mean())


def test_the_fingerprint_is_that_of_chromaprints_own_client() -> None:
    codes, reference = codes_of(played(PIECE)), decompressed(REFERENCE)

    assert len(codes) == len(reference) == codes_in(25.0) == 180
    assert differing(codes, reference) < 0.005


def test_its_text_is_that_of_chromaprints_own_client() -> None:
    assert compressed(decompressed(REFERENCE)) == REFERENCE


def test_it_does_not_depend_on_the_chunks() -> None:
    audio = played(PIECE)

    assert np.array_equal(codes_of(audio), codes_of(audio, len(audio)))


def test_it_survives_another_level_and_a_little_noise() -> None:
    audio = played(PIECE)
    noise = np.random.default_rng(1).normal(0.0, 0.003, audio.shape)

    assert differing(codes_of(audio), codes_of((0.2 * audio).astype(np.float32))) < 0.01
    assert differing(codes_of(audio), codes_of((audio + noise).astype(np.float32))) < 0.05


def test_other_music_has_another_fingerprint() -> None:
    other = codes_of(played(Piece(bpm=120.0, tonic=7, mode="minor", seconds=25.0)))

    assert differing(codes_of(played(PIECE)), other) > 0.25


@pytest.mark.parametrize(("seconds", "count"), [(0.0, 0), (2.6, 0), (2.73, 1), (10.0, 59)])
def test_it_has_a_code_for_each_eighth_of_a_second_after_the_first_three(seconds: float, count: int) -> None:
    audio = played(Piece(seconds=12.0))[: round(seconds * SAMPLE_RATE)]

    assert len(codes_of(audio)) == codes_in(seconds) == count
