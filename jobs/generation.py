"""The job that makes a song."""

from typing import Any

from domain.generation.model import JOB_KIND
from domain.generation.services.produce import SongProduction
from domain.kit.registry import Services
from jobs.core.runner import AttemptRunner


async def generate_track(ctx: dict[Any, Any], job_id: str, attempt: int) -> None:
    services: Services = ctx["services"]
    runner: AttemptRunner = ctx["runner"]
    await runner.run(JOB_KIND, job_id, attempt, services.get(SongProduction).produce)
