"""The HLS playlists. Segments are fetched from object storage by redirect, so no byte of them passes here."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from domain.kit.errors import DependencyUnavailable, NotFound
from domain.kit.registry import Services
from domain.playback.model import Rendition, master_playlist, media_playlist
from domain.playback.services.playback import PlaybackService

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
REDIRECT_SECONDS = 60
RETRY_SECONDS = 2
NOTHING_HERE = "There is nothing to play at this address. It may have expired; ask for playback again."


def _playlists(request: Request) -> PlaybackService:
    services: Services = request.app.state.services
    return services.get(PlaybackService)


async def master(request: Request) -> Response:
    async def work() -> Response:
        return _playlist(await _rendition(request), master_playlist)

    return await answered(request, work)


async def media(request: Request) -> Response:
    async def work() -> Response:
        variant, rendition = _variant(request), await _rendition(request)
        if not rendition.has(variant):
            raise NotFound("variant", variant)
        return _playlist(rendition, lambda found: media_playlist(found, variant))

    return await answered(request, work)


async def segment(request: Request) -> Response:
    return await answered(request, lambda: _redirect(request))


def _variant(request: Request) -> str:
    """The folder in the address; renditions from before there was a ladder have none."""
    name: str = request.path_params.get("variant", "")
    return name


async def _rendition(request: Request) -> Rendition:
    return await _playlists(request).rendition_for(request.path_params["token"])


def _playlist(rendition: Rendition, render: Callable[[Rendition], str]) -> Response:
    caching = "private, max-age=60" if rendition.is_complete else "no-store"
    return Response(render(rendition), media_type=PLAYLIST_TYPE, headers={"Cache-Control": caching})


async def _redirect(request: Request) -> Response:
    asked = request.path_params
    url = await _playlists(request).segment_url(asked["token"], _variant(request), asked["name"])
    return RedirectResponse(url, 307, {"Cache-Control": f"private, max-age={REDIRECT_SECONDS}"})


async def answered(request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
    """404 for what is not there, and 503 while a server is away, so that a player tries again."""
    try:
        return await work()
    except NotFound:
        return PlainTextResponse(NOTHING_HERE, 404)
    except Exception as error:
        outage = error if isinstance(error, DependencyUnavailable) else request.app.state.as_unavailable(error)
        if outage is None:
            raise
        return PlainTextResponse(outage.message, 503, {"Retry-After": str(RETRY_SECONDS)})


ROUTES = (
    Route("/hls/{token}/master.m3u8", master),
    Route("/hls/{token}/audio.m3u8", media),
    Route("/hls/{token}/{variant}/audio.m3u8", media),
    Route("/hls/{token}/{name}", segment),
    Route("/hls/{token}/{variant}/{name}", segment),
)
