"""One token per row: the distributions are right, and a row does not notice its neighbours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from triton_models.generation_core.errors import RequestInvalidError
from triton_models.generation_core.request import Sampling
from triton_models.generation_core.sampling import Settings, draw
from triton_models.generation_core.uniforms import uniforms

SAMPLINGS = [
    Sampling(temperature=0.0),
    Sampling(),
    Sampling(temperature=0.7, top_k=5),
    Sampling(top_k=1),
    Sampling(top_p=0.9),
    Sampling(temperature=50.0, top_p=0.99),
    Sampling(temperature=1.3, top_k=40, top_p=0.8),
    Sampling(top_k=5000),
]


def as_settings(samplings: list[Sampling]) -> Settings:
    return Settings(
        np.array([each.temperature for each in samplings], np.float32),
        np.array([each.top_k for each in samplings], np.int64),
        np.array([each.top_p for each in samplings], np.float64),
    )


def drawn(logits: NDArray[np.float32], samplings: list[Sampling], chances: NDArray[np.float64]) -> list[int]:
    tokens: list[int] = draw(logits, as_settings(samplings), chances).tolist()
    return tokens


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(SAMPLINGS), min_size=1, max_size=17),
    st.integers(0, 2**32 - 1),
    st.sampled_from([3, 64, 700, 2049]),
)
def test_a_row_draws_the_same_alone_and_in_company(samplings: list[Sampling], seed: int, vocabulary: int) -> None:
    chance = np.random.default_rng(seed)
    logits = chance.normal(0.0, 3.0, (len(samplings), vocabulary)).astype(np.float32).round(1)
    chances = chance.random(len(samplings))
    together = drawn(logits, samplings, chances)
    for row, sampling in enumerate(samplings):
        assert drawn(logits[row : row + 1], [sampling], chances[row : row + 1]) == [together[row]]


def kept(logits: list[float], sampling: Sampling, draws: int = 400) -> set[int]:
    chances = (np.arange(draws) + 0.5) / draws
    rows = np.repeat(np.array([logits], dtype=np.float32), draws, axis=0)
    return set(drawn(rows, [sampling] * draws, chances))


def test_frequencies_are_the_softmax() -> None:
    probabilities = np.array([0.5, 0.25, 0.125, 0.125])
    chances = (np.arange(8000) + 0.5) / 8000
    rows = np.repeat(np.log(probabilities)[None].astype(np.float32), 8000, axis=0)
    counts = np.bincount(drawn(rows, [Sampling()] * 8000, chances), minlength=4)
    assert np.abs(counts / 8000 - probabilities).max() < 0.001


def test_temperature_sharpens_and_flattens() -> None:
    logits = [2.0, 1.0, 0.0]
    assert kept(logits, Sampling(temperature=0.05)) == {0}
    assert kept(logits, Sampling(temperature=0.0)) == {0}
    assert kept(logits, Sampling(temperature=100.0)) == {0, 1, 2}


def test_top_k_keeps_the_likeliest_and_those_as_likely_as_the_last_of_them() -> None:
    assert kept([0.0, 3.0, 2.0, 1.0], Sampling(top_k=2)) == {1, 2}
    assert kept([0.0, 3.0, 2.0, 2.0], Sampling(top_k=2)) == {1, 2, 3}


def test_top_p_keeps_the_smallest_set_that_fills_the_share() -> None:
    logits = np.log([0.5, 0.3, 0.15, 0.05]).tolist()
    assert kept(logits, Sampling(top_p=0.49)) == {0}
    assert kept(logits, Sampling(top_p=0.75)) == {0, 1}
    assert kept(logits, Sampling(top_p=0.81)) == {0, 1, 2}
    # The share is one of what top-k keeps.
    assert kept(logits, Sampling(top_p=0.52)) == {0, 1}
    assert kept(logits, Sampling(top_p=0.52, top_k=3)) == {0}


def test_a_nucleus_wider_than_usual_is_found_among_all() -> None:
    flat = [0.001 * (token % 2) for token in range(1000)]
    assert len(kept(flat, Sampling(top_p=0.9), draws=4000)) == 1000
    steep = [-0.01 * token for token in range(1000)]
    # The share of the first n of a geometric series with ratio e^-0.01.
    expected = int(np.ceil(np.log(1 - 0.95 * (1 - np.exp(-10.0))) / -0.01))
    assert len(kept(steep, Sampling(top_p=0.95), draws=40_000)) == expected
    assert expected > 256


@pytest.mark.parametrize("chance", [0.0, 1.0 - 2.0**-53])
def test_the_ends_of_the_unit_interval_are_tokens_too(chance: float) -> None:
    logits = np.array([[-np.inf, 0.0, 0.0, -np.inf]], dtype=np.float32)
    assert drawn(logits, [Sampling()], np.array([chance])) == ([1] if chance == 0.0 else [2])


def test_random_numbers_depend_on_seed_and_position_only() -> None:
    long, short = uniforms(7, 50, 4), uniforms(7, 20, 4)
    assert np.array_equal(long[:20], short)
    assert not np.array_equal(uniforms(8, 20, 4), short)
    assert short.min() >= 0.0
    assert long.max() < 1.0


@pytest.mark.parametrize(
    "wrong", [{"temperature": -0.1}, {"temperature": float("nan")}, {"top_k": -1}, {"top_p": 0.0}, {"top_p": 1.5}]
)
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(RequestInvalidError):
        Sampling(**wrong)  # type: ignore[arg-type]
