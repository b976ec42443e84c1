"""Accepting a wish for a song."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict

from domain.accounts.service import AccountService
from domain.generation.errors import UnknownModel
from domain.generation.model import JOB_KIND, MAX_SEED, Generation, GenerationRequest, request_issues
from domain.generation.services.understand import ModelCatalogue
from domain.generation.store import GenerationStore
from domain.jobs.model import Job, NewJob
from domain.jobs.services.accept import JobAcceptance
from domain.kit.caller import Caller
from domain.kit.clock import Clock
from domain.kit.errors import Unauthenticated, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.transactions import Session

# Measured on two cores; see `make bench`. What a job really takes is learned while it runs.
EXPECTED_START_SECONDS = 2.0
EXPECTED_SECONDS_PER_SECOND = 0.12
DEADLINE_START_SECONDS = 60.0
DEADLINE_SECONDS_PER_SECOND = 2.0


class GenerationRequests:
    """What people do with generations."""

    def __init__(
        self,
        store: GenerationStore,
        acceptance: JobAcceptance,
        accounts: AccountService,
        catalogue: ModelCatalogue,
        clock: Clock,
    ) -> None:
        self._store = store
        self._acceptance = acceptance
        self._accounts = accounts
        self._catalogue = catalogue
        self._clock = clock

    async def generate(self, caller: Caller, request: GenerationRequest) -> Job:
        """Accepts the request as a job that is not lost any more.

        Raises `Unauthenticated`, `ValidationFailed`, `UnknownModel` and `IdempotencyConflict`.
        """
        account = await self._accounts.viewer(caller)
        if account is None:
            raise Unauthenticated()
        self._check(request)
        generation = Generation(
            job_id=new_id(),
            owner_id=account.id,
            track_id=new_id(),
            version_id=new_id(),
            artist=account.display_name,
            seed=secrets.randbelow(MAX_SEED + 1) if request.seed is None else request.seed,
            request=request,
            brief=None,
            title=None,
        )

        async def write_request(session: Session) -> None:
            await self._store.insert(generation, self._clock.now(), session)

        return await self._acceptance.accept(_new_job(generation), write_request)

    async def by_job(self, caller: Caller, job_ids: Sequence[str]) -> dict[str, Generation]:
        """The caller's generations among these jobs, in one query."""
        return await self._store.find_many(caller.require(), job_ids)

    def _check(self, request: GenerationRequest) -> None:
        issues = request_issues(request)
        try:
            self._catalogue.card(request.model_id)
        except UnknownModel:
            if not issues:
                raise
        if issues:
            raise ValidationFailed(issues)


def _new_job(generation: Generation) -> NewJob:
    request = generation.request
    return NewJob(
        id=generation.job_id,
        kind=JOB_KIND,
        owner_id=generation.owner_id,
        expected_seconds=EXPECTED_START_SECONDS + EXPECTED_SECONDS_PER_SECOND * request.duration_seconds,
        deadline_seconds=DEADLINE_START_SECONDS + DEADLINE_SECONDS_PER_SECOND * request.duration_seconds,
        idempotency_key=request.idempotency_key,
        fingerprint=fingerprint(request),
    )


def fingerprint(request: GenerationRequest) -> str:
    """SHA-256 over the request without its key: two requests with the same one ask for the same thing."""
    fields = asdict(request)
    del fields["idempotency_key"]
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
