"""What is done to the platform while it is under load, one row of the issue's table each."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from domain.kit.ids import new_id
from domain.library.folders import attempt_folder
from tests.faults.api import GENERATE, Api, bare
from tests.faults.ground import WORKERS
from tests.faults.stale import objects_seen, traces_of
from tests.faults.storm import Harm, Kind
from tests.faults.verdict import until_quiet
from tests.soak.trial import PATIENCE_SECONDS, Trial

FROZEN_SECONDS = 60.0
AWAKE_SECONDS = 8.0
SONG_SECONDS = 60.0
SONGS = 4

Experiment = Callable[[Trial, float, int], Awaitable[None]]


async def storm(trial: Trial, minutes: float, count: int) -> None:
    """Every kind of harm, drawn by chance, one after the other."""
    end = time.monotonic() + minutes * 60
    async with trial.load():
        while time.monotonic() < end:
            await asyncio.sleep(trial.chance.uniform(2.0, 9.0))
            await trial.strike(trial.storm.draw())


async def worker_kills(trial: Trial, minutes: float, count: int) -> None:
    """kill -9 of a worker that is at work, at random points of what it does."""
    async with trial.load():
        while len(trial.storm.blows) < count:
            await asyncio.sleep(trial.chance.uniform(0.0, 5.0))
            victim = trial.chance.choice(WORKERS)
            if trial.storm.is_rested(victim) and await trial.storm.held_by(trial.ground.pid(victim)):
                await trial.strike(Harm(Kind.KILL, victim))


async def redis_losses(trial: Trial, minutes: float, count: int) -> None:
    """Redis is emptied, and killed with its disk, in turns."""
    async with trial.load():
        for number in range(count):
            await asyncio.sleep(trial.chance.uniform(10.0, 20.0))
            await trial.strike(Harm((Kind.EMPTY, Kind.LOSE)[number % 2], "redis"))
        await asyncio.sleep(30)


async def mongod_kills(trial: Trial, minutes: float, count: int) -> None:
    """MongoDB is killed and comes back."""
    async with trial.load():
        for _ in range(count):
            await asyncio.sleep(trial.chance.uniform(3.0, 8.0))
            await trial.strike(Harm(Kind.KILL, "mongod"))


async def frozen_workers(trial: Trial, minutes: float, count: int) -> None:
    """SIGSTOP of a worker for a minute in the middle of its songs; then nothing that it does may count."""
    watching = asyncio.create_task(trial.storm.watch())
    try:
        for _ in range(count):
            await _freeze_once(trial)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _freeze_once(trial: Trial) -> None:
    jobs = [bare(await _new_job(trial)) for _ in range(SONGS)]
    victim = trial.chance.choice(WORKERS)
    await _until_busy(trial, victim)
    await asyncio.sleep(trial.chance.uniform(0.0, 6.0))
    held = await trial.storm.held_by(trial.ground.pid(victim))
    prefixes = [await _prefix(trial, job_id, attempt) for job_id, attempt in held]
    with trial.ground.frozen(victim):
        trial.storm.note(Harm(Kind.FREEZE, victim, FROZEN_SECONDS), trial.ground.pid(victim), held)
        await asyncio.sleep(FROZEN_SECONDS)
        await until_quiet(trial.database, PATIENCE_SECONDS)
        before = await traces_of(trial.database, trial.bucket, trial.redis, jobs)
    seen = await asyncio.gather(*(objects_seen(trial.bucket, prefix, AWAKE_SECONDS) for prefix in prefixes))
    after = await traces_of(trial.database, trial.bucket, trial.redis, jobs)
    trial.thaws += 1
    trial.late_writes += before.changes(after)
    trial.late_objects += [key for keys in seen for key in keys]
    trial.say.print(f"[dim]{victim} frozen with {len(held)} jobs, {sum(map(len, seen))} late objects[/dim]")


async def _new_job(trial: Trial) -> str:
    api = Api(trial.ground.api_url)
    await api.sign_up()
    wish = {"prompt": "driving techno in F minor", "durationSeconds": SONG_SECONDS, "idempotencyKey": new_id()}
    answer = await api.until_answered("generateTrack", GENERATE, {"input": wish})
    job_id: str = answer.result["job"]["id"]
    return job_id


async def _until_busy(trial: Trial, victim: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if trial.storm.is_rested(victim) and await trial.storm.held_by(trial.ground.pid(victim)):
                return
            await asyncio.sleep(0.05)


async def _prefix(trial: Trial, job_id: str, attempt: int) -> str:
    """Where the attempt that has the job now puts its objects."""
    job = await trial.database["jobs"].find_one({"_id": job_id})
    request = await trial.database["generations"].find_one({"_id": job_id})
    if job is None or request is None or job["lease"] is None:
        return f"tracks/{job_id}-ended/"
    return attempt_folder(request["track_id"], request["version_id"], attempt, job["lease"]["token"]) + "/"


async def one_key(trial: Trial, minutes: float, count: int) -> None:
    """So many calls at once under one key, again and again."""
    for _ in range(10):
        api = Api(trial.ground.api_url)
        await api.sign_up()
        wish = {"prompt": "calm piano", "durationSeconds": 5.0, "idempotencyKey": new_id()}
        calls = [api.until_answered("generateTrack", GENERATE, {"input": wish}) for _ in range(count)]
        answers = await asyncio.gather(*calls)
        ids = {answer.result["job"]["id"] for answer in answers}
        trial.late_writes += _more_than_one(ids)


def _more_than_one(ids: set[str]) -> Sequence[str]:
    return sorted(map(bare, ids))[1:]


EXPERIMENTS: Mapping[str, Experiment] = {
    "storm": storm,
    "worker-kills": worker_kills,
    "frozen-workers": frozen_workers,
    "redis-losses": redis_losses,
    "mongod-kills": mongod_kills,
    "one-key": one_key,
}
