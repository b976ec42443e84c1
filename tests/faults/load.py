"""People who use the platform while it is harmed, remember what they were told, and retry as careful clients do."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bootstrap.cli import documents
from bootstrap.cli.client import ApiProblem
from bootstrap.cli.credits import pay_test
from domain.kit.ids import new_id
from tests.faults.api import GENERATE, Answer, Api, bare
from tests.faults.watching import Watchers

PROMPTS = ("dreamy lofi hip hop, rhodes", "driving techno in F minor", "calm piano in D major", "funk, slap bass")


@dataclass
class Person:
    """Wishes for songs, one or two at a time. `plan` is one to pay for, or None."""

    api: Api
    chance: random.Random
    plan: str | None = None
    longest: float = 20.0
    accepted: set[str] = field(default_factory=set)
    canceled: set[str] = field(default_factory=set)
    retried: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    watchers: Watchers = field(init=False)
    _following: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.watchers = Watchers(self.api, self.chance)

    async def arrive(self) -> None:
        """Signs up, and pays for the plan."""
        await self.api.sign_up()
        if self.plan is not None:
            await self._pay("subscribeToPlan", documents.SUBSCRIBE, {"planKey": self.plan})

    async def live(self, stopping: asyncio.Event) -> None:
        """Asks for songs until `stopping`, then waits for the end of those that were accepted."""
        feed = asyncio.create_task(self.watchers.follow_all())
        try:
            while not stopping.is_set():
                await self._act()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), self.chance.uniform(0.5, 3.0))
            if self._following:
                await asyncio.gather(*self._following)
            await self.watchers.told_all()
        finally:
            if feed.done() and not feed.cancelled():
                self.faults.append(f"the feed broke: {feed.exception()!r}")
            for task in (feed, *self._following):
                task.cancel()
            await asyncio.gather(feed, *self._following, return_exceptions=True)

    async def _act(self) -> None:
        answer = await self.wish(self.chance.uniform(5.0, self.longest))
        if answer.code == "INSUFFICIENT_CREDITS":
            await self._pay("buyCredits", documents.BUY_CREDITS, {"packKey": "pack-1000"})
        if answer.result is None:
            return
        (job,) = answer.result["jobs"]
        task = asyncio.create_task(self._see_through(job["id"]))
        self._following.add(task)
        task.add_done_callback(self._following.discard)
        if len(self._following) >= self.chance.randint(1, 3):
            await asyncio.wait(self._following, return_when=asyncio.FIRST_COMPLETED)

    async def wish(self, seconds: float) -> Answer:
        """With a key half of the time, and then some times more than once at the same moment."""
        wish: dict[str, Any] = {"prompt": self.chance.choice(PROMPTS), "durationSeconds": round(seconds, 1)}
        if self.chance.random() < 0.5:
            answers = [await self.api.call("generateTrack", GENERATE, {"input": wish})]
        else:
            wish["idempotencyKey"] = new_id()
            at_once = self.chance.choice((1, 1, 2, 4))
            calls = [self.api.until_answered("generateTrack", GENERATE, {"input": wish}) for _ in range(at_once)]
            answers = await asyncio.gather(*calls)
        return self._remember(answers)

    def _remember(self, answers: Sequence[Answer]) -> Answer:
        """The answer that counts. Calls with one key may differ in whether they were taken, not in what was made."""
        made = [answer for answer in answers if answer.result is not None]
        ids = {job["id"] for answer in made for job in answer.result["jobs"]}
        if len(ids) > 1:
            self.faults.append(f"one key made {len(ids)} jobs: {sorted(map(bare, ids))}")
        for job_id in ids:
            if bare(job_id) not in self.accepted:
                self.accepted.add(bare(job_id))
                self.watchers.expect(job_id)
        return made[0] if made else answers[0]

    async def _see_through(self, job_id: str) -> None:
        """Watches a job to its end, may change its mind on the way, and may try again what failed."""
        canceling = asyncio.create_task(self._maybe_cancel(job_id))
        status = await self.watchers.follow(job_id)
        await canceling
        while status == "FAILED" and self.chance.random() < 0.7 and await self._retry(job_id):
            status = await self.watchers.follow(job_id)

    async def _maybe_cancel(self, job_id: str) -> None:
        if self.chance.random() > 0.15:
            return
        await asyncio.sleep(self.chance.uniform(0.0, 6.0))
        answer = await self.api.until_answered("cancelJob", documents.CANCEL, {"input": {"jobId": job_id}})
        if answer.result is not None:
            self.canceled.add(bare(job_id))

    async def _retry(self, job_id: str) -> bool:
        given = {"jobId": job_id, "idempotencyKey": new_id()}
        answer = await self.api.until_answered("retryJob", documents.RETRY, {"input": given})
        if answer.result is None:
            return False
        self.retried.add(bare(job_id))
        return True

    async def _pay(self, name: str, document: str, wanted: dict[str, str]) -> None:
        given = {**wanted, "idempotencyKey": new_id()}
        answer = await self.api.until_answered(name, document, {"input": given})
        if answer.result is None:
            self.faults.append(f"{name} was refused: {answer.code}")
            return
        for _ in range(20):
            try:
                await pay_test(answer.result["checkoutUrl"])
            except ApiProblem:
                await asyncio.sleep(1)
            else:
                return
        self.faults.append(f"{name} could not be paid for")


@dataclass
class Crowd:
    """All people of a load, and what they know together."""

    people: Sequence[Person]

    @classmethod
    def of(cls, api_url: str, seed: int, free: int, paid: int, longest: float = 20.0) -> "Crowd":
        plans = [None] * free + ["creator"] * paid
        return cls([Person(Api(api_url), random.Random(f"{seed}/{i}"), plan, longest) for i, plan in enumerate(plans)])

    async def arrive(self) -> None:
        await asyncio.gather(*(person.arrive() for person in self.people))

    async def live(self, stopping: asyncio.Event) -> None:
        """Raises `Unanswered` when somebody got no clear answer for minutes."""
        await asyncio.gather(*(person.live(stopping) for person in self.people))

    @property
    def accepted(self) -> set[str]:
        return {job_id for person in self.people for job_id in person.accepted}

    @property
    def canceled(self) -> set[str]:
        """Jobs whose cancel was confirmed and that nobody wanted again."""
        return {job_id for person in self.people for job_id in person.canceled - person.retried}

    def codes(self) -> Counter[tuple[str, str]]:
        """How often each operation was answered with each code."""
        return Counter((name, answer.code) for name, answer in self._heard() if answer.code is not None)

    def unclean(self) -> list[str]:
        """Answers that tell a client nothing."""
        return [f"{name}: {answer.detail}" for name, answer in self._heard() if not answer.is_clean]

    def _heard(self) -> list[tuple[str, Answer]]:
        return [heard for person in self.people for heard in person.api.heard]
