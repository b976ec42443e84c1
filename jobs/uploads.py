"""The job that makes a track of a file."""

from typing import Any

from domain.kit.registry import Services
from domain.uploads.model import JOB_KIND
from domain.uploads.services.clear import SourceClearing
from domain.uploads.services.process import UploadProcessing
from jobs.core.runner import AttemptRunner


async def process_upload(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
    """The source goes when the lease is over: a success ends the lease, and nothing may be done under it any more."""
    services: Services = ctx["services"]
    runner: AttemptRunner = ctx["runner"]
    await runner.run(JOB_KIND, job_id, attempt, services.get(UploadProcessing).process)
    await services.get(SourceClearing).after(job_id)
