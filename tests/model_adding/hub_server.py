"""As much of the hub as adding a model asks for, on a port of this machine: listings, files, and refusals."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "1" * 40
SMALLEST_LARGE = 10_000


@dataclass
class Repository:
    """One model. `breaks` is after how many bytes each of the next answers with a large file ends too early.

    With `falls` the hub has nothing but 503 to say after the first of them, with `stalls` it says nothing any more.
    `announced` is said to be each file's size.
    """

    files: Mapping[str, bytes]
    gated: bool = False
    token: str = ""
    branches: tuple[str, ...] = ("main",)
    breaks: list[int] = field(default_factory=list)
    falls: bool = False
    down: bool = False
    stalls: bool = False
    damaged: bool = False
    announced: int | None = None


@dataclass
class Hub:
    """`asked` has path, Range and Authorization of each request. Large files come from `/cdn` of another host name."""

    url: str
    models: dict[str, Repository] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def content_ranges(self) -> list[str]:
        """Of all requests for the content of large files, empty where the whole was asked for."""
        return [given for path, given, _ in self.asked if path.startswith("/cdn/")]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = Hub(f"http://127.0.0.1:{self.server_port}")


@contextmanager
def open_hub() -> Iterator[Hub]:
    """A hub without models, until the end."""
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.hub
    finally:
        server.hub.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> Hub:
        assert isinstance(self.server, _Server)
        return self.server.hub

    def log_message(self, format: str, *args: object) -> None:
        """Requests are in `asked`."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.hub.asked.append((path, self.headers.get("Range", ""), self.headers.get("Authorization", "")))
        parts = path.strip("/").split("/")
        name = "/".join(parts[2:4] if parts[0] == "api" else parts[1:3] if parts[0] == "cdn" else parts[:2])
        repository = self.hub.models.get(name)
        if repository is None:
            self._refuse(401 if not self.headers.get("Authorization") else 404, "RepoNotFound")
        elif parts[0] == "cdn":
            self._content(repository, parts[3])
        elif repository.token and self.headers.get("Authorization") != f"Bearer {repository.token}":
            self._refuse(401, "", "Invalid credentials in Authorization header")
        elif parts[0] == "api":
            self._list(name, repository, parts[5] if len(parts) > 4 else "main")
        else:
            self._resolve(name, repository, parts[4])

    def _list(self, name: str, repository: Repository, revision: str) -> None:
        if revision not in (*repository.branches, COMMIT):
            self._refuse(404, "RevisionNotFound")
            return
        rows = [_row(file, content) for file, content in repository.files.items()]
        if repository.announced is not None:
            rows = [{**row, "size": repository.announced} for row in rows]
        self._send(200, json.dumps({"id": name, "sha": COMMIT, "private": False, "siblings": rows}).encode())

    def _resolve(self, name: str, repository: Repository, file: str) -> None:
        if repository.gated:
            self._refuse(403, "GatedRepo", "Access to this model is restricted.")
        elif repository.down:
            self._refuse(503, "")
        elif len(repository.files[file]) < SMALLEST_LARGE:
            self._send(200, repository.files[file])
        else:
            self._send(302, b"", Location=f"{self.hub.url.replace('127.0.0.1', 'localhost')}/cdn/{name}/{file}")

    def _content(self, repository: Repository, file: str) -> None:
        content = repository.files[file]
        if repository.damaged:
            content = bytes(len(content))
        begin = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        rest = memoryview(content)[begin:]
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Length", str(len(rest)))
        if "Range" in self.headers:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        most = repository.breaks.pop(0) if repository.breaks else len(rest) // 2 if repository.stalls else len(rest)
        self.close_connection = most < len(rest)
        repository.down = repository.falls and self.close_connection
        # Who reads may leave, as somebody does who types Ctrl-C.
        with suppress(ConnectionError):
            self.wfile.write(rest[:most])
        if repository.stalls:
            self.hub.over.wait()

    def _refuse(self, status: int, code: str, message: str = "") -> None:
        self._send(status, b"", **{"X-Error-Code": code, "X-Error-Message": message})

    def _send(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _row(name: str, content: bytes) -> dict[str, object]:
    blob, sha256 = _digests(content)
    row: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": blob}
    if len(content) >= SMALLEST_LARGE:
        row["lfs"] = {"size": len(content), "sha256": sha256, "pointerSize": 134}
    return row


@cache
def _digests(content: bytes) -> tuple[str, str]:
    """By git, and SHA-256."""
    blob = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    blob.update(content)
    return blob.hexdigest(), hashlib.sha256(content).hexdigest()
