"""Content negotiation of GraphQL over HTTP: which media type to answer with, and which bodies are read."""

from collections.abc import Iterator
from functools import lru_cache

RESPONSE_JSON = "application/graphql-response+json"
PLAIN_JSON = "application/json"
EVENT_STREAM = "text/event-stream"
# In the order of preference; what a client leaves open becomes plain JSON, as old clients expect it.
OFFERED = (PLAIN_JSON, RESPONSE_JSON, EVENT_STREAM)


@lru_cache(maxsize=1024)
def negotiate(accept: str | None) -> str | None:
    """The offered type that the Accept header likes best (RFC 9110, 12.5.1); None when it takes none of them."""
    if accept is None or not accept.strip():
        return PLAIN_JSON
    ranges = list(_ranges(accept))
    best, best_quality = None, (0.0, 0.0)
    for offered in OFFERED:
        quality = max((found for found in (_match(one, offered) for one in ranges) if found), default=None)
        if quality is not None:
            specificity, weight = quality
            if weight > 0 and (weight, specificity) > best_quality:
                best, best_quality = offered, (weight, specificity)
    return best


@lru_cache(maxsize=256)
def is_json(content_type: str | None) -> bool:
    """Whether a body of this type is read: JSON in UTF-8."""
    if content_type is None:
        return False
    name, *parameters = [part.strip().lower() for part in content_type.split(";")]
    charsets = [value.strip('" ') for key, _, value in (part.partition("=") for part in parameters) if key == "charset"]
    return name == PLAIN_JSON and set(charsets) <= {"utf-8", "utf8"}


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(","):
        name, *parameters = [piece.strip().lower() for piece in part.split(";")]
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                quality = _quality(parameter[2:])
        yield name, quality


def _quality(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _match(accepted: tuple[str, float], offered: str) -> tuple[float, float] | None:
    """How specific a range is that takes the offered type, and its weight."""
    name, quality = accepted
    if name == offered:
        return 2.0, quality
    if name == f"{offered.partition('/')[0]}/*" and offered != EVENT_STREAM:
        return 1.0, quality
    return (0.0, quality) if name == "*/*" and offered != EVENT_STREAM else None
