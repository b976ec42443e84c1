"""Whether the session behind a long connection lives on."""

import asyncio

import structlog

from graphql_api.core.context import Context

log = structlog.get_logger()


async def session_ended(context: Context, every_seconds: float) -> None:
    """Returns when the caller's session is over. Looks every so often; what cannot be asked now is asked again."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            if not await context.is_still_valid():
                return
        except Exception as error:
            log.warning("session_not_checked", exc_info=error)
