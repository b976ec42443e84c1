"""The HLS playlists. Audio itself is fetched from object storage by redirect, so no byte of it passes here."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from domain.kit.errors import NotFound
from domain.kit.registry import Services
from domain.playback.model import Rendition, master_playlist, media_playlist
from domain.playback.service import PlaybackService

Renderer = Callable[[Rendition], str]

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
REDIRECT_SECONDS = 60


def _playlists(request: Request) -> PlaybackService:
    services: Services = request.app.state.services
    return services.get(PlaybackService)


async def master(request: Request) -> Response:
    return await _playlist(request, master_playlist)


async def media(request: Request) -> Response:
    return await _playlist(request, media_playlist)


async def segment(request: Request) -> Response:
    try:
        url = await _playlists(request).segment_url(request.path_params["token"], request.path_params["name"])
    except NotFound as error:
        return PlainTextResponse(error.message, 404)
    return RedirectResponse(url, 307, {"Cache-Control": f"private, max-age={REDIRECT_SECONDS}"})


async def _playlist(request: Request, render: Renderer) -> Response:
    try:
        rendition = await _playlists(request).rendition_for(request.path_params["token"])
    except NotFound as error:
        return PlainTextResponse(error.message, 404)
    caching = "private, max-age=60" if rendition.is_complete else "no-store"
    return Response(render(rendition), media_type=PLAYLIST_TYPE, headers={"Cache-Control": caching})


ROUTES = (
    Route("/hls/{token}/master.m3u8", master),
    Route("/hls/{token}/audio.m3u8", media),
    Route("/hls/{token}/{name}", segment),
)
