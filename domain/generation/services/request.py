"""Accepting a wish for songs or for a change of one, and telling beforehand what they cost."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, replace

from domain.credits.catalogue import PriceBook
from domain.credits.errors import PlanLimitReached
from domain.credits.model import Plan
from domain.credits.services.wallets import CreditWallets
from domain.generation.edits import Extend
from domain.generation.fitting import made_seconds, misfits
from domain.generation.limits import MAX_SEED
from domain.generation.model import (
    JOB_KIND,
    Generation,
    GenerationRequest,
    Quote,
    request_issues,
)
from domain.generation.models import ModelCard
from domain.generation.services.models import ModelCatalogue
from domain.generation.services.parents import Parents, length_with
from domain.generation.stages import pace_of
from domain.generation.store import GenerationStore
from domain.idempotency.model import KeyedCall, keyed_call
from domain.jobs.model import Job, NewJob, Share
from domain.jobs.services.accept import JobAcceptance
from domain.kit.artists import Artist, Artists
from domain.kit.audio.music_engine import COMPOSER
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import ValidationFailed
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from domain.library.model import Track
from domain.library.services.join import TrackJoining

OPERATION = "generateTrack"


class GenerationRequests:
    """What people do with generations."""

    def __init__(
        self,
        store: GenerationStore,
        models: ModelCatalogue,
        parents: Parents,
        acceptance: JobAcceptance,
        artists: Artists,
        joining: TrackJoining,
        wallets: CreditWallets,
        prices: PriceBook,
        clock: Clock,
    ) -> None:
        self._store = store
        self._models = models
        self._parents = parents
        self._acceptance = acceptance
        self._artists = artists
        self._joining = joining
        self._wallets = wallets
        self._prices = prices
        self._clock = clock

    async def generate(self, caller: Caller, request: GenerationRequest) -> Sequence[Job]:
        """Accepts the request as jobs that are not lost any more, one for each variation; all of them or none.

        Raises `Unauthenticated`, `ValidationFailed`, `UnknownModel`, `ModelNotAllowed`, `DependencyUnavailable` when
        nobody can tell whether there is such a model, `NotFound` for the version to begin with or whose melody to
        follow, `NoScore` for one that cannot be changed, `Forbidden` and `EmailUnverified` for one that would be
        published, `PlanLimitReached`, `IdempotencyConflict`, `InsufficientCredits`, `TooManyJobs` and `Overloaded`.
        """
        artist = await self._artists.of_caller(caller, Scope.GENERATE)
        _check(request)
        call = _keyed(artist.id, request)
        if (repeated := await self._acceptance.repeated(call)) is not None:
            return repeated
        card, request = await self._maker(request)
        joined, request = await self._joined(caller, request, card)
        plan = await self._wallets.plan_of(artist.id)
        _check_plan(plan, request)
        generations = _variations(artist, request, joined)

        async def write_requests(session: Session) -> None:
            for generation in generations:
                await self._store.insert(generation, self._clock.now(), session)

        price = self._price(request, card)
        jobs = [_new_job(generation, card, Share.of(plan), price) for generation in generations]
        return await self._acceptance.accept(jobs, call, write_requests)

    async def quote(self, caller: Caller, request: GenerationRequest) -> Quote:
        """What `generate` would cost and how long it would take, now and with the caller's plan; charges nothing.

        Raises what `generate` does before it accepts.
        """
        owner_id = caller.require(Scope.GENERATE)
        _check(request)
        card, request = await self._maker(request)
        _, request = await self._joined(caller, request, card)
        wallet = await self._wallets.wallet(owner_id)
        plan = self._wallets.plan(wallet.plan_id)
        _check_plan(plan, request)
        nominal = pace_of(card).nominal_seconds(made_seconds(card, request))
        forecast = await self._acceptance.forecast(JOB_KIND, owner_id, nominal, Share.of(plan), request.variation_count)
        return Quote(
            credits=self._price(request, card) * request.variation_count,
            available_credits=wallet.available,
            wait_seconds=forecast.wait_seconds,
            work_seconds=forecast.work_seconds,
        )

    async def by_job(self, caller: Caller, job_ids: Sequence[str]) -> dict[str, Generation]:
        """The caller's generations among these jobs, in one query."""
        return await self._store.find_many(caller.require(Scope.JOBS, Scope.GENERATE), job_ids)

    async def _maker(self, request: GenerationRequest) -> tuple[ModelCard, GenerationRequest]:
        """The model that is to make it, and can, and the request that names it."""
        if request.model_id is None:
            card = await self._models.usual(has_energy=request.energy is not None)
        else:
            card = await self._models.chosen(request.model_id)
        if issues := misfits(card, request):
            raise ValidationFailed(issues)
        return card, replace(request, model_id=card.id)

    async def _joined(
        self, caller: Caller, request: GenerationRequest, card: ModelCard
    ) -> tuple[Track | None, GenerationRequest]:
        """The track that the songs are to join, if there is one, and the request with all that it says of them."""
        if request.melody_version_id is not None:
            await self._parents.seen(caller, request.melody_version_id)
        if request.descent is None:
            return None, request
        joining = await self._joining.to_join(caller, request.descent)
        request = replace(request, descent=joining.descent)
        if request.edit is not None:
            request = replace(request, duration_seconds=length_with(request.edit, joining.parent, card))
        return joining.track, request

    def _price(self, request: GenerationRequest, card: ModelCard) -> int:
        return self._prices.price(JOB_KIND, card.id, made_seconds(card, request))


def _check(request: GenerationRequest) -> None:
    if issues := request_issues(request):
        raise ValidationFailed(issues)


def _check_plan(plan: Plan, request: GenerationRequest) -> None:
    over = request.duration_seconds - plan.max_duration_seconds
    if over > 0 and isinstance(request.edit, Extend):
        raise PlanLimitReached(plan.name, "seconds", max(0.0, request.edit.seconds - over))
    if over > 0:
        raise PlanLimitReached(plan.name, "durationSeconds", plan.max_duration_seconds)
    if request.variation_count > plan.max_variations:
        raise PlanLimitReached(plan.name, "variationCount", plan.max_variations)


def _variations(artist: Artist, request: GenerationRequest, joined: Track | None) -> list[Generation]:
    """The same wish with one seed after the other, as tracks of their own or as versions of one that is there."""
    title = request.title if joined is None else joined.title
    first = secrets.randbelow(MAX_SEED + 1) if request.seed is None else request.seed
    return [
        Generation(
            job_id=new_id(),
            owner_id=artist.id,
            track_id=new_id() if joined is None else joined.id,
            version_id=new_id(),
            artist=artist.name if joined is None else joined.artist,
            seed=(first + number) % (MAX_SEED + 1),
            request=replace(request, title=title),
            brief=None,
            title=None,
        )
        for number in range(request.variation_count)
    ]


def _new_job(generation: Generation, card: ModelCard, share: Share, price: int) -> NewJob:
    duration, made, pace = generation.request.duration_seconds, made_seconds(card, generation.request), pace_of(card)
    return NewJob(
        id=generation.job_id,
        kind=JOB_KIND,
        owner_id=generation.owner_id,
        share=share,
        price=price,
        nominal_seconds=pace.nominal_seconds(made),
        deadline_seconds=pace.deadline_seconds(duration),
        stage_limits=pace.stage_limits(duration),
    )


def _keyed(owner_id: str, request: GenerationRequest) -> KeyedCall | None:
    fields = asdict(request)
    del fields["idempotency_key"]
    # As keys of earlier releases were made.
    for later in ("edit", "sections", "melody_version_id"):
        if not fields[later]:
            del fields[later]
    fields["model_id"] = fields["model_id"] or COMPOSER
    operation = OPERATION if request.edit is None else request.edit.operation
    return keyed_call(owner_id, request.idempotency_key, operation, fields)
