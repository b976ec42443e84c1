"""The job that packs a person's data."""

from typing import Any

from domain.exports.model import JOB_KIND
from domain.exports.services.pack import ExportPacking
from domain.kit.registry import Services
from jobs.core.runner import AttemptRunner


async def export_account(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
    services: Services = ctx["services"]
    runner: AttemptRunner = ctx["runner"]
    await runner.run(JOB_KIND, job_id, attempt, services.get(ExportPacking).run)
