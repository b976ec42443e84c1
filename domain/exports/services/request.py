"""Asking for all that is known of oneself."""

import math

from domain.accounts.audit import SecurityEventKind
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.security_log import SecurityLog
from domain.credits.services.wallets import CreditWallets
from domain.exports.errors import ExportUnderWay, TooManyExports
from domain.exports.model import DAY, DEADLINE_SECONDS, JOB_KIND, KEPT, MAX_A_DAY, NOMINAL_SECONDS, Export
from domain.exports.store import ExportStore
from domain.idempotency.model import key_issues, keyed_call
from domain.jobs.model import Job, NewJob, Share
from domain.jobs.services.accept import JobAcceptance
from domain.kit.caller import Caller, Client
from domain.kit.clock import Clock
from domain.kit.errors import ValidationFailed
from domain.kit.ids import new_id
from domain.kit.transactions import DuplicateKey, Session

OPERATION = "requestAccountExport"


class ExportRequests:
    """Only people ask, with their password: what is packed is everything."""

    def __init__(
        self,
        store: ExportStore,
        proof: PasswordProof,
        security: SecurityLog,
        wallets: CreditWallets,
        acceptance: JobAcceptance,
        clock: Clock,
    ) -> None:
        self._store = store
        self._proof = proof
        self._security = security
        self._wallets = wallets
        self._acceptance = acceptance
        self._clock = clock

    async def request(self, caller: Caller, password: str, client: Client, key: str | None) -> Job:
        """Accepts the job, which costs nothing.

        Raises `WrongCredentials`, `PasswordNotSet`, `TooManyAttempts`, `ExportUnderWay`, `TooManyExports`,
        `ValidationFailed`, `IdempotencyConflict`, `TooManyJobs` and `Overloaded`.
        """
        account = await self._proof.check(caller, password, client)
        if issues := key_issues(key):
            raise ValidationFailed(issues)
        call = keyed_call(account.id, key, OPERATION, {})
        if (repeated := await self._acceptance.repeated(call)) is not None:
            return repeated[0]
        await self._check(account.id)
        now = self._clock.now()
        export = Export(new_id(), account.id, now, now + KEPT)

        async def write(session: Session) -> None:
            await self._store.insert(export, session)
            await self._security.record(account.id, SecurityEventKind.DATA_EXPORTED, client, session)

        try:
            (job,) = await self._acceptance.accept([await self._job(export)], call, write)
        except DuplicateKey as error:
            # the same wish at the same time was faster
            raise ExportUnderWay() from error
        return job

    async def _check(self, owner_id: str) -> None:
        if await self._store.has_open(owner_id):
            raise ExportUnderWay()
        now = self._clock.now()
        asked = await self._store.asked_since(owner_id, now - DAY)
        if len(asked) >= MAX_A_DAY:
            free_at = asked[MAX_A_DAY - 1] + DAY
            raise TooManyExports(MAX_A_DAY, math.ceil((free_at - now).total_seconds()))

    async def _job(self, export: Export) -> NewJob:
        return NewJob(
            id=export.job_id,
            kind=JOB_KIND,
            owner_id=export.owner_id,
            share=Share.of(await self._wallets.plan_of(export.owner_id), is_batch=True),
            price=0,
            nominal_seconds=NOMINAL_SECONDS,
            deadline_seconds=DEADLINE_SECONDS,
        )
