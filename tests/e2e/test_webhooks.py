"""A song made by the real servers is told to a receiver on this machine, signed."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from strawberry.relay.utils import from_base64

from bootstrap.cli import webhook_documents as documents
from bootstrap.cli.client import CadenzaClient, success
from bootstrap.cli.home import Home, Person
from domain.kit.ids import new_id
from tests.contracts.closed_port import closed_port
from tests.webhooks.receiver import open_receiver

pytestmark = pytest.mark.e2e


async def test_a_song_that_is_done_is_told_to_whoever_registered(api_url: str) -> None:
    # given a person with an endpoint on this machine
    client = CadenzaClient(api_url)
    await client.sign_in_or_up(Person(f"{new_id()}@cadenza.example", "a good password", "Ada Lovelace"))
    async with open_receiver() as receiver:
        wanted = {"url": receiver.url, "events": ["JOB_SUCCEEDED", "JOB_CANCELED"]}
        made = success((await client.execute(documents.CREATE_ENDPOINT, {"input": wanted}))["createWebhookEndpoint"])
        # when a song is made
        job = await client.generate({"prompt": "calm piano waltz", "durationSeconds": 5.0, "seed": 3})
        async for _ in client.progress(job["id"]):
            pass
        # then one message arrives that the specification's own library accepts
        arrived = await receiver.next()
        message = arrived.verified(made["secret"])
        assert message["type"] == "job.succeeded"
        assert arrived.told_of["id"] == job["id"]
        assert arrived.told_of["trackId"] == job["trackId"]
        assert arrived.told_of["status"] == "SUCCEEDED"
        # and a test, which the API asks a worker in another process for, arrives as well
        test = success(
            (await client.execute(documents.SEND_TEST, {"input": {"endpointId": made["endpoint"]["id"]}}))[
                "sendTestWebhook"
            ]
        )
        arrived = await receiver.next()
        assert arrived.verified(made["secret"])["type"] == "webhook.test"
        assert arrived.headers["webhook-id"] == f"msg_{from_base64(test['delivery']['id'])[1]}"
        assert len(receiver.got) == 2


async def test_the_command_listens_verifies_prints_and_cleans_up(api_url: str, tmp_path: Path) -> None:
    # given `cadenza webhooks listen` of somebody
    environment = {**os.environ, "CADENZA_HOME": str(tmp_path), "CADENZA_API_URL": api_url, "COLUMNS": "300"}
    command = [sys.executable, "-m", "bootstrap.cli", "webhooks", "listen", "--port", str(closed_port())]
    listening = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
    assert listening.stdout is not None
    # Only against waiting for ever: three programs start meanwhile, and the machine may be busy.
    async with asyncio.timeout(240):
        endpoint_id, *rest = (await listening.stdout.readline()).decode().split()
        assert rest[:3] == ["is", "told", "at"]
        # when a test is sent to its endpoint, then it prints what it verified
        client = CadenzaClient(api_url)
        await client.sign_in_or_up(Home(tmp_path).person())
        success((await client.execute(documents.SEND_TEST, {"input": {"endpointId": endpoint_id}}))["sendTestWebhook"])
        message_id, told = (await listening.stdout.readline()).decode().split()
        assert (message_id[:4], told) == ("msg_", "webhook.test")
        # and when it is interrupted, then its endpoint is gone
        listening.send_signal(signal.SIGINT)
        assert await listening.wait() == 0
    assert (await client.execute(documents.ENDPOINTS))["webhookEndpoints"]["edges"] == []
