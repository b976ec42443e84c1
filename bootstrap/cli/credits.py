"""`cadenza credits`: what is there, what happened to it, and buying more."""

from collections.abc import Mapping
from typing import Annotated, Any

import httpx
import typer
from rich.table import Table

from bootstrap.cli import documents
from bootstrap.cli.client import ApiProblem, success
from bootstrap.cli.terminal import Url, console, known_api, run, signed_in
from domain.kit.ids import new_id

TEST_CHECKOUT = "/payments/test/checkout/"
SEE_OTHER = 303

Pay = Annotated[bool, typer.Option("--pay", help="Pay at once; works with the test gateway, where no money moves.")]

app = typer.Typer(help="Your credits: balance, history, prices, and buying more.", invoke_without_command=True)


@app.callback()
def show(context: typer.Context, url: Url = None) -> None:
    """Show what is there."""
    if context.invoked_subcommand is not None:
        return

    async def main(address: str) -> None:
        client = await signed_in(address)
        credits = (await client.execute(documents.CREDITS))["credits"]
        table = Table(show_header=False)
        table.add_row("available", f"{credits['available']:,}")
        table.add_row("of the plan", f"{credits['planCredits']:,}")
        table.add_row("bought", f"{credits['packCredits']:,}")
        table.add_row("held for jobs", f"{credits['held']:,}")
        table.add_row("plan", credits["plan"]["name"])
        table.add_row("period ends", day(credits["periodEndsAt"]))
        console.print(table)

    run(main(known_api(url)))


@app.command()
def history(first: Annotated[int, typer.Option(help="How many.")] = 20, url: Url = None) -> None:
    """List what happened to your credits, newest first."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        found = (await client.execute(documents.CREDIT_HISTORY, {"first": first}))["creditHistory"]
        table = Table("when", "what", "available", "held", "then available", "note")
        for edge in found["edges"]:
            transfer = edge["node"]
            table.add_row(
                f"{day(transfer['createdAt'])} {transfer['createdAt'][11:19]}",
                transfer["kind"].lower().replace("_", " "),
                f"{transfer['availableChange']:+,}",
                f"{transfer['heldChange']:+,}",
                f"{transfer['availableAfter']:,}",
                transfer["note"],
            )
        console.print(table)

    run(main(known_api(url)))


@app.command()
def plans(url: Url = None) -> None:
    """List the plans and the packs."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        offer = await client.execute(documents.CREDIT_OFFER)
        table = Table("plan", "name", "credits each month", "price each month")
        for plan in offer["creditPlans"]:
            table.add_row(plan["key"], plan["name"], f"{plan['monthlyCredits']:,}", price(plan))
        console.print(table)
        table = Table("pack", "name", "credits", "price")
        for pack in offer["creditPacks"]:
            table.add_row(pack["key"], pack["name"], f"{pack['credits']:,}", price(pack))
        console.print(table)

    run(main(known_api(url)))


@app.command()
def buy(
    pack: Annotated[str, typer.Argument(help="Which pack; see `plans`.")], pay: Pay = False, url: Url = None
) -> None:
    """Order a pack and print where to pay for it."""
    run(_order(known_api(url), documents.BUY_CREDITS, {"packKey": pack}, pay))


@app.command()
def subscribe(
    plan: Annotated[str, typer.Argument(help="Which plan; see `plans`.")], pay: Pay = False, url: Url = None
) -> None:
    """Order a plan and print where to pay for it."""
    run(_order(known_api(url), documents.SUBSCRIBE, {"planKey": plan}, pay))


async def _order(address: str, document: str, wanted: Mapping[str, str], pay: bool) -> None:
    client = await signed_in(address)
    (answer,) = (await client.execute(document, {"input": {**wanted, "idempotencyKey": new_id()}})).values()
    ordered = success(answer)
    order, checkout = ordered["order"], ordered["checkoutUrl"]
    console.print(f"{order['itemName']} for {price(order)}: pay at")
    console.print(checkout, highlight=False, soft_wrap=True)
    if pay:
        await pay_test(checkout)
        credits = (await client.execute(documents.CREDITS))["credits"]
        console.print(f"paid: {credits['available']:,} credits are available")


async def pay_test(checkout_url: str) -> None:
    """Sends the form of the test gateway's page. Raises `ApiProblem` for any other page, which takes real money."""
    if TEST_CHECKOUT not in checkout_url:
        raise ApiProblem("This checkout is not of the test gateway: pay there in a browser.")
    try:
        async with httpx.AsyncClient(timeout=30) as http:
            answer = await http.post(f"{checkout_url}/pay")
    except httpx.HTTPError as error:
        raise ApiProblem(f"The test checkout did not answer: {error}") from error
    if answer.status_code != SEE_OTHER:
        raise ApiProblem(f"The test checkout answered {answer.status_code}: {answer.text[:200]}")


def price(offer: Mapping[str, Any]) -> str:
    cents = offer.get("priceCents", offer.get("amountCents", 0))
    return f"{cents / 100:.2f} {offer['currency'].upper()}"


def day(moment: str) -> str:
    """The date of an RFC 3339 time."""
    return moment[:10]
