"""The end of every trial: wait until nothing goes on, read all that is stored, and judge it."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.credits.audit import FINAL
from tests.credits.audit import audit as audit_credits
from tests.faults.audit import faults_of, faults_of_promises, orphans_of
from tests.faults.evidence import Bucket, Database, Evidence, gather, open_bucket, open_database
from tests.faults.ground import Ground
from tests.faults.harm import until_ready
from tests.faults.load import Crowd

SAMPLE = 40


@dataclass(frozen=True)
class Verdict:
    """`faults` breaks the promise; `orphans` only takes room."""

    evidence: Evidence
    faults: Sequence[str]
    orphans: dict[str, list[str]]

    def count(self, status: str) -> int:
        return sum(job["status"] == status for job in self.evidence.jobs)


async def until_quiet(database: Database, seconds: float) -> float:
    """Returns after how many seconds no job was open and nothing was to be sent; raises `TimeoutError`."""
    started = time.monotonic()
    async with asyncio.timeout(seconds):
        while True:
            if not await open_jobs(database) and not await database["job_outbox"].count_documents({}):
                return time.monotonic() - started
            await asyncio.sleep(0.25)


async def open_jobs(database: Database) -> int:
    return await database["jobs"].count_documents({"status": {"$nin": sorted(FINAL)}})


async def judge(ground: Ground, crowd: Crowd, patience: float, settle_seconds: float = 0.0) -> Verdict:
    """Waits until all is over, and then so long again for those who clear up."""
    async with asyncio.timeout(patience):
        await until_ready(ground.api_url)
    async with open_database(ground.endpoints) as database, open_bucket(ground.endpoints) as bucket:
        await until_quiet(database, patience)
        await asyncio.sleep(settle_seconds)
        evidence = await gather(database, bucket)
        faults = [
            *faults_of(evidence),
            *await audit_credits(database),
            *await wrong_bytes(evidence, bucket),
            *faults_of_promises(evidence, crowd.accepted, crowd.canceled),
        ]
    jobs = {job["_id"]: job for job in evidence.jobs}
    for person in crowd.people:
        faults += [*person.faults, *person.watchers.faults(jobs)]
    faults += [f"an answer tells nothing: {answer}" for answer in crowd.unclean()]
    return Verdict(evidence, faults, orphans_of(evidence))


async def wrong_bytes(evidence: Evidence, bucket: Bucket) -> list[str]:
    """Assets, a sample of them, whose bytes are not those that were recorded."""
    assets = [asset for version in evidence.versions for asset in version["assets"]]
    sample = random.sample(assets, min(SAMPLE, len(assets)))
    return [f"object {a['key']}: has other bytes" for a in sample if await bucket.sha256(a["key"]) != a["sha256"]]
