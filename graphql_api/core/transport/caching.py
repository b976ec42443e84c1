"""What an answer to a GET says of being kept (RFC 9110 and 9111)."""

from collections.abc import Mapping
from hashlib import sha256

PUBLIC = "public, max-age=60"
PRIVATE = "private, no-cache"


def caching_headers(body: bytes, *, is_public: bool) -> Mapping[str, str]:
    """A public answer was given without credentials; any other may be kept by its own client, and asked for again."""
    return {
        "Cache-Control": PUBLIC if is_public else PRIVATE,
        "ETag": f'W/"{sha256(body).hexdigest()[:32]}"',
        "Vary": "Authorization, Accept",
    }


def is_fresh(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has this answer already, by the weak comparison."""
    if if_none_match is None:
        return False
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in known or etag.removeprefix("W/") in known
