"""`cadenza partner`: organisations, their keys, and the operations that their servers may run."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from bootstrap.cli import partner_documents as documents
from bootstrap.cli.client import ApiProblem, CadenzaClient, success
from bootstrap.cli.partner_budgets import grant
from bootstrap.cli.partner_calls import Partner, chosen, do, of_partner, say
from bootstrap.cli.partner_manifests import ManifestDocument, read_manifest
from bootstrap.cli.partner_people import app as people
from bootstrap.cli.terminal import Url, known_api, run, signed_in
from domain.kit.caller import Scope
from domain.kit.ids import new_id
from domain.kit.rate_limit import Bucket
from domain.partners.operations import MAX_AT_ONCE

# Below what the API takes as a body, with room for what JSON escapes.
BATCH_BYTES = 120_000

app = typer.Typer(no_args_is_help=True, help="Partners: organisations, keys, and operations that their servers run.")
app.add_typer(people)


@app.command()
def create(name: Annotated[str, typer.Argument(help="The organisation's name.")], url: Url = None) -> None:
    """Found an organisation and print its id."""

    async def main(address: str) -> None:
        made = await do(await signed_in(address), documents.CREATE, {"name": name, "idempotencyKey": new_id()})
        say(made["organisation"]["id"])

    run(main(known_api(url)))


@app.command("list")
def list_organisations(url: Url = None) -> None:
    """List your organisations."""

    async def main(address: str) -> None:
        for found in (await (await signed_in(address)).execute(documents.ORGANISATIONS))["organisations"]:
            say(f"{found['id']}  {found['role'].lower():<6}  {found['name']}")

    run(main(known_api(url)))


@app.command()
def rename(
    name: Annotated[str, typer.Argument(help="The new name.")], partner: Partner = None, url: Url = None
) -> None:
    """Give the organisation another name."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        await do(client, documents.RENAME, {"organisationId": await chosen(client, partner), "name": name})
        say(f"renamed to {name}")

    run(main(known_api(url)))


@app.command()
def delete(
    name: Annotated[str, typer.Argument(help="Its name just as it is, to make sure.")],
    partner: Partner = None,
    url: Url = None,
) -> None:
    """Delete the organisation with its keys and all it made. There is no way back."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        await do(client, documents.DELETE, {"organisationId": await chosen(client, partner), "name": name})
        say(f"{name} is deleted")

    run(main(known_api(url)))


@app.command()
def keys(partner: Partner = None, url: Url = None) -> None:
    """List the keys."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        for key in (await of_partner(client, documents.KEYS, partner))["keys"]:
            scopes, used = " ".join(key["scopes"]).lower(), (key["lastUsedAt"] or "never")[:16]
            say(f"{key['id']}  {key['prefix']}  used {used:<16}  {key['name']}  ({scopes})")

    run(main(known_api(url)))


@app.command("add-key")
def add_key(
    name: Annotated[str, typer.Argument(help="What to call it.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(case_sensitive=False, help="What it may do; repeat for several.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="How long it works; for ever if left out.")] = None,
    partner: Partner = None,
    url: Url = None,
) -> None:
    """Make a key and print it; it cannot be shown again."""
    expires_at = None if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat()
    scopes = None if scope is None else [one.value for one in scope]

    async def main(address: str) -> None:
        client = await signed_in(address)
        wanted = {"organisationId": await chosen(client, partner), "name": name, "scopes": scopes}
        made = await do(client, documents.CREATE_KEY, {**wanted, "expiresAt": expires_at})
        typer.echo(made["secret"])

    run(main(known_api(url)))


@app.command("revoke-key")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `cadenza partner keys` shows it.")], url: Url = None
) -> None:
    """Make a key stop working."""

    async def main(address: str) -> None:
        await do(await signed_in(address), documents.REVOKE_KEY, {"partnerKeyId": key_id})
        say(f"{key_id} works no more")

    run(main(known_api(url)))


@app.command()
def publish(
    files: Annotated[
        list[Path], typer.Argument(help="GraphQL files, or manifests of Relay, graphql-codegen or Apollo.")
    ],
    exact: Annotated[bool, typer.Option(help="Register each GraphQL file as it is, byte for byte.")] = False,
    partner: Partner = None,
    url: Url = None,
) -> None:
    """Register operations and print the ids to ask for them by. Repeating it changes nothing."""

    async def main(address: str) -> None:
        wanted = [document for path in files for document in read_manifest(path, exact=exact)]
        client = await signed_in(address)
        organisation_id = await chosen(client, partner)
        for batch in _batches(wanted):
            given = {"organisationId": organisation_id, "documents": [document.as_input() for document in batch]}
            for operation in await _registered(client, given, batch):
                ids = " ".join([operation["documentId"], *operation["aliases"]])
                what = f"{operation['type'].lower()} {operation['name'] or ''}".strip()
                say(f"{ids}  {what}  cost {operation['cost']}")

    run(main(known_api(url)))


@app.command()
def operations(partner: Partner = None, url: Url = None) -> None:
    """List what is registered."""

    async def main(address: str) -> None:
        client, after = await signed_in(address), None
        partner_id = await chosen(client, partner)
        while True:
            found = await of_partner(client, documents.OPERATIONS, partner_id, after=after)
            page = found["registeredOperations"]
            for edge in page["edges"]:
                one = edge["node"]
                what = f"{one['type'].lower()} {one['name'] or ''}".strip()
                say(f"{one['id']}  {one['documentId']}  {one['registeredAt'][:19]}  {what}  cost {one['cost']}")
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    run(main(known_api(url)))


@app.command()
def retire(
    operation_ids: Annotated[list[str], typer.Argument(help="Their ids, as `cadenza partner operations` shows them.")],
    partner: Partner = None,
    url: Url = None,
) -> None:
    """Take operations off the list of what may be run."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        wanted = {"organisationId": await chosen(client, partner), "operationIds": operation_ids}
        say(f"{(await do(client, documents.RETIRE, wanted))['retiredCount']} retired")

    run(main(known_api(url)))


@app.command()
def usage(
    days: Annotated[int, typer.Option(min=1, max=92, help="How many days, today included.")] = 30,
    partner: Partner = None,
    url: Url = None,
) -> None:
    """Say what the servers have called: by day, and the operations that cost most."""
    today = datetime.now(UTC).date()
    period = {"from": (today - timedelta(days=days - 1)).isoformat(), "to": today.isoformat()}

    async def main(address: str) -> None:
        client = await signed_in(address)
        wanted = {"id": await chosen(client, partner), **period}
        report = (await client.execute(documents.USAGE, wanted))["partnerUsage"]
        for day in report["days"]:
            say(f"{day['day']}  {_used(day['usage'])}")
        for operation in report["operations"]:
            say(f"{operation['name'] or operation['documentId'][:19]}  {_used(operation['usage'])}")
        say(f"in all  {_used(report['total'])}")

    run(main(known_api(url)))


@app.command("set-budget")
def set_budget(
    organisation_id: Annotated[str, typer.Argument(help="The organisation's id.")],
    points: Annotated[int | None, typer.Option(min=1, help="What may be spent at once; the usual if left out.")] = None,
    restore: Annotated[float, typer.Option(min=0.001, help="What comes back each second.")] = 2000.0,
) -> None:
    """For operators: give an organisation a budget of its own. Works on the database itself."""
    run(grant(organisation_id, None if points is None else Bucket(points, restore)))


def _used(usage: Mapping[str, Any]) -> str:
    return f"{usage['calls']} calls, {usage['cost']} points, {usage['errors']} with errors"


def _batches(wanted: Sequence[ManifestDocument]) -> list[list[ManifestDocument]]:
    """As few as fit into what the API takes at once."""
    batches: list[list[ManifestDocument]] = []
    size = 0
    for document in wanted:
        length = len(document.text.encode())
        if not batches or len(batches[-1]) == MAX_AT_ONCE or size + length > BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(document)
        size += length
    return batches


async def _registered(
    client: CadenzaClient, given: Mapping[str, Any], batch: Sequence[ManifestDocument]
) -> list[dict[str, Any]]:
    """Raises `ApiProblem` that says what is wrong with each document that was refused."""
    (answer,) = (await client.execute(documents.REGISTER, {"input": dict(given)})).values()
    if answer["__typename"] == "OperationsRefused":
        lines = [f"{_called(batch, one)}: {'; '.join(one['reasons'])}" for one in answer["refused"]]
        raise ApiProblem("\n".join(["Nothing was registered.", *lines]))
    found: list[dict[str, Any]] = success(answer)["operations"]
    return found


def _called(batch: Sequence[ManifestDocument], refused: Mapping[str, Any]) -> str:
    document = batch[refused["index"]]
    name: str | None = refused["name"]
    return name or document.id or document.text.strip().partition("{")[0].strip()
