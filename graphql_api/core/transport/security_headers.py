"""Headers that keep browsers from doing more with an answer than they should."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
POLICY = b"content-security-policy"
NOTHING = (POLICY, b"default-src 'none'; frame-ancestors 'none'")
# Two years, as browsers' preload lists ask for.
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class SecurityHeadersMiddleware:
    """Pages set a content policy of their own or need none; whatever is no page may load and frame nothing."""

    def __init__(self, app: ASGIApp, *, over_https: bool) -> None:
        """`over_https` says that clients reach the API by HTTPS only."""
        self._app = app
        self._headers = (*HEADERS, STRICT_TRANSPORT) if over_https else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message["headers"]
                closed = () if _is_page(given) else (NOTHING,)
                message["headers"] = [*given, *self._headers, *closed]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _is_page(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(
        name == POLICY or (name == b"content-type" and value.startswith(b"text/html")) for name, value in headers
    )
