"""`cadenza webhooks`: endpoints and their deliveries, and a receiver to try them with."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from bootstrap.cli import webhook_documents as documents
from bootstrap.cli.client import ApiProblem, CadenzaClient, success
from bootstrap.cli.terminal import Url, console, known_api, run, signed_in
from bootstrap.cli.webhook_listener import listening
from domain.kit.ids import new_id

EVENTS = ("JOB_SUCCEEDED", "JOB_FAILED", "JOB_CANCELED", "JOB_EXPIRED")
TEST_SECONDS = 30

app = typer.Typer(no_args_is_help=True, help="Webhooks: endpoints that are told of your jobs.")

EndpointId = Annotated[str, typer.Argument(help="The endpoint's id, as `cadenza webhooks list` shows it.")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where to send; https.")],
    event: Annotated[
        list[str] | None, typer.Option(help="What to tell it of, all by default; can be repeated.")
    ] = None,
    description: Annotated[str, typer.Option(help="Your own words for it.")] = "",
    api: Url = None,
) -> None:
    """Register an endpoint and print its secret, which is shown this once."""

    async def main(address: str) -> None:
        made = await _create(await signed_in(address), url, event or list(EVENTS), description)
        _say(made["endpoint"]["id"])
        _say(f"secret: {made['secret']}")

    run(main(known_api(api)))


@app.command("list")
def list_endpoints(api: Url = None) -> None:
    """List your endpoints."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        for edge in (await client.execute(documents.ENDPOINTS))["webhookEndpoints"]["edges"]:
            endpoint = edge["node"]
            events = " ".join(name.removeprefix("JOB_").lower() for name in endpoint["events"])
            status = endpoint["status"].lower().replace("_", " ")
            _say(f"{endpoint['id']}  {status:<18} {endpoint['url']}  ({events})  {endpoint['description']}".rstrip())

    run(main(known_api(api)))


@app.command()
def remove(endpoint_id: EndpointId, api: Url = None) -> None:
    """Remove an endpoint with its deliveries."""

    async def main(address: str) -> None:
        await _do(await signed_in(address), documents.REMOVE_ENDPOINT, {"endpointId": endpoint_id})
        _say("removed")

    run(main(known_api(api)))


@app.command()
def enable(endpoint_id: EndpointId, api: Url = None) -> None:
    """Send to an endpoint again that was disabled."""

    async def main(address: str) -> None:
        wanted = {"endpointId": endpoint_id, "isEnabled": True}
        await _do(await signed_in(address), documents.ENABLE_ENDPOINT, wanted)
        _say("enabled; `cadenza webhooks replay` sends what it missed")

    run(main(known_api(api)))


@app.command("test")
def send_test(endpoint_id: EndpointId, api: Url = None) -> None:
    """Send a test and say what the endpoint answered."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        sent = await _do(client, documents.SEND_TEST, {"endpointId": endpoint_id})
        delivery = await _ended(client, sent["delivery"]["id"])
        _say(_line(delivery))
        if delivery["status"] != "DELIVERED":
            raise typer.Exit(1)

    run(main(known_api(api)))


@app.command()
def deliveries(
    endpoint_id: EndpointId, first: Annotated[int, typer.Option(help="How many.")] = 20, api: Url = None
) -> None:
    """List what was and will be sent to an endpoint, newest first."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        found = (await client.execute(documents.DELIVERIES, {"id": endpoint_id, "first": first}))["node"]
        if not found:
            raise ApiProblem("There is no endpoint of yours with this id.")
        for edge in found["deliveries"]["edges"]:
            _say(_line(edge["node"]))

    run(main(known_api(api)))


@app.command()
def replay(
    endpoint_id: EndpointId,
    hours: Annotated[float, typer.Option(help="How far back, in hours.")] = 24.0,
    api: Url = None,
) -> None:
    """Send again what failed for good or was missed."""

    async def main(address: str) -> None:
        since = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
        done = await _do(await signed_in(address), documents.REPLAY, {"endpointId": endpoint_id, "since": since})
        _say(f"{done['replayedCount']} in line again")

    run(main(known_api(api)))


@app.command()
def listen(
    port: Annotated[int, typer.Option(help="Where to listen on this machine.")] = 9780,
    secret: Annotated[
        str | None, typer.Option(envvar="CADENZA_WEBHOOK_SECRET", help="Verify with this; else an endpoint is made.")
    ] = None,
    api: Url = None,
) -> None:
    """Receive, verify and print webhooks until Ctrl-C; without a secret, register this address as long."""

    async def with_own_endpoint(address: str) -> None:
        client = await signed_in(address)
        url = f"http://127.0.0.1:{port}/"
        made = await _create(client, url, list(EVENTS), "cadenza webhooks listen")
        try:
            await listening(port, made["secret"], f"{made['endpoint']['id']} is told at {url}", _say)
        finally:
            await _do(client, documents.REMOVE_ENDPOINT, {"endpointId": made["endpoint"]["id"]})

    if secret is None:
        run(with_own_endpoint(known_api(api)))
    else:
        run(listening(port, secret, f"listening on port {port}", _say))


async def _create(client: CadenzaClient, url: str, events: list[str], description: str) -> dict[str, Any]:
    wanted = {"url": url, "events": events, "description": description, "idempotencyKey": new_id()}
    return await _do(client, documents.CREATE_ENDPOINT, wanted)


async def _do(client: CadenzaClient, document: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    (answer,) = (await client.execute(document, {"input": dict(wanted)})).values()
    return success(answer)


async def _ended(client: CadenzaClient, delivery_id: str) -> dict[str, Any]:
    """The delivery when its attempt is over, or as it is after half a minute."""
    for _ in range(TEST_SECONDS * 2):
        delivery: dict[str, Any] = (await client.execute(documents.DELIVERY, {"id": delivery_id}))["node"]
        if delivery["status"] != "PENDING":
            break
        await asyncio.sleep(0.5)
    return delivery


def _line(delivery: Mapping[str, Any]) -> str:
    last, later = delivery["lastAttempt"], delivery["nextAttemptAt"]
    line = (
        f"{delivery['id']}  {delivery['createdAt'][:19]}  {delivery['eventType']:<14} {delivery['status'].lower():<9}"
    )
    if last is not None:
        said = last["responseStatus"] or last["problem"].lower().replace("_", " ")
        line += f"  {said} after {last['durationSeconds']:.2f} s, attempt {delivery['attempts']}"
    return line if later is None else f"{line}, again at {later[11:19]}"


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
