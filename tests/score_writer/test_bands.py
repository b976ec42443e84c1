"""Who plays in a genre, as plans lean to it."""

import pytest

from tests.model_export.score.builders import VOCABULARY
from tests.score_writer.scenes import LANGUAGE
from triton_models.score_language.conditioning import Wishes
from triton_models.score_language.planning import Planner
from triton_models.score_writer.bands import offsets_of

FACTS = ("Meter_4/4", "Mode_minor", "Tonic_9", "Tempo_10")


def planner(genre: str | None, *tracks: str) -> Planner:
    """Behind the facts and these tokens of tracks."""
    found = Planner(Wishes(genre=genre), VOCABULARY, len(LANGUAGE.tokenizer))
    for name in (*FACTS, *tracks):
        found.push(VOCABULARY.ids[name])
    return found


def leant(genre: str | None, *tracks: str, weight: float = 1.0) -> dict[str, float]:
    """The tokens that are not left as likely as they were."""
    offsets = offsets_of(planner(genre, *tracks), weight)
    if offsets is None:
        return {}
    return {
        f"{VOCABULARY.kind(token)}_{VOCABULARY.value(token)}": float(offsets[token]) for token in offsets.nonzero()[0]
    }


def test_instruments_of_the_genre_are_likelier_for_their_role() -> None:
    assert leant("rock", "Track_0", "Role_bass") == {"Program_33": 3.0, "Program_34": 3.0}
    assert leant("rock", "Track_0", "Role_drums") == {"Kit_16": 3.0}
    melody = leant("rock", "Track_0", "Role_melody")
    assert leant("rock", "Track_0", "Role_counter") == melody
    assert {"Program_16", "Program_27", "Program_29", "Program_30"} <= melody.keys()


def test_roles_that_nobody_has_in_the_genre_are_less_likely() -> None:
    assert leant("classical piano", "Track_0") == {"Role_pad": -3.0, "Role_drums": -3.0, "Role_percussion": -3.0}
    assert leant("rock", "Track_0") == {}


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_how_far_plans_lean_can_be_chosen(weight: float) -> None:
    asked = leant("rock", "Track_0", "Role_drums", weight=weight)
    assert asked == ({} if weight == 0.0 else {"Kit_16": 1.5})


@pytest.mark.parametrize("genre", [None, "polkacore"])
def test_of_other_genres_nothing_is_known(genre: str | None) -> None:
    assert leant(genre, "Track_0", "Role_bass") == {}
    assert leant(genre, "Track_0") == {}


def test_facts_are_the_models_own() -> None:
    untouched = Planner(Wishes(genre="rock"), VOCABULARY, len(LANGUAGE.tokenizer))
    assert offsets_of(untouched, 1.0) is None
