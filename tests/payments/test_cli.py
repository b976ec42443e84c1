"""`cadenza credits` against an API on a real port."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
import strawberry
from typer.testing import CliRunner, Result

from adapters.payments.sandbox_gateway import SandboxGateway
from bootstrap.areas import build_services
from bootstrap.cli.client import ApiProblem
from bootstrap.cli.commands import app
from bootstrap.cli.credits import pay_test
from bootstrap.payments import Till
from domain.kit.registry import Services
from tests.graphql.harness import Api, Door, open_api
from tests.world import World


@pytest.fixture
async def local(
    world: World, door: Door, schema: strawberry.Schema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Api, None]:
    """The command's own folder, the address of the API, and checkouts that lead there."""
    monkeypatch.setenv("CADENZA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CADENZA_API_URL", door.base_url)
    monkeypatch.setenv("COLUMNS", "200")
    sandbox = SandboxGateway(world.kit.signer, world.clock, "whsec_cli", door.base_url)
    kit = replace(world.kit, services=Services(), till=Till(sandbox, sandbox))
    build_services(kit)
    async with open_api(world, door, schema, services=kit.services) as opened:
        yield opened


async def cadenza(*arguments: str) -> Result:
    """Runs a command beside the API, which lives in this event loop."""
    return await asyncio.to_thread(CliRunner().invoke, app, ["credits", *arguments])


async def test_a_new_person_has_the_free_plan(local: Api) -> None:
    shown = await cadenza()
    assert shown.exit_code == 0, shown.output
    assert "Free" in shown.output
    assert "500" in shown.output


async def test_a_pack_is_ordered_and_its_address_printed(local: Api) -> None:
    ordered = await cadenza("buy", "pack-1000")
    assert ordered.exit_code == 0, ordered.output
    assert "1,000 credits for 3.00 USD: pay at" in ordered.output
    (order,) = await local.world.documents("payment_orders")
    assert order["checkout_url"] in ordered.output
    assert not order["facts"]["paid"]


async def test_with_the_test_gateway_it_is_paid_at_once(local: Api) -> None:
    bought = await cadenza("buy", "pack-1000", "--pay")
    assert bought.exit_code == 0, bought.output
    assert "paid: 1,500 credits are available" in bought.output
    subscribed = await cadenza("subscribe", "creator", "--pay")
    assert "paid: 11,000 credits are available" in subscribed.output
    listed = await cadenza("history")
    assert listed.exit_code == 0, listed.output
    assert all(word in listed.output for word in ("purchase", "+1,000", "expire", "-500", "+10,000"))


async def test_plans_and_packs_are_listed_with_their_prices(local: Api) -> None:
    listed = await cadenza("plans")
    assert listed.exit_code == 0, listed.output
    assert all(word in listed.output for word in ("creator", "12.00 USD", "pack-20000", "40.00 USD"))


async def test_trouble_is_one_sentence(local: Api) -> None:
    refused = await cadenza("buy", "golden")
    assert refused.exit_code == 1
    assert refused.output.strip().endswith("There is no pack 'golden'.")


async def test_real_money_is_never_paid_from_the_terminal() -> None:
    with pytest.raises(ApiProblem, match="browser"):
        await pay_test("https://checkout.stripe.example/c/pay/cs_live_1")
