"""What the commands of `cadenza partner` share: which organisation is meant, one mutation, and one line."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bootstrap.cli import partner_documents as documents
from bootstrap.cli.client import ApiProblem, CadenzaClient, success
from bootstrap.cli.terminal import console

Partner = Annotated[
    str | None,
    typer.Option("--partner", envvar="CADENZA_PARTNER", help="The organisation's id; your only one if left out."),
]


async def chosen(client: CadenzaClient, partner: str | None) -> str:
    """Raises `ApiProblem` when none was named and there is not exactly one."""
    if partner is not None:
        return partner
    found = (await client.execute(documents.ORGANISATIONS))["organisations"]
    if len(found) != 1:
        raise ApiProblem(f"You are in {len(found)} organisations: say which with --partner, or create one.")
    return str(found[0]["id"])


async def of_partner(client: CadenzaClient, document: str, partner: str | None, **variables: Any) -> dict[str, Any]:
    """Raises `ApiProblem` for an organisation that the caller is no member of."""
    node: dict[str, Any] | None = (await client.execute(document, {"id": await chosen(client, partner), **variables}))[
        "node"
    ]
    if not node:
        raise ApiProblem("There is no organisation of yours with this id.")
    return node


async def do(client: CadenzaClient, document: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    (answer,) = (await client.execute(document, {"input": dict(wanted)})).values()
    return success(answer)


def say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
