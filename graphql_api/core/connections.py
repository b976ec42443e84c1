"""Relay connections over keyset pages."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import strawberry
from strawberry import relay
from strawberry.relay.utils import from_base64, to_base64

from domain.kit.errors import Issue, ValidationFailed
from domain.kit.keyset import Order, SortedPageRequest, place_from_text
from domain.kit.paging import Page, PageRequest

CURSOR = "cursor"
DEFAULT_PAGE = 20

NodeT = TypeVar("NodeT")
T = TypeVar("T")


class Following(Protocol):
    """A wish for what lies behind a place, if it names one."""

    @property
    def after(self) -> object: ...


@strawberry.type(description="One place in a list.")
class Edge(Generic[NodeT]):
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this place.")
    node: NodeT = strawberry.field(description="What is at this place.")


@strawberry.type(description="A part of a list.")
class Connection(Generic[NodeT]):
    page_info: relay.PageInfo = strawberry.field(description="Where this part is and whether more follows.")
    edges: list[Edge[NodeT]] = strawberry.field(description="The places of this part, in order.")


def page_request(first: int, after: str | None) -> PageRequest:
    """Raises `ValidationFailed` for a page size or a cursor that cannot be."""
    return PageRequest(first, None if after is None else position_in(after))


def sorted_page_request(order: Order, first: int, after: str | None) -> SortedPageRequest:
    """Raises `ValidationFailed` for a page size, and for a cursor that is none of this list in this order."""
    return SortedPageRequest(order, first, None if after is None else place_from_text(order, position_in(after)))


def position_in(cursor: str) -> str:
    """Raises `ValidationFailed` for what is no cursor."""
    try:
        kind, position = from_base64(cursor)
    except ValueError:
        kind, position = "", ""
    if kind != CURSOR:
        raise ValidationFailed([Issue("after", "'after' is not a cursor of this list.")])
    return position


def connection(
    page: Page[T],
    request: Following,
    node: Callable[[T], NodeT],
    position: Callable[[T], str],
    end: str | None = None,
) -> Connection[NodeT]:
    """`end` is the position where the part ends, when that may be of something that is not shown."""
    edges = [Edge(cursor=to_base64(CURSOR, position(item)), node=node(item)) for item in page.items]
    info = relay.PageInfo(
        has_next_page=page.has_next,
        has_previous_page=request.after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges and end is None else _cursor(end),
    )
    return Connection(page_info=info, edges=edges)


def _cursor(position: str | None) -> str | None:
    return None if position is None else to_base64(CURSOR, position)
