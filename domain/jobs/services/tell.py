"""Telling watchers of a change. Losing an event is no failure: they read the record when the bus is silent."""

import structlog

from domain.jobs.events import changed, feed_of, topic_of
from domain.jobs.model import Job
from domain.kit.errors import DependencyUnavailable
from domain.kit.event_bus import EventBus

log = structlog.get_logger()


async def tell(events: EventBus, job: Job) -> None:
    """Publishes the job's state to those who watch it and to those who watch all jobs of its owner."""
    try:
        await events.publish(topic_of(job.id), changed(job), feed_of(job.owner_id))
    except DependencyUnavailable as error:
        log.warning("job_event_dropped", job_id=job.id, reason=error.detail)
