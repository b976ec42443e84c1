"""Doing harm to single processes of a running stack, and auditing what is left."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from adapters import mongo
from bootstrap.settings import MongoSettings
from deploy.embedded import EmbeddedStack, Endpoints


def pid_of(stack: EmbeddedStack, name: str) -> int:
    pid = next(status.pid for status in stack.status() if status.name == name)
    assert pid is not None, f"{name} does not run"
    return pid


def kill(stack: EmbeddedStack, name: str) -> None:
    """SIGKILL, as a crash or the kernel's memory killer would; the supervisor starts it again."""
    os.kill(pid_of(stack, name), signal.SIGKILL)


@contextmanager
def frozen(stack: EmbeddedStack, name: str) -> Iterator[None]:
    """SIGSTOP while in the block: connections stay open and nothing answers."""
    pid = pid_of(stack, name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def audit(endpoints: Endpoints, job_ids: list[str]) -> list[str]:
    """What is wrong with the records of these jobs (bare ids); an empty list is the wanted answer."""
    client = mongo.connect(endpoints.mongo_url)
    try:
        database = client[MongoSettings(url=endpoints.mongo_url).database]
        found: list[str] = []
        for job_id in job_ids:
            job = await database["jobs"].find_one({"_id": job_id})
            versions = await database["versions"].find({"origin.job_id": job_id}).to_list()
            renditions = await database["renditions"].find({"job_id": job_id}).to_list()
            found += _faults_of(job_id, job, versions, renditions)
        return found
    finally:
        await client.close()


def _faults_of(
    job_id: str, job: dict[str, Any] | None, versions: list[dict[str, Any]], renditions: list[dict[str, Any]]
) -> list[str]:
    if job is None:
        return [f"{job_id}: lost"]
    succeeded = job["status"] == "SUCCEEDED"
    faults = []
    if job["status"] in ("QUEUED", "RUNNING"):
        faults.append(f"{job_id}: never ended")
    if len(versions) != succeeded:
        faults.append(f"{job_id}: {job['status']} with {len(versions)} versions")
    if [rendition["is_complete"] for rendition in renditions] != [True] * succeeded:
        faults.append(f"{job_id}: {job['status']} with half a rendition")
    if job["lease"] is not None:
        faults.append(f"{job_id}: still leased")
    return faults


async def readiness(api_url: str) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=10) as http:
        answer: dict[str, Any] = (await http.get(f"{api_url}/readyz")).json()
    return answer


async def until_ready(api_url: str) -> None:
    """Returns when every dependency of the API answers."""
    while True:
        if (await readiness(api_url))["ready"]:
            return
        await asyncio.sleep(0.2)
