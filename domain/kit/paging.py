"""Pages, and keyset paging over ids that ascend with time; newest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from domain.kit.errors import Issue, ValidationFailed
from domain.kit.ids import is_id

MAX_PAGE = 100

T = TypeVar("T")
U = TypeVar("U")


class Sized(Protocol):
    """A wish for a page of so many items."""

    @property
    def first(self) -> int: ...


def checked_size(first: int) -> None:
    """Raises `ValidationFailed` for a page of a size that is not given."""
    if not 1 <= first <= MAX_PAGE:
        raise ValidationFailed([Issue("first", f"'first' must be between 1 and {MAX_PAGE}.")])


@dataclass(frozen=True)
class PageRequest:
    """Asks for at most `first` items that come after the item with the id `after`."""

    first: int = 20
    after: str | None = None

    def __post_init__(self) -> None:
        checked_size(self.first)
        if self.after is not None and not is_id(self.after):
            raise ValidationFailed([Issue("after", "'after' is not a cursor of this list.")])


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list and whether more follows."""

    items: Sequence[T]
    has_next: bool

    @classmethod
    def cut(cls, found: Sequence[T], request: Sized) -> "Page[T]":
        """A page from a query that asked for one item more than wanted."""
        return cls(items=found[: request.first], has_next=len(found) > request.first)

    def map(self, change: Callable[[T], U]) -> "Page[U]":
        return Page(items=[change(item) for item in self.items], has_next=self.has_next)
