"""The worker program."""

import asyncio
import os

import structlog
import uvloop
from prometheus_client import start_http_server

from adapters import shared_ring
from adapters.fair_queue.hands import Hands
from adapters.fair_queue.queue import RedisFairQueue
from adapters.mongo import as_unavailable
from bootstrap.areas import AREAS, DOCUMENTS, build_services
from bootstrap.services import Kit, open_kit
from bootstrap.settings import Settings, run_program
from domain.accounts.services.erasure import AccountErasure, ExportJanitor
from domain.exports.services.tidy import ArchiveJanitor
from domain.generation.services.understand import PromptUnderstanding
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.kit import processes
from domain.kit.concurrency import stop
from domain.kit.errors import DependencyUnavailable
from domain.library.services.index import TrackIndexing
from domain.library.services.janitor import TrashJanitor
from domain.likes.services.count import LikeCounting
from domain.mail.service import MailOutbox
from domain.partners.services.closing import OrganisationClosing
from domain.playback.services.janitor import RenditionJanitor
from domain.playback.services.record import remove_abandoned_folders
from domain.plays.services.count import PlayCounting
from domain.uploads.services.janitor import UploadJanitor
from domain.uploads.services.set_cover import CoverJanitor
from domain.webhooks.services.dispatch import WebhookDispatch
from jobs.core.runner import AttemptRunner
from jobs.core.sweeper import Sweeping, sweep_forever
from jobs.core.worker import build_worker

log = structlog.get_logger()

SWEEPERS: tuple[type[Sweeping], ...] = (
    JobSweeping,
    RenditionJanitor,
    UploadJanitor,
    CoverJanitor,
    TrashJanitor,
    TrackIndexing,
    WebhookDispatch,
    MailOutbox,
    AccountErasure,
    ExportJanitor,
    ArchiveJanitor,
    OrganisationClosing,
    PlayCounting,
    LikeCounting,
)


def work() -> None:
    """Works until SIGTERM or SIGINT; running jobs get time to end."""
    uvloop.run(_run(Settings()))


async def _run(settings: Settings) -> None:
    async with open_kit(settings, DOCUMENTS) as kit:
        build_services(kit)
        shared_ring.remove_orphans()
        remove_abandoned_folders(settings.worker.work_dir)
        if settings.worker.metrics_port:
            start_http_server(settings.worker.metrics_port, addr=settings.worker.metrics_host)
        jobs, webhooks = kit.services.get(JobSweeping), kit.services.get(WebhookDispatch)
        sweepers = [kit.services.get(kind) for kind in SWEEPERS]
        counting = kit.services.get(PlayCounting)
        beside = [
            asyncio.create_task(webhooks.run(), name="webhooks"),
            asyncio.create_task(counting.run(processes.name_of(os.getpid())), name="plays"),
            asyncio.create_task(sweep_forever(sweepers, jobs, settings.worker.sweep_seconds), name="sweeper"),
        ]
        try:
            await _warm_up(kit)
            await _work(kit)
        finally:
            await stop(*beside)


async def _work(kit: Kit) -> None:
    name = processes.name_of(os.getpid())
    context = {
        "services": kit.services,
        "runner": AttemptRunner(kit.services.get(JobRunning), name, as_unavailable),
    }
    functions = [job for area in AREAS for job in area.jobs.items()]
    hands = Hands(RedisFairQueue(kit.arq), name)
    worker = build_worker(kit.arq, hands, functions, context, kit.settings.worker.at_once)
    log.info("worker_ready", worker=name, kinds=[kind for kind, _ in functions])
    try:
        await worker.async_run()
    except asyncio.CancelledError:
        log.info("worker_stops")
    finally:
        await worker.close()


async def _warm_up(kit: Kit) -> None:
    """Embeds the anchors before the first prompt needs them; without Triton that happens later."""
    try:
        await kit.services.get(PromptUnderstanding).warm_up()
    except DependencyUnavailable as error:
        log.warning("warm_up_postponed", reason=error.detail)


if __name__ == "__main__":
    run_program(work)
