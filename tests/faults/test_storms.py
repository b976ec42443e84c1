"""A running load while processes die, freeze and forget: every accepted job ends once, and the books are right."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from bootstrap.cli import documents
from domain.kit.ids import new_id
from domain.library.folders import attempt_folder
from tests.faults.api import GENERATE, Api, bare
from tests.faults.evidence import Bucket, Database
from tests.faults.ground import WORKERS, Ground
from tests.faults.load import Crowd
from tests.faults.stale import traces_of
from tests.faults.storm import Harm, Kind, Storm
from tests.faults.verdict import judge, until_quiet

LEASE_SECONDS = 5.0
PATIENCE_SECONDS = 60.0
WISH = {"prompt": "dreamy lofi hip hop, rhodes", "durationSeconds": 10.0}
HARMS = (
    *(Harm(Kind.KILL, name) for name in ("worker", "worker", "worker", "worker-2", "worker-2")),
    *(Harm(Kind.KILL, name) for name in ("redis", "mongod", "triton", "swift-proxy", "swift-object", "api")),
    Harm(Kind.FREEZE, "worker", 7.0),
    *(Harm(Kind.FREEZE, name, 2.0) for name in ("redis", "mongod", "triton", "swift-proxy", "swift-container")),
    Harm(Kind.EMPTY, "redis"),
    Harm(Kind.LOSE, "redis"),
)


@asynccontextmanager
async def living(crowd: Crowd) -> AsyncGenerator[None, None]:
    """The people use the platform while in the block, and see their songs through behind it."""
    await crowd.arrive()
    stopping = asyncio.Event()
    life = asyncio.create_task(crowd.live(stopping))
    try:
        yield
        stopping.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await life
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def signed_up(ground: Ground) -> Api:
    api = Api(ground.api_url)
    await api.sign_up()
    return api


async def accepted(api: Api, **more: object) -> str:
    """The global id of a new job."""
    answer = await api.call("generateTrack", GENERATE, {"input": {**WISH, **more}})
    assert answer.code is None, answer.detail
    job_id: str = answer.result["job"]["id"]
    return job_id


@pytest.mark.timeout(240)
async def test_a_storm_of_every_kind_breaks_no_promise(ground: Ground, database: Database, seed: int) -> None:
    # given people on a free and on a paid plan, who make, cancel and retry songs
    crowd = Crowd.of(ground.api_url, seed, free=2, paid=1, longest=10.0)
    storm = Storm(ground, database, random.Random(seed), HARMS, rest_seconds=2.0)
    # when everything that can be harmed is harmed, in an order of chance
    async with living(crowd):
        await storm.all_once(pauses=(0.1, 0.8))
    # then every promise was kept, to them and in all that is stored
    verdict = await judge(ground, crowd, PATIENCE_SECONDS)
    assert crowd.accepted
    assert verdict.faults == []


@pytest.mark.parametrize("thaw", ["when the job is over", "as soon as another has it"])
async def test_a_worker_that_was_frozen_beyond_its_lease_writes_nothing(
    ground: Ground, database: Database, bucket: Bucket, seed: int, thaw: str
) -> None:
    # given a worker that is frozen somewhere in a song
    job_id = bare(await accepted(await signed_up(ground), durationSeconds=60.0))
    lease = await leased(database, job_id)
    await asyncio.sleep(random.Random(seed).uniform(0.0, 4.0))
    victim = next(name for name in WORKERS if lease["worker"].endswith(f":{ground.pid(name)}"))
    request = await database["generations"].find_one({"_id": job_id})
    assert request is not None
    stale = attempt_folder(request["track_id"], request["version_id"], 1, lease["token"]) + "/"
    async with Redis.from_url(ground.endpoints.redis_url) as redis:
        with ground.frozen(victim):
            # when its lease is over, another worker has taken the job
            if thaw == "when the job is over":
                await until_quiet(database, PATIENCE_SECONDS)
            else:
                await leased(database, job_id, after_attempt=1)
            before = await traces_of(database, bucket, redis, [job_id])
        # then the first one, awake again, changes nothing of what is stored
        await asyncio.sleep(4)
        await until_quiet(database, PATIENCE_SECONDS)
        after = await traces_of(database, bucket, redis, [job_id])
    job = await database["jobs"].find_one({"_id": job_id})
    assert job is not None
    assert (job["status"], job["attempt"]) == ("SUCCEEDED", 2)
    assert await bucket.sizes(stale) == {}
    if thaw == "when the job is over":
        assert before.changes(after) == []


async def leased(database: Database, job_id: str, after_attempt: int = 0) -> dict[str, str]:
    """The lease of a job, once it has one of a later attempt."""
    query = {"_id": job_id, "status": "RUNNING", "attempt": {"$gt": after_attempt}}
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if job := await database["jobs"].find_one(query):
                lease: dict[str, str] = job["lease"]
                return lease
            await asyncio.sleep(0.02)


async def test_jobs_are_recovered_from_a_redis_that_lost_all(ground: Ground, database: Database, seed: int) -> None:
    # given more jobs than workers take at once
    people = [await signed_up(ground) for _ in range(4)]
    jobs = [bare(await accepted(person, durationSeconds=6.0)) for person in people for _ in range(3)]
    # when Redis dies with its disk, and the new one is emptied, while they wait and run
    chance = random.Random(seed)
    await asyncio.sleep(chance.uniform(0.0, 1.0))
    await ground.until_back("redis", ground.lose_redis())
    await asyncio.sleep(chance.uniform(0.0, 1.0))
    await ground.empty_redis()
    started = time.monotonic()
    # then all of them are made
    await until_quiet(database, PATIENCE_SECONDS)
    assert time.monotonic() - started < 60
    found = await database["jobs"].find({"_id": {"$in": jobs}}).to_list()
    assert [job["status"] for job in found] == ["SUCCEEDED"] * len(jobs)


async def test_what_mongodb_has_acknowledged_survives_its_death(ground: Ground, database: Database, seed: int) -> None:
    # given people who ask for songs all the time
    chance, end = random.Random(seed), time.monotonic() + 8
    people = [await signed_up(ground) for _ in range(6)]
    known: dict[str, bool] = {}

    async def ask(person: Api) -> None:
        while time.monotonic() < end:
            answer = await person.call("generateTrack", GENERATE, {"input": WISH})
            if answer.code is None:
                job_id = answer.result["job"]["id"]
                known[bare(job_id)] = False
                canceled = await person.call("cancelJob", documents.CANCEL, {"input": {"jobId": job_id}})
                known[bare(job_id)] = canceled.code is None

    async def kill_twice() -> None:
        for _ in range(2):
            await asyncio.sleep(chance.uniform(0.5, 2.0))
            await ground.until_back("mongod", ground.kill("mongod"))

    # when MongoDB is killed under them
    await asyncio.gather(kill_twice(), *(ask(person) for person in people))
    # then whatever it had confirmed is there, and what it could not do was told in clear words
    await until_quiet(database, PATIENCE_SECONDS)
    stored = {job["_id"]: job["status"] async for job in database["jobs"].find({"_id": {"$in": list(known)}})}
    assert len(known) > 10
    assert stored.keys() == known.keys()
    assert {stored[job_id] for job_id, canceled in known.items() if canceled} == {"CANCELED"}
    assert [answer for person in people for _, answer in person.heard if not answer.is_clean] == []


async def test_fifty_calls_at_once_with_one_key_are_one_job_and_one_hold(ground: Ground, database: Database) -> None:
    api = await signed_up(ground)
    wish = {**WISH, "idempotencyKey": new_id()}
    # when a call is sent fifty times at the same moment
    answers = await asyncio.gather(*(api.call("generateTrack", GENERATE, {"input": wish}) for _ in range(50)))
    # then all are told of the same job, which is there once and held for once
    assert [answer.code for answer in answers] == [None] * 50
    (job_id,) = {bare(answer.result["job"]["id"]) for answer in answers}
    job = await database["jobs"].find_one({"_id": job_id})
    assert job is not None
    assert await database["jobs"].count_documents({"owner_id": job["owner_id"]}) == 1
    assert await database["generations"].count_documents({"owner_id": job["owner_id"]}) == 1
    assert await database["credit_transfers"].count_documents({"owner_id": job["owner_id"], "kind": "HOLD"}) == 1
