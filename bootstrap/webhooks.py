"""Opens what webhooks leave by, and names for the outside what they tell of."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.webhooks.sender import open_sender
from bootstrap.settings import Settings
from domain.generation.services.request import GenerationRequests
from domain.jobs.model import Job, JobStatus
from domain.kit.caller import Caller
from domain.uploads.services.look import UploadLooking
from domain.webhooks.destinations import STANDARD_PORTS, Destinations
from domain.webhooks.payload import PublicNames
from domain.webhooks.sender import WebhookSender
from graphql_api.core.ids import global_id

TRACK = "Track"


@dataclass(frozen=True)
class Outbound:
    """What sends webhooks, and where they may go."""

    sender: WebhookSender
    destinations: Destinations


@asynccontextmanager
async def open_outbound(settings: Settings) -> AsyncGenerator[Outbound, None]:
    allowed = destinations(settings)
    async with open_sender(allowed) as sender:
        yield Outbound(sender, allowed)


def destinations(settings: Settings) -> Destinations:
    chosen = settings.webhooks
    return Destinations(STANDARD_PORTS | frozenset(chosen.ports), chosen.loopback)


class PublicJobNaming:
    """Global ids by the kind of job; a track is named once it is there."""

    def __init__(self, type_names: Mapping[str, str], generations: GenerationRequests, uploads: UploadLooking) -> None:
        self._type_names = type_names
        self._generations = generations
        self._uploads = uploads

    async def names_of(self, job: Job) -> PublicNames:
        return PublicNames(global_id(self._type_names[job.kind], job.id), await self._track_of(job))

    async def _track_of(self, job: Job) -> str | None:
        if job.status is not JobStatus.SUCCEEDED:
            return None
        owner = Caller(job.owner_id)
        generation = (await self._generations.by_job(owner, [job.id])).get(job.id)
        if generation is not None:
            return global_id(TRACK, generation.track_id)
        upload = (await self._uploads.by_job(owner, [job.id])).get(job.id)
        return None if upload is None else global_id(TRACK, upload.track_id)
