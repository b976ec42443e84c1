"""The job that changes many tracks."""

from typing import Any

from domain.bulk.model import JOB_KIND
from domain.bulk.services.run import BulkEditing
from domain.kit.registry import Services
from jobs.core.runner import AttemptRunner


async def edit_tracks(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
    services: Services = ctx["services"]
    runner: AttemptRunner = ctx["runner"]
    await runner.run(JOB_KIND, job_id, attempt, services.get(BulkEditing).run)
