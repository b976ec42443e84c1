"""Files with the tags of now, whole or in ranges (RFC 9110, section 14)."""

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from domain.kit.registry import Services
from domain.playback.services.download import TaggedDownloads, TaggedFile
from graphql_api.playback.http import answered

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


async def download(request: Request) -> Response:
    async def work() -> Response:
        services: Services = request.app.state.services
        downloads = services.get(TaggedDownloads)
        file = await downloads.open(request.path_params["token"])
        return _answer(request, downloads, file)

    return await answered(request, work)


def _answer(request: Request, downloads: TaggedDownloads, file: TaggedFile) -> Response:
    size, etag = file.size_bytes, f'"{file.etag}"'
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "ETag": etag,
    }
    if is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    reach, status = (0, size), 200
    if (asked := request.headers.get("range")) and request.headers.get("if-range", etag) == etag:
        found = range_of(asked, size)
        if found is None:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        if found != (0, size):
            reach, status = found, 206
            headers["Content-Range"] = f"bytes {reach[0]}-{reach[1] - 1}/{size}"
    headers["Content-Length"] = str(reach[1] - reach[0])
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.content_type)
    return StreamingResponse(downloads.bytes_of(file, *reach), status, headers, file.content_type)


def is_known(asked: str, etag: str) -> bool:
    """Whether an If-None-Match names this validator: among several, as a weak one, or by a star (13.1.2)."""
    named = [each.strip().removeprefix("W/") for each in asked.split(",")]
    return etag in named or named == ["*"]


def range_of(asked: str, size: int) -> tuple[int, int] | None:
    """Where the range begins and ends; the whole for what is not understood, None for what lies behind the end."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or not (found[1] or found[2]):
        return 0, size
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), size if not found[2] else min(size, int(found[2]) + 1)
        if found[2] and int(found[2]) < start:
            return 0, size
    return (start, end) if start < end else None


ROUTES = (Route("/download/{token}", download),)
