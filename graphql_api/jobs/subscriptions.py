"""Watching a job."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from domain.jobs.feed_cursor import FeedCursor
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.follow_all import JobFeed
from domain.kit.errors import Issue, ValidationFailed
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.sharing import SHARED, Shared
from graphql_api.jobs.queries import JOB_TYPES
from graphql_api.jobs.types import JobProgress


@strawberry.type
class JobSubscription:
    @strawberry.subscription(
        description="The state of a job now, then every change, then its final state; completes after it.",
        metadata={SHARED: Shared(unless="afterEventId")},
    )
    async def job_progress(
        self,
        info: Info,
        job_id: Annotated[strawberry.ID, strawberry.argument(description="The job's id.")],
        after_event_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The last event you have seen; you get what came after it."),
        ] = None,
    ) -> AsyncGenerator[JobProgress, None]:
        found = local_id(job_id, JOB_TYPES, "jobId")
        after = None if after_event_id is None else _event_number(after_event_id)
        events = info.context.service(JobFollowing).watch(info.context.caller, found, after)
        async with aclosing(events):
            async for event in events:
                yield JobProgress.of(str(event.id), event.data)

    @strawberry.subscription(
        description="Every change of all your jobs: first the open ones as they are, then what happens. Never ends."
    )
    async def my_jobs(
        self,
        info: Info,
        after_event_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The last event of `myJobs` you have seen; you get what came after it."),
        ] = None,
    ) -> AsyncGenerator[JobProgress, None]:
        after = None if after_event_id is None else _cursor(after_event_id)
        posts = info.context.service(JobFeed).watch(info.context.caller, after)
        async with aclosing(posts):
            async for post in posts:
                yield JobProgress.of(post.position, post.data)


def _cursor(text: str) -> FeedCursor:
    try:
        return FeedCursor.parse(text)
    except ValueError as error:
        issue = Issue("afterEventId", f"{text[:40]!r} is not the id of an event of `myJobs`.")
        raise ValidationFailed([issue]) from error


def _event_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise ValidationFailed([Issue("afterEventId", f"{text[:40]!r} is not the id of an event of this job.")])
    return int(text)
