"""Plans, packs and prices as data: what is shipped, what is refused, and what things cost."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bootstrap.areas import AREAS
from bootstrap.settings import SHIPPED_CATALOGUE, CreditSettings, MissingSettings, read
from domain.credits.catalogue import Catalogue
from domain.credits.errors import CatalogueInvalid, NoPrice
from domain.credits.model import Pack, Plan
from domain.kit.errors import NotFound
from domain.kit.queue import QueueName
from tests.credits.books import shipped
from tests.world import World

Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> bytes:
    given = json.loads(SHIPPED_CATALOGUE.read_bytes())
    change(given)
    return json.dumps(given).encode()


def test_the_shipped_plans_and_packs() -> None:
    catalogue = shipped()
    assert catalogue.plans == (
        Plan("free", "Free", 500, 0, "usd", QueueName.STANDARD, 1, 2, 10, 300, 1, 40_000_000, 600, 5),
        Plan("creator", "Creator", 10_000, 1200, "usd", QueueName.INTERACTIVE, 1, 6, 100, 600, 4, 50_000_000, 600, 20),
        Plan("studio", "Studio", 40_000, 4000, "usd", QueueName.INTERACTIVE, 2, 16, 500, 600, 8, 50_000_000, 600, 50),
    )
    assert catalogue.packs == (
        Pack("pack-1000", "1,000 credits", 1000, 300, "usd"),
        Pack("pack-5000", "5,000 credits", 5000, 1200, "usd"),
        Pack("pack-20000", "20,000 credits", 20_000, 4000, "usd"),
    )
    assert catalogue.free is catalogue.plans[0]
    assert catalogue.pack("pack-5000") is catalogue.packs[1]


@pytest.mark.parametrize(
    ("seconds", "credits"),
    [(0, 2), (0.5, 3), (10, 3), (10.1, 4), (30, 5), (30.0000001, 5), (180, 20), (600, 62)],
)
def test_a_song_costs_a_base_and_a_credit_for_every_ten_seconds(seconds: float, credits: int) -> None:
    assert shipped().prices.price("generate_track", "composer", seconds) == credits


def test_what_is_not_in_the_price_book_has_no_price() -> None:
    with pytest.raises(NoPrice, match="no price for the operation 'dance' with the model 'composer'"):
        shipped().prices.price("dance", "composer", 30)


def test_a_catalogue_has_a_price_for_models_that_are_added() -> None:
    with pytest.raises(CatalogueInvalid, match="there is none for generate_track with the model any, for added models"):
        Catalogue.parse(changed(lambda catalogue: catalogue["prices"].pop()))


def test_a_model_without_a_price_of_its_own_has_that_of_any() -> None:
    prices = shipped().prices
    assert prices.price("generate_track", "oracle", 30) == prices.price("generate_track", "any", 30) == 11
    assert prices.price("generate_track", "composer", 30) == 5


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_a_length_that_is_none_has_no_price(seconds: float) -> None:
    with pytest.raises(ValueError, match="is not a length in seconds"):
        shipped().prices.price("generate_track", "composer", seconds)


def test_what_is_not_sold_is_not_found() -> None:
    with pytest.raises(NotFound, match="There is no plan with the id 'gold'"):
        shipped().plan("gold")
    with pytest.raises(NotFound, match="There is no pack with the id 'gold'"):
        shipped().pack("gold")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c.update(colour="red"), "colour: Extra inputs are not permitted"),
        (lambda c: c["plans"][1].update(colour="red"), "plans.1.colour: Extra inputs are not permitted"),
        (lambda c: c["plans"][1].pop("weight"), "plans.1.weight: Field required"),
        (lambda c: c["plans"][0].update(queue="FAST"), "plans.0.queue: "),
        (lambda c: c["plans"][0].update(monthly_credits=0.5), "plans.0.monthly_credits: "),
        (lambda c: c["plans"][0].update(price_cents=5), "there must be a plan 'free' with the price 0"),
        (lambda c: c["plans"].pop(0), "there must be a plan 'free' with the price 0"),
        (lambda c: c["plans"].append(c["plans"][1]), "more than one plan for creator"),
        (lambda c: c["packs"].append(c["packs"][0]), "more than one pack for pack-1000"),
        (lambda c: c["packs"][0].update(credits=-1), "packs.0.credits: "),
        (lambda c: c["prices"].append(c["prices"][0]), "more than one price for generate_track with composer"),
        (lambda c: c["prices"][0].update(step_seconds=0), "prices.0.step_seconds: "),
        (lambda c: c["prices"][0].update(base="2"), "prices.0.base: "),
        (lambda c: c.update(version=2), "version: "),
        (lambda c: c.update(currency="$"), "currency: "),
    ],
)
def test_a_catalogue_that_cannot_be_used_says_where(change: Change, told: str) -> None:
    with pytest.raises(CatalogueInvalid) as refused:
        Catalogue.parse(changed(change))
    assert told in str(refused.value)


def test_a_catalogue_that_is_no_json_is_refused() -> None:
    with pytest.raises(CatalogueInvalid, match="catalogue: Invalid JSON"):
        Catalogue.parse(b"{")


def test_the_catalogue_of_a_deployment_replaces_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    path.write_bytes(b"{}")
    assert read(CreditSettings, {"CADENZA_CREDITS_CATALOGUE": str(path)}).catalogue == path


async def test_a_program_with_a_broken_catalogue_does_not_start(world: World, tmp_path: Path) -> None:
    (area,) = [area for area in AREAS if area.name == "credits"]
    world.kit.settings.credits.catalogue = tmp_path / "missing.json"
    with pytest.raises(MissingSettings, match="CADENZA_CREDITS_CATALOGUE does not work"):
        area.build(world.kit)
