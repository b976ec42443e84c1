"""The smallest HTTP request that tells whether a server answers; no redirects, no body, one connection each."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit


async def http_status(method: str, url: str, headers: Mapping[str, str] | None = None) -> int:
    """The status code of the answer; OSError or ValueError when there is none."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure or None)
    try:
        fields = {"Host": parts.netloc, "Connection": "close", "Content-Length": "0", **(headers or {})}
        lines = [f"{method} {parts.path or '/'} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode("ascii"))
        await writer.drain()
        answer = (await reader.readline()).split()
        if len(answer) < 2:
            raise ConnectionError(f"{parts.netloc} closed the connection without an answer")
        return int(answer[1])
    finally:
        writer.close()


async def check_health(url: str) -> None:
    """Raises until a GET of `url` answers 200."""
    status = await http_status("GET", url)
    if status != 200:
        raise ConnectionError(f"{url} answered {status}")
