"""`cadenza webhooks` against an API on a real port, and the receiver that it has."""

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from bootstrap.cli.commands import app
from bootstrap.cli.webhook_listener import receiver
from domain.webhooks.services.dispatch import WebhookDispatch
from domain.webhooks.signing import new_secret, signed_headers
from tests.graphql.harness import Api
from tests.webhooks.office import URL


@pytest.fixture
async def local(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Api, None]:
    """The command's own folder, the address of the API, and a worker that delivers in memory."""
    monkeypatch.setenv("CADENZA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CADENZA_API_URL", api.base_url)
    api.world.sender.names["hooks.example"] = ["1.1.1.1"]
    delivering = asyncio.create_task(api.world.get(WebhookDispatch).run())
    yield api
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)


@dataclass(frozen=True)
class Said:
    """How a command ended, and its own lines without the log of the API in this process."""

    status: int
    lines: list[str]


async def cadenza(*arguments: str) -> Said:
    """Runs a command beside the API, which lives in this event loop."""
    result = await asyncio.to_thread(CliRunner().invoke, app, ["webhooks", *arguments])
    lines = result.output.splitlines()
    return Said(result.exit_code, [line for line in lines if "[info " not in line and "[warning " not in line])


async def test_an_endpoint_is_added_listed_tested_and_removed(local: Api) -> None:
    local.world.sender.receivers[URL] = lambda message: (200, b"ok")
    added = await cadenza("add", URL, "--event", "JOB_FAILED", "--description", "my server")
    endpoint_id, secret = added.lines
    assert (added.status, secret[:14]) == (0, "secret: whsec_")
    listed = await cadenza("list")
    assert listed.lines == [f"{endpoint_id}  {'enabled':<18} {URL}  (failed)  my server"]
    tested = await cadenza("test", endpoint_id)
    assert tested.status == 0
    assert re.fullmatch(r"\S+  \S+  webhook.test   delivered  200 after \d\.\d\d s, attempt 1", tested.lines[0])
    assert (await cadenza("deliveries", endpoint_id)).lines == tested.lines
    assert (await cadenza("replay", endpoint_id)).lines == ["0 in line again"]
    assert (await cadenza("remove", endpoint_id)).lines == ["removed"]
    assert await local.world.documents("webhook_endpoints") == []
    assert await local.world.documents("webhook_deliveries") == []


async def test_a_test_that_fails_is_told_with_its_reason_and_status_1(local: Api) -> None:
    endpoint_id, _ = (await cadenza("add", URL)).lines
    tested = await cadenza("test", endpoint_id)
    assert tested.status == 1
    assert "failed     connection failed after" in tested.lines[0]


async def test_trouble_is_one_sentence(local: Api) -> None:
    assert await cadenza("add", "http://hooks.example/") == Said(1, ["The URL must begin with https://."])


async def test_the_receiver_says_what_is_verified_and_refuses_the_rest() -> None:
    said: list[str] = []
    secret, body = new_secret(), b'{"type":"webhook.test","timestamp":"2026-11-21T00:00:00.000Z","data":{}}'
    transport = httpx.ASGITransport(receiver(secret, said.append))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        good = await http.post("/", content=body, headers=signed_headers("msg_1", body, [secret], datetime.now(UTC)))
        forged = await http.post("/", content=body, headers=signed_headers("msg_2", b"{}", [secret], datetime.now(UTC)))
    assert (good.status_code, forged.status_code) == (200, 400)
    assert said == ["msg_1  webhook.test", "refused: no signature fits the secret"]
