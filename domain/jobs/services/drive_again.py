"""Giving a job that ended without a result a new run: its owner for its price, an operator for nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from domain.accounts.model import Permission
from domain.accounts.service import AccountService
from domain.credits.services.ledger import CreditLedger
from domain.credits.services.wallets import CreditWallets
from domain.idempotency.model import key_issues, keyed_call
from domain.idempotency.service import Idempotency
from domain.jobs.errors import JobNotRetryable
from domain.jobs.model import RETRYABLE, Job, RetryPolicy, Share
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.admit import JobAdmission
from domain.jobs.services.meter import JobMeter
from domain.jobs.services.tell import tell
from domain.jobs.stores.jobs import JobStore
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import NotFound, ValidationFailed
from domain.kit.event_bus import EventBus
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session, Transactions


class JobDriving:
    """Retrying one's own jobs, and looking after dead letters."""

    def __init__(
        self,
        store: JobStore,
        transactions: Transactions,
        acceptance: JobAcceptance,
        admission: JobAdmission,
        ledger: CreditLedger,
        wallets: CreditWallets,
        accounts: AccountService,
        idempotency: Idempotency,
        events: EventBus,
        meter: JobMeter,
        clock: Clock,
        policy: RetryPolicy,
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._acceptance = acceptance
        self._admission = admission
        self._ledger = ledger
        self._wallets = wallets
        self._accounts = accounts
        self._idempotency = idempotency
        self._events = events
        self._meter = meter
        self._clock = clock
        self._policy = policy

    async def retry(self, caller: Caller, job_id: str, idempotency_key: str | None = None) -> Job:
        """Makes the caller's job wait again, for the price it had and by the plan of today.

        Raises `ValidationFailed`, `NotFound`, `JobNotRetryable`, `InsufficientCredits`, `TooManyJobs`, `Overloaded` and
        `IdempotencyConflict`.
        """
        owner_id = caller.require(Scope.JOBS)
        if issues := key_issues(idempotency_key):
            raise ValidationFailed(issues)
        found = _found(await self._store.find_owned(owner_id, job_id), job_id)
        call = keyed_call(owner_id, idempotency_key, "retryJob", {"job_id": job_id})
        if await self._idempotency.results_of(call) is not None:
            return _found(await self._store.find_owned(owner_id, job_id), job_id)
        _check_retryable(found)
        share = Share.of(await self._wallets.plan_of(owner_id), is_batch=found.share.is_batch)
        await self._admission.check(owner_id, share, 1)
        reopened: list[Job] = []

        async def work(session: Session) -> Sequence[str]:
            changes = {"share": asdict(share), "price": found.list_price}
            job = await self._reopen(found, {"owner_id": owner_id}, changes, session)
            await self._ledger.hold(owner_id, job.price, job.hold_id, job.id, session)
            reopened[:] = [job]
            return [job.id]

        _, made = await self._idempotency.once(call, work)
        return await self._announce(reopened[0]) if made else _found(await self._store.find(job_id), job_id)

    async def dead(self, caller: Caller, page: PageRequest) -> Page[Job]:
        """Jobs that were given up for good, of all owners; raises `Forbidden` for all but administrators."""
        await self._accounts.require(caller, Permission.TEND_DEAD_LETTERS)
        return await self._store.page_dead(page)

    async def redrive(self, caller: Caller, job_id: str) -> Job:
        """Drives a dead letter again, on the house: its owner got the credits back when it died.

        Raises `Forbidden`, `NotFound` and `JobNotRetryable`.
        """
        await self._accounts.require(caller, Permission.TEND_DEAD_LETTERS)
        found = _found(await self._store.find(job_id), job_id)
        if found.dead_letter is None:
            raise JobNotRetryable(found.id, found.status)

        async def work(session: Session) -> Job:
            return await self._reopen(found, {}, {"price": 0}, session)

        return await self._announce(await self._transactions.run(work))

    async def _reopen(self, found: Job, where: Mapping[str, Any], changes: Mapping[str, Any], session: Session) -> Job:
        now = self._clock.now()
        gives_up_at = self._policy.gives_up_at(now)
        job = await self._store.reopen(where, found, changes, now, gives_up_at, session)
        if job is None:
            raise JobNotRetryable(found.id, found.status)
        return job

    async def _announce(self, job: Job) -> Job:
        self._meter.accepted(job)
        await self._acceptance.dispatch(job)
        await tell(self._events, job)
        return job


def _found(job: Job | None, job_id: str) -> Job:
    if job is None:
        raise NotFound("job", job_id)
    return job


def _check_retryable(job: Job) -> None:
    if job.status not in RETRYABLE:
        raise JobNotRetryable(job.id, job.status)
