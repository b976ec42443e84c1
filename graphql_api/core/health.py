"""Liveness, readiness by dependency, and metrics."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

CHECK_SECONDS = 3.0

Check = Callable[[], Awaitable[None]]


async def livez(request: Request) -> Response:
    """The process turns its event loop; nothing else is asked."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """200 when every dependency answers, else 503; the body says which one does not."""
    checks: Mapping[str, Check] = request.app.state.checks
    results = dict(zip(checks, await asyncio.gather(*map(_run, checks.values())), strict=True))
    ready = all(result == "ok" for result in results.values())
    return JSONResponse({"ready": ready, "dependencies": results}, 200 if ready else 503)


async def metrics(request: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _run(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:
        return str(error)[:200] or type(error).__name__
    return "ok"


ROUTES = (Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics))
